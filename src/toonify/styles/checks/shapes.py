"""The size of every value in a graph, worked out operator by operator before any of them runs.

ONNX's shape inference does each operator, given the small arrays that its result's size depends on; `folding`
computes those. What cannot be computed this way depends on pixels, and may be of any size.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx.shape_inference import infer_node_outputs

from toonify.styles.checks.folding import SMALL, fold
from toonify.styles.checks.operators import GROWING

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_NUMBER = 2**31
"""Sizes are computed in 64 bits, and two numbers up to this cannot overflow them."""

TYPES: Mapping[int, int] = {
    onnx.TensorProto.FLOAT: 4,
    onnx.TensorProto.FLOAT16: 2,
    onnx.TensorProto.BFLOAT16: 2,
    onnx.TensorProto.DOUBLE: 8,
    onnx.TensorProto.BOOL: 1,
    onnx.TensorProto.INT8: 1,
    onnx.TensorProto.INT16: 2,
    onnx.TensorProto.INT32: 4,
    onnx.TensorProto.INT64: 8,
    onnx.TensorProto.UINT8: 1,
    onnx.TensorProto.UINT16: 2,
    onnx.TensorProto.UINT32: 4,
    onnx.TensorProto.UINT64: 8,
}
"""Types of values, with the bytes that each takes."""

SIGNED = (onnx.TensorProto.INT8, onnx.TensorProto.INT16, onnx.TensorProto.INT32, onnx.TensorProto.INT64)
"""Whole numbers that may be less than 0."""

MOST_AXES = 10


class Unpredictable(Exception):
    """The text says what a network does of which the size cannot be worked out, after "it"."""


@dataclass(frozen=True)
class Value:
    """A tensor that is there while a network runs.

    Attributes:
        type: As ONNX writes it.
        shape: Each side.
        numbers: What it holds, where that is known and little.
    """

    type: onnx.TypeProto
    shape: tuple[int, ...]
    numbers: NDArray[Any] | None = None

    @functools.cached_property
    def bytes(self) -> int:
        """What it takes up."""
        return math.prod(self.shape) * TYPES[self.type.tensor_type.elem_type]


def value_of(kind: int, shape: Sequence[int], numbers: NDArray[Any] | None = None) -> Value:
    """A value of an element type and a shape."""
    return Value(onnx.helper.make_tensor_type_proto(kind, shape), tuple(shape), numbers)


@dataclass(frozen=True)
class Operator:
    """A node of the graph, with what ONNX knows about operators of its type.

    Attributes:
        node: As in the file.
        schema: Of this version of the operators.
        inputs: Names of what goes in, empty where it is left out.
        outputs: Names of what comes out, likewise.
    """

    node: onnx.NodeProto
    schema: onnx.defs.OpSchema
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.node.op_type} '{self.node.name or next(iter(self.outputs), '')}'"


def inputs_of(each: Operator, values: Mapping[str, Value]) -> list[Value | None]:
    """The inputs of an operator in order, `None` for those that it leaves out.

    Args:
        each: The operator.
        values: What there is so far, by name.

    Raises:
        Unpredictable: if one is not there, or it has too few.
    """
    missing = [name for name in each.inputs if name and name not in values]
    if missing:
        raise Unpredictable(f"has {each.name} use '{missing[0]}', which nothing before it makes")
    if len(each.inputs) < each.schema.min_input or not all(each.inputs[: min(each.schema.min_input, 1)]):
        raise Unpredictable(f"has {each.name} with fewer inputs than it needs")
    return [values[name] if name else None for name in each.inputs]


def outputs_of(
    each: Operator, given: Sequence[Value | None], declared: Mapping[str, Sequence[int]]
) -> dict[str, Value]:
    """What an operator makes, by name.

    Args:
        each: The operator.
        given: Its inputs, as `inputs_of` gives them.
        declared: Sides that the graph says its values have, by name, 0 for those that it leaves open.

    Raises:
        Unpredictable: if their sizes cannot be worked out, or are others than the graph says.
    """
    types = _inferred(each, given)
    names = [name for name in each.outputs if name]
    shapes = [_shape(each, types.get(name), declared.get(name, ())) for name in names]
    numbers = _numbers(each, given, shapes)
    return {
        name: Value(types[name], shape, number)
        for name, shape, number in zip(names, shapes, numbers, strict=True)
    }


def _inferred(each: Operator, given: Sequence[Value | None]) -> Mapping[str, onnx.TypeProto]:
    if not each.schema.has_type_and_shape_inference_function:  # some normalisations: as they came
        return {each.outputs[0]: given[0].type}  # type: ignore[union-attr]
    types, data = {}, {}
    for name, value in zip(each.inputs, given, strict=True):
        if value is None:
            continue
        types[name] = value.type
        if value.numbers is not None:
            _refuse_overflow(each, name, value.numbers)
            data[name] = onnx.numpy_helper.from_array(value.numbers, name)
    _refuse_long_range(each, given)
    _refuse_trap(each, given)
    _refuse_flat_kernel(each, given)
    try:
        return infer_node_outputs(each.schema, each.node, types, data)
    except Exception as error:  # of several classes, not all of them ONNX's
        reason = " ".join(str(error).split())
        raise Unpredictable(f"has {each.name}, which does not fit what it is given: {reason:.200}") from error


def _refuse_overflow(each: Operator, name: str, numbers: NDArray[Any]) -> None:
    sizes = each.node.op_type in GROWING and numbers.dtype.kind in "iuf"
    if sizes and not (abs(numbers.astype(float)) <= LARGEST_NUMBER).all():  # no number is none of these
        raise Unpredictable(f"has {each.name} give a size that cannot be: '{name}' is {numbers.tolist()}")


def _refuse_long_range(each: Operator, given: Sequence[Value | None]) -> None:
    """ONNX counts the numbers of a `Range` in 64 bits, in which 10³⁰ of them may come out as none at all."""
    known = [value.numbers for value in given if value is not None and value.numbers is not None]
    if each.node.op_type != "Range" or [array.size for array in known] != [1, 1, 1]:
        return
    start, end, step = (float(array.item()) for array in known)
    if not step or not (end - start) / step <= LARGEST_NUMBER:
        raise Unpredictable(f"has {each.name} count from {start:g} to {end:g} by {step:g}, which never ends")


def _refuse_trap(each: Operator, given: Sequence[Value | None]) -> None:
    """The least whole number divided by -1 has no result, and ends the process on many a processor."""
    if each.node.op_type not in ("Div", "Mod") or len(given) < 2 or given[1] is None:
        return
    by = given[1]
    if by.type.tensor_type.elem_type in SIGNED and (by.numbers is None or (by.numbers == -1).any()):
        raise Unpredictable(f"has {each.name} divide whole numbers by what may be -1")


def _refuse_flat_kernel(each: Operator, given: Sequence[Value | None]) -> None:
    """A convolution's weights have filters, channels and an area; ONNX infers shapes from fewer axes, too."""
    if each.node.op_type in ("Conv", "ConvInteger", "ConvTranspose"):
        axes = len(given[1].shape) if given[1] else 0
        if axes < 3:
            raise Unpredictable(f"has {each.name} with weights of {axes} axes")


