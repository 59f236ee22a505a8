"""A generator's ONNX model, checked, and what it takes to draw a batch of pictures with it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from toonify.errors import ToonifyError
from toonify.styles.checks.folding import SMALL
from toonify.styles.checks.footprint import footprint
from toonify.styles.checks.operators import in_blocks
from toonify.styles.checks.shapes import Operator, Unpredictable, Value, value_of
from toonify.styles.checks.structure import complaint_about, numbers, opset, weights
from toonify.styles.controls import PICTURE
from toonify.styles.network import Batch, Footprint, Network

PIXEL_BYTES = 4 * 2**10
"""The most that a network's values may take up at once for each pixel, beside `FREE_BYTES`; those of
`cartoongan`, the largest that comes with toonify, take up a quarter of it."""

PIXEL_TOTAL = 64 * 2**10
"""The most that all of them may take up together for each pixel, likewise; `cartoongan` has a fifth."""

PIXEL_OPERATIONS = 4_000_000
"""The most multiply-adds for each pixel, beside `FREE_OPERATIONS`; `cartoongan` has a quarter."""

PIXEL_LONGEST = 256_000
"""The most of them in one operator, for a runtime can only be stopped after it."""

PROBE = 256
"""Pictures of about so many pixels a side every generator must be able to draw."""

FREE_BYTES = 64 * 2**20
FREE_OPERATIONS = 2_000_000_000


@dataclass(frozen=True)
class _Graph:
    """A network whose operators are known, by what they make of what.

    Attributes:
        origin: Where it comes from, or what it is, for messages.
        controls: Numbers that it takes beside the picture, by name, with their shapes.
        operators: Those that need the picture.
        values: Those that do not, by name.
        declared: Sides that it says its values have, by name.
        output: Name of the cartoon.
    """

    origin: Path | str
    controls: Mapping[str, tuple[int, ...]]
    operators: tuple[Operator, ...]
    values: dict[str, Value]
    declared: dict[str, tuple[int, ...]]
    output: str

    def footprint(self, batch: Batch) -> Footprint:
        """As `Network.footprint`."""
        given = {PICTURE: batch, **self.controls}  # of controls nothing is known: no size may hang on one
        values = self.values | {
            name: value_of(onnx.TensorProto.FLOAT, shape) for name, shape in given.items()
        }
        try:
            found = footprint(self.operators, values, self.declared, picture=PICTURE, drawn=self.output)
        except Unpredictable as unpredictable:
            raise _refused(self.origin, str(unpredictable)) from None
        drawn = values.get(self.output)
        if drawn is None or drawn.type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
            raise _refused(self.origin, "draws nothing in float32")
        if drawn.shape != batch:
            raise ToonifyError(f"{self.origin} gives {drawn.shape} for a picture of {batch}")
        for complaint in _excesses(found, batch[0] * batch[1] * batch[2]):
            raise _refused(self.origin, complaint)
        return found


def read_network(
    data: bytes, origin: Path | str, *, multiple: int = 0, controls: Collection[str] | None = None
) -> Network:
    """Check a serialised model without running it.

    Args:
        data: The model.
        origin: Where it comes from, or what it is, for messages.
        multiple: The sides of its pictures must be multiples of this; 0 where that is not known, and no
            picture is thought of before there is one.
        controls: Names of the numbers that it should take beside the picture; left out, these are those
            that it has defaults of.

    Raises:
        ToonifyError: naming the origin and what is wrong with it.
    """
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise ToonifyError(f"{origin} is damaged: not an ONNX model") from error
    if complaint := complaint_about(model, len(data), controls):
        raise _refused(origin, complaint)
    inputs = numbers(model.graph)
    values = {name: _value(tensor) for name, tensor in weights(model.graph) if name not in inputs}
    stored = sum(value.bytes for value in values.values())
    declared = {each.name: _sides(each) for each in model.graph.value_info}
    try:
        fixed, drawing = _parted(_operators(model), values)
        found = footprint(fixed, values, declared)
        found.total += _padding([*fixed, *drawing], values)
    except Unpredictable as unpredictable:
        raise _refused(origin, str(unpredictable)) from None
    if found.total > FREE_BYTES + 2 * stored:
        raise _refused(origin, f"makes {found.total / 1e6:,.0f} MB of constants from {stored / 1e6:,.1f} MB")
    if found.operations > FREE_OPERATIONS:
        raise _refused(origin, f"needs {found.operations / 1e9:,.0f} billion operations for its constants")
    drawn = model.graph.output[0].name
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    graph = _Graph(origin, inputs, tuple(drawing), values, declared, drawn)
    network = Network(data, origin, inputs, metadata, graph.footprint)
    if multiple:
        side = -(-PROBE // multiple) * multiple
        network.check((1, side, side, 3))
    return network


def _refused(origin: Path | str, complaint: str) -> ToonifyError:
    return ToonifyError(f"{origin} is not a generator that toonify will run: it {complaint}")


def _excesses(found: Footprint, pixels: int) -> Iterator[str]:
    if found.peak > FREE_BYTES + PIXEL_BYTES * pixels:
        yield f"needs {found.peak / 1e9:,.1f} GB at once for a picture of {pixels:,} pixels"
    if found.total > FREE_BYTES + PIXEL_TOTAL * pixels:
        yield f"makes {found.total / 1e9:,.1f} GB of values for a picture of {pixels:,} pixels"
    if found.operations > FREE_OPERATIONS + PIXEL_OPERATIONS * pixels:
        yield f"needs {found.operations / 1e9:,.0f} billion operations for a picture of {pixels:,} pixels"
    if found.longest > FREE_OPERATIONS + PIXEL_LONGEST * pixels:
        yield f"needs {found.longest / 1e9:,.0f} billion operations at a stretch for {pixels:,} pixels"


def _padding(operators: Sequence[Operator], values: Mapping[str, Value]) -> int:
    """Bytes by which the kernels of convolutions grow when a runtime lays them out for itself."""
    names = {each.inputs[1] for each in operators if each.node.op_type == "Conv" and len(each.inputs) > 1}
    kernels = [values[name] for name in names & values.keys() if values[name].shape]
    return sum(
        kernel.bytes // max(kernel.shape[0], 1) * (in_blocks(kernel.shape[0]) - kernel.shape[0])
        for kernel in kernels
    )


def _value(tensor: onnx.TensorProto) -> Value:
    little = math.prod(tensor.dims) <= SMALL
    return value_of(tensor.data_type, tensor.dims, onnx.numpy_helper.to_array(tensor) if little else None)


def _sides(each: onnx.ValueInfoProto) -> tuple[int, ...]:
    return tuple(side.dim_value for side in each.type.tensor_type.shape.dim)


def _operators(model: onnx.ModelProto) -> Iterator[Operator]:
    version = opset(model)
    for node in model.graph.node:
        if node.op_type == "Constant":
            continue
        try:
            schema = onnx.defs.get_schema(node.op_type, version, "")
        except onnx.defs.SchemaError:
            raise Unpredictable(
                f"uses the operator {node.op_type}, which version {version} has not"
            ) from None
        # A copy, or every weight would be kept that came with it.
        copy = onnx.NodeProto.FromString(node.SerializeToString())
        yield Operator(copy, schema, tuple(node.input), tuple(node.output))


def _parted(operators: Iterator[Operator], values: dict[str, Value]) -> tuple[list[Operator], list[Operator]]:
    """Operators that need no picture, which a runtime carries out as it loads them, and those that do."""
    known = set(values)
    fixed, drawing = [], []
    for each in operators:
        if known.issuperset(filter(None, each.inputs)):
            known.update(each.outputs)
            fixed.append(each)
        else:
            drawing.append(each)
    return fixed, drawing
