"""What an ONNX file must be before a runtime may see it: self-contained, standard, a generator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from toonify.errors import ToonifyError

STANDARD_DOMAINS = ("", "ai.onnx")
INPUT = "picture"


def check_generator(data: bytes, path: Path) -> None:
    """Check a serialised model without running it.

    Args:
        data: The model.
        path: Where it came from, for the messages.

    Raises:
        ToonifyError: naming the file and what is wrong with it.
    """
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise ToonifyError(f"{path} is damaged: not an ONNX model") from error
    complaint = _complaint(model)
    if complaint:
        raise ToonifyError(f"{path} is not a generator that toonify will run: it {complaint}")


def _complaint(model: Any) -> str:
    if not model.graph.node:
        return "has no operators"
    if model.functions or model.training_info:
        return "brings functions or training steps of its own"
    for graph in _graphs(model.graph):
        for node in graph.node:
            if node.domain not in STANDARD_DOMAINS:
                return f"uses the operator {node.op_type} of '{node.domain}', beyond the ONNX standard"
        if any(_external(tensor) for tensor in _tensors(graph)):
            return "keeps data in another file"
    return _signature_complaint(model.graph)


def _graphs(graph: Any) -> Iterator[Any]:
    """The graph and every one inside it (branches and bodies of loops)."""
    waiting = [graph]
    while waiting:
        current = waiting.pop()
        yield current
        for node in current.node:
            for attribute in node.attribute:
                waiting += [attribute.g] if attribute.HasField("g") else []
                waiting += attribute.graphs


def _tensors(graph: Any) -> Iterator[Any]:
    """Every tensor of one graph, sparse ones and those in attributes included."""
    yield from graph.initializer
    sparse = list(graph.sparse_initializer)
    for node in graph.node:
        for attribute in node.attribute:
            yield attribute.t
            yield from attribute.tensors
            sparse += [attribute.sparse_tensor, *attribute.sparse_tensors]
    for tensor in sparse:
        yield tensor.values
        yield tensor.indices


def _external(tensor: Any) -> bool:
    return bool(tensor.external_data) or tensor.data_location != onnx.TensorProto.DEFAULT


def _signature_complaint(graph: Any) -> str:
    names = [value.name for value in graph.input]
    if names != [INPUT]:
        return f"has the inputs {names}, not just '{INPUT}'"
    if len(graph.output) != 1:
        return f"has {len(graph.output)} outputs, not one"
    for value in (graph.input[0], graph.output[0]):
        tensor = value.type.tensor_type
        sides = [side.dim_value for side in tensor.shape.dim]
        if tensor.elem_type != onnx.TensorProto.FLOAT or len(sides) != 4 or sides[3] not in (0, 3):
            return f"has '{value.name}' in another shape than float32 (batch, height, width, 3)"
        if sides[1] or sides[2]:
            return f"fixes the height or width of '{value.name}'"
    if graph.input[0].type.tensor_type.shape.dim[3].dim_value != 3:
        return f"does not say that '{INPUT}' has 3 channels"
    return ""
