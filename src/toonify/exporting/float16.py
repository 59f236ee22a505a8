"""A network with its weights as float16: half as large, for files that travel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from onnx import GraphProto

TOLERANCE = 1 / 64
"""Of [-1, 1], two steps of 8-bit colour: how far such a network may draw from the style."""

LEAST_PSNR = 45.0
"""In dB, over all test pictures, for formats whose runtimes may compute in float16."""

SMALL = 64
"""Tensors of up to so many numbers stay as they are: sizes, biases, what the network computes with."""


def half_weights(model: bytes) -> bytes:
    """A network whose weights are stored as float16 and computed with as float32.

    Each weight is rounded to 11 significant bits, once; a runtime casts them back as it loads the file.
    Controls become inputs without a default: ONNX Runtime Web takes no number for one that has it.

    Args:
        model: An ONNX file, checked.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    proto = onnx.load_model_from_string(model)
    graph, casts = proto.graph, []
    drop_defaults(graph)
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        fits = values.size > SMALL and np.abs(values).max() < np.finfo(np.float16).max
        if values.dtype == np.float32 and fits:
            name, stored = weight.name, f"{weight.name} (float16)"
            weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
            casts.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return proto.SerializeToString()


def drop_defaults(graph: GraphProto) -> None:
    """Remove the defaults of a graph's inputs, which are stored as weights of the same names."""
    inputs = {value.name for value in graph.input}
    weights = [weight for weight in graph.initializer if weight.name not in inputs]
    del graph.initializer[:]
    graph.initializer.extend(weights)
