"""Numbers that follow from the picture's size: what a graph computes from `Shape`, worked out beforehand.

Exporters write `height // 2` as a dozen operators on arrays of one integer. These are few and small; an
operator that is not among them leaves its result unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[Any]
    Fold = Callable[[Mapping[str, Any], Sequence[Numbers]], Numbers | list[Numbers]]

SMALL = 256
"""The most numbers of an array that is worked out."""


def fold(node: onnx.NodeProto, given: Sequence[Numbers | None]) -> list[Numbers] | None:
    """What an operator makes of small arrays; `None` if this is not known here.

    Args:
        node: The operator.
        given: Its inputs in order, `None` for those that are left out.
    """
    work = _FOLDS.get(node.op_type)
    if work is None:
        return None
    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    attributes["outputs"] = len(node.output)
    try:
        with np.errstate(all="ignore"):
            made = work(attributes, given)  # type: ignore[arg-type]
    except (ArithmeticError, IndexError, KeyError, TypeError, ValueError):
        return None  # the shapes of its inputs do not go together, of which shape inference tells more
    arrays = [np.asarray(one) for one in (made if isinstance(made, list) else [made])]
    return arrays if all(array.size <= SMALL for array in arrays) else None


def _exact(work: Callable[..., Any]) -> Fold:
    """Arithmetic in the type of its operands, which must not overflow it."""

    def run(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
        kind = given[0].dtype
        if kind.kind in "iu":
            return np.array(work(*(array.astype(object) for array in given)), kind)
        return np.asarray(work(*given)).astype(kind)

    return run


def _compare(work: Callable[..., Any]) -> Fold:
    return lambda attributes, given: np.asarray(work(*given))


def _reduce(work: Callable[..., Any]) -> Fold:
    def run(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
        axes = given[1] if len(given) > 1 else attributes.get("axes")
        axis = None if axes is None else tuple(int(one) for one in axes)
        keep = bool(attributes.get("keepdims", 1))
        return np.asarray(work(given[0], axis=axis, keepdims=keep)).astype(given[0].dtype)

    return run


def _divide(left: Numbers, right: Numbers) -> Any:
    """Integers are cut off towards zero, and floats are not."""
    if left.dtype != object:
        return left / right
    quotient = abs(left) // abs(right)
    return np.where((left < 0) ^ (right < 0), -quotient, quotient)


def _modulo(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
    left, right = given
    return np.fmod(left, right) if attributes.get("fmod") else np.mod(left, right)


def _cast(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
    return given[0].astype(onnx.helper.tensor_dtype_to_np_dtype(attributes["to"]))


def _slice(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
    old = [attributes.get(name) for name in ("starts", "ends", "axes")]
    starts, ends, axes, steps = (*(given[1:] or old), None, None)[:4]
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    cut = [slice(None)] * given[0].ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        stop = None if step < 0 and end < -given[0].shape[axis] else int(end)
        cut[int(axis)] = slice(int(start), stop, int(step))
    return given[0][tuple(cut)]


def _squeeze(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
    axes = given[1] if len(given) > 1 else attributes.get("axes")
    return np.squeeze(given[0], None if axes is None else tuple(int(axis) for axis in axes))


def _unsqueeze(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
    axes = given[1] if len(given) > 1 else attributes["axes"]
    return np.expand_dims(given[0], tuple(int(axis) for axis in axes))


def _split(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> list[Numbers]:
    axis = attributes.get("axis", 0)
    sizes = given[1] if len(given) > 1 else attributes.get("split")
    if sizes is None:
        return list(np.split(given[0], attributes["outputs"], axis))
    return list(np.split(given[0], np.cumsum(sizes)[:-1].tolist(), axis))


def _reshape(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
    sides = [side or given[0].shape[axis] for axis, side in enumerate(given[1].tolist())]
    return given[0].reshape(sides)


def _fill(attributes: Mapping[str, Any], given: Sequence[Numbers]) -> Numbers:
    sides = given[0].tolist()
    if np.prod([abs(side) for side in sides], dtype=float) > SMALL:
        raise ValueError
    value = attributes.get("value")
    return np.full(sides, np.float32(0) if value is None else onnx.numpy_helper.to_array(value)[0])


_FOLDS: dict[str, Fold] = {
    "Add": _exact(operator.add),
    "And": _compare(np.logical_and),
    "Cast": _cast,
    "Ceil": _exact(np.ceil),
    "Concat": lambda attributes, given: np.concatenate(given, attributes["axis"]),
    "ConstantOfShape": _fill,
    "Div": _exact(_divide),
    "Equal": _compare(np.equal),
    "Floor": _exact(np.floor),
    "Gather": lambda attributes, given: np.take(
        given[0], given[1].astype(np.int64), attributes.get("axis", 0)
    ),
    "Greater": _compare(np.greater),
    "GreaterOrEqual": _compare(np.greater_equal),
    "Identity": lambda attributes, given: given[0],
    "Less": _compare(np.less),
    "LessOrEqual": _compare(np.less_equal),
    "Max": _exact(lambda first, *others: np.maximum.reduce(np.broadcast_arrays(first, *others))),
    "Min": _exact(lambda first, *others: np.minimum.reduce(np.broadcast_arrays(first, *others))),
    "Mod": _modulo,
    "Mul": _exact(operator.mul),
    "Neg": _exact(operator.neg),
    "Not": _compare(np.logical_not),
    "Or": _compare(np.logical_or),
    "ReduceMax": _reduce(np.max),
    "ReduceMin": _reduce(np.min),
    "ReduceProd": _reduce(np.prod),
    "ReduceSum": _reduce(np.sum),
    "Reshape": _reshape,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Sub": _exact(operator.sub),
    "Transpose": lambda attributes, given: np.transpose(given[0], attributes.get("perm")),
    "Unsqueeze": _unsqueeze,
    "Where": lambda attributes, given: np.where(*given),
}
