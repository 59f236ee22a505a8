"""How much memory there is, how much a picture will need, and who has to wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import onnx

from toonify.converting.tiles import round_up

BYTES_DECODED = 8
"""For each pixel of a picture: Pillow keeps four bytes, and now and then two pictures."""

_PROBE = 256  # pixels a side, at which shapes are worked out
_SLACK = 3.0  # ONNX Runtime took 1.6 times the values of `lite`, 2.8 times those of `cartoongan`


def bytes_per_pixel(model: bytes, multiple: int) -> float:
    """The most memory that a network's values take up at once, for each pixel of its picture.

    Args:
        model: A generator as ONNX.
        multiple: Sides must be multiples of this.
    """
    network = onnx.load_model_from_string(model)
    side = round_up(_PROBE, multiple)
    for axis, length in enumerate((1, side, side)):
        network.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = length
    graph = onnx.shape_inference.infer_shapes(network, data_prop=True).graph
    sizes = {
        value.name: _bytes(value.type.tensor_type)
        for value in (*graph.input, *graph.value_info, *graph.output)
    }
    return _most_at_once(graph, sizes) * _SLACK / side**2


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


class Budget:
    """Makes large pictures wait for each other.

    Args:
        limit: Bytes to share out; `None` for no limit.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def share(self, amount: int) -> Iterator[None]:
        """Waits until `amount` bytes are left, or until nobody else holds any."""
        with self._changed:
            self._changed.wait_for(lambda: self._fits(amount))
            self._taken += amount
        try:
            yield
        finally:
            with self._changed:
                self._taken -= amount
                self._changed.notify_all()

    def _fits(self, amount: int) -> bool:
        return not self._taken or self._limit is None or self._taken + amount <= self._limit