def _shape(each: Operator, made: onnx.TypeProto | None, declared: Sequence[int]) -> tuple[int, ...]:
    if made is None or not made.HasField("tensor_type") or not made.tensor_type.HasField("shape"):
        raise _unknown(each)
    if made.tensor_type.elem_type not in TYPES:
        raise Unpredictable(f"has {each.name} make values of a type that no picture needs")
    shape = tuple(side.dim_value if side.HasField("dim_value") else -1 for side in made.tensor_type.shape.dim)
    if min(shape, default=0) < 0:
        raise _unknown(each)
    if len(shape) > MOST_AXES:
        raise Unpredictable(f"has {each.name} make an array of {len(shape)} axes")
    if declared and not _agree(declared, shape):
        raise Unpredictable(f"says that {each.name} makes {tuple(declared)}, and it makes {shape}")
    return shape


def _unknown(each: Operator) -> Unpredictable:
    return Unpredictable(f"has {each.name}, the size of whose result cannot be worked out beforehand")


def _agree(declared: Sequence[int], shape: Sequence[int]) -> bool:
    return len(declared) == len(shape) and all(
        said in (0, side) for said, side in zip(declared, shape, strict=True)
    )


def _numbers(
    each: Operator, given: Sequence[Value | None], shapes: Sequence[tuple[int, ...]]
) -> Sequence[NDArray[Any] | None]:
    """What the results hold, where it is little and all that it is made of is known."""
    unknown = [None] * len(shapes)
    if each.node.op_type == "Shape" and given[0] is not None:
        ends = {item.name: item.i for item in each.node.attribute}
        return [np.array(given[0].shape[ends.get("start") : ends.get("end")], np.int64)]
    if each.node.op_type == "Size" and given[0] is not None:
        return [np.array(math.prod(given[0].shape), np.int64)]
    if any(math.prod(shape) > SMALL for shape in shapes):
        return unknown
    if any(value is not None and value.numbers is None for value in given):
        return unknown
    made = fold(each.node, [value.numbers if value else None for value in given])
    if made is None or [array.shape for array in made] != list(shapes):
        return unknown
    return made
