"""How much memory a network will need."""

from __future__ import annotations

from typing import Any

from toonify.inference.padding import round_up

_PROBE = 256  # pixels a side, at which shapes are worked out
SLACK = 3.0
"""ONNX Runtime took 1.6 times the values of `lite`, 2.8 times those of `cartoongan`."""


def bytes_per_pixel(model: bytes, multiple: int) -> float:
    """The most memory that a network's values take up at once, for each pixel of its picture.

    Args:
        model: A generator as ONNX.
        multiple: Sides must be multiples of this.
    """
    import onnx

    network = onnx.load_model_from_string(model)
    side = round_up(_PROBE, multiple)
    for axis, length in enumerate((1, side, side)):
        network.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = length
    graph = onnx.shape_inference.infer_shapes(network, data_prop=True).graph
    sizes = {
        value.name: _bytes(value.type.tensor_type)
        for value in (*graph.input, *graph.value_info, *graph.output)
    }
    return _most_at_once(graph, sizes) * SLACK / side**2


def _bytes(tensor: Any) -> int:
    count = 4
    for axis in tensor.shape.dim:
        count *= max(axis.dim_value, 1)
    return count


def _most_at_once(graph: Any, sizes: dict[str, int]) -> int:
    """Walks through the operators in order, dropping each value after its last use."""
    last_use = {name: step for step, node in enumerate(graph.node) for name in node.input}
    alive = most = sizes[graph.input[0].name]
    for step, node in enumerate(graph.node):
        alive += sum(sizes.get(name, 0) for name in node.output)
        most = max(most, alive)
        alive -= sum(sizes.get(name, 0) for name in set(node.input) if last_use[name] == step)
    return most
