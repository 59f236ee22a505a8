"""Operators that a generator may use, and what each costs.

Those that compute a picture from a picture, in a time that depends on the sizes of what they are given. Not
among them: control flow (`Loop`, `If`, `Scan`) and recurrent layers, which may go round for ever; sequences,
text, random numbers; and what gives as many values as the pixels happen to ask for (`NonZero`, `Unique`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import NodeProto

Shape = tuple[int, ...]

ELEMENTWISE = frozenset(
    {"Abs", "Acos", "Acosh", "Add", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd"}
    | {"BitwiseNot", "BitwiseOr", "BitwiseXor", "Cast", "CastLike", "Ceil", "Celu", "Clip", "Cos", "Cosh"}
    | {"DequantizeLinear", "Div", "Dropout", "DynamicQuantizeLinear", "Elu", "Equal", "Erf", "Exp", "Floor"}
    | {"Gelu", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN"}
    | {"LeakyRelu", "Less", "LessOrEqual", "Log", "Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Not"}
    | {"Or", "PRelu", "Pow", "QuantizeLinear", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid"}
    | {"Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Sub", "Sum", "Swish", "Tan", "Tanh"}
    | {"ThresholdedRelu", "Where", "Xor"}
)
NORMALISING = frozenset(
    {"BatchNormalization", "CumSum", "GroupNormalization", "Hardmax", "InstanceNormalization"}
    | {"LayerNormalization", "LogSoftmax", "LpNormalization", "MeanVarianceNormalization"}
    | {"RMSNormalization", "Softmax"}
)
REDUCING = frozenset(
    {"ArgMax", "ArgMin", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "ReduceL1", "ReduceL2"}
    | {"ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum"}
    | {"ReduceSumSquare"}
)
MOVING = frozenset(
    {"Concat", "Constant", "ConstantOfShape", "DepthToSpace", "Expand", "EyeLike", "Flatten", "Gather"}
    | {"GatherElements", "GatherND", "OneHot", "Pad", "Range", "Reshape", "ReverseSequence"}
    | {"ScatterElements", "ScatterND", "Shape", "Size", "Slice", "SpaceToDepth", "Split", "Squeeze", "Tile"}
    | {"Transpose", "Trilu", "Unsqueeze"}
)

VALUE = 8
"""What it costs to make a value in any other way than by multiplying and adding, in such operations."""

Cost = Callable[["NodeProto", Sequence[Shape], Sequence[Shape]], int]
"""Multiply-adds of an operator, about: its node, and the shapes of what goes in and comes out."""


def _values(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    return VALUE * sum(map(math.prod, (*given, *made)))


def _convolution(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    kernel = given[1]  # (out, in / groups, ...), which is what each value of the result is a sum of
    return math.prod(made[0]) * math.prod(kernel[1:]) + _values(node, given, made)


def _transposed_convolution(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    return math.prod(given[0]) * math.prod(given[1][1:]) + _values(node, given, made)


def _product(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    added = 0 if any(_numbers(node, "transA")) else -1  # the axis that is multiplied and added
    return math.prod(made[0]) * (given[0] or (1,))[added] + _values(node, given, made)


def _pool(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    return math.prod(made[0]) * math.prod(_numbers(node, "kernel_shape")) * 2 + _values(node, given, made)


def _neighbours(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    return math.prod(made[0]) * max([1, *_numbers(node, "size")]) * 2 + _values(node, given, made)


def _interpolation(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    return 16 * _values(node, given, made)


def _sorting(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    return math.prod(given[0]).bit_length() * _values(node, given, made)


def _einsum(node: NodeProto, given: Sequence[Shape], made: Sequence[Shape]) -> int:
    """Every letter of the equation is a loop; of one with dots, no more than all values by all others."""
    equation = next(item.s.decode("ascii", "replace") for item in node.attribute if item.name == "equation")
    terms = equation.replace(" ", "").split("->")[0].split(",")
    if "." in equation or [len(term) for term in terms] != [len(shape) for shape in given]:
        return math.prod(map(math.prod, given))
    sides = dict(zip("".join(terms), (side for shape in given for side in shape), strict=True))
    return math.prod(sides.values()) + _values(node, given, made)


def _numbers(node: NodeProto, name: str) -> list[int]:
    found = [item for item in node.attribute if item.name == name]
    return [abs(number) for item in found for number in item.ints or (item.i,)]


COSTS: dict[str, Cost] = {
    **dict.fromkeys(ELEMENTWISE | NORMALISING | REDUCING | MOVING, _values),
    **dict.fromkeys(("AveragePool", "LpPool", "MaxPool"), _pool),
    **dict.fromkeys(("Conv", "ConvInteger"), _convolution),
    **dict.fromkeys(("Gemm", "MatMul", "MatMulInteger"), _product),
    **dict.fromkeys(("GridSample", "Resize", "Upsample"), _interpolation),
    "ConvTranspose": _transposed_convolution,
    "Einsum": _einsum,
    "LRN": _neighbours,
    "TopK": _sorting,
}
"""Every operator that a generator may use."""


BLOCK = 16
"""Channels that ONNX Runtime lays side by side for its convolutions, with AVX-512: fewer take up as much."""

KEEPS_BLOCKS = frozenset(
    {"Add", "AveragePool", "BatchNormalization", "Clip", "Elu", "Gelu", "HardSigmoid", "HardSwish"}
    | {"LeakyRelu", "MaxPool", "Mul", "Relu", "Resize", "Sigmoid", "Sum", "Tanh", "Upsample"}
)
"""Operators that may leave what they are given as a convolution laid it out, if all of it is."""

KEEPS_8_BITS = MOVING | {"Identity", "MaxPool"}
"""Operators past which ONNX Runtime may move a `DequantizeLinear`."""

POINTER = 8  # bytes


def in_blocks(channels: int) -> int:
    """For how many channels there is room where so many are laid out."""
    return -(-channels // BLOCK) * BLOCK


def workspace(
    node: NodeProto, given: Sequence[Shape], made: Sequence[Shape], *, width: int, single: bool, packed: bool
) -> int:
    """Bytes that ONNX Runtime keeps aside while an operator runs, about.

    Args:
        node: The operator.
        given: Shapes of what goes in.
        made: Shapes of what comes out.
        width: Bytes of a value that comes out.
        single: Whether it computes in float32.
        packed: Whether it is given what was unpacked from 8 bits, in which a convolution is then done.
    """
    if node.op_type == "ConvTranspose":
        return width * math.prod(given[0]) // max(given[1][0], 1) * math.prod(given[1][1:])
    if node.op_type in ("Conv", "ConvInteger"):
        filters, channels, *area = given[1]
        windows = math.prod(made[0]) // max(filters, 1) * math.prod(area)
        if packed:  # a copy of each window, or where each of its values is
            return windows * max(channels, POINTER)
        # In float32, and up to three dimensions, it needs no copies.
        return 0 if single and len(area) <= 3 else windows * channels * width
    if node.op_type in ("Resize", "Upsample"):  # axis after axis
        return width * math.prod(map(max, given[0], made[0]))
    return 0


GROWING = frozenset(
    {"ConstantOfShape", "Expand", "OneHot", "Pad", "Range", "Reshape", "Resize", "Split", "Tile", "TopK"}
    | {"Upsample"}
)
"""Those whose result is as large as a number says that they are given."""
