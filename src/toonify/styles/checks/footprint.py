"""What a network takes before it runs: memory, and operations, counted operator by operator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import onnx

from toonify.styles.checks.operators import COSTS, KEEPS_8_BITS, KEEPS_BLOCKS, Shape, in_blocks, workspace
from toonify.styles.checks.shapes import TYPES, Operator, Value, inputs_of, outputs_of
from toonify.styles.network import Footprint


def footprint(
    operators: Sequence[Operator],
    values: dict[str, Value],
    declared: Mapping[str, Sequence[int]],
    *,
    picture: str = "",
    drawn: str = "",
) -> Footprint:
    """Go through a part of a graph without running it.

    Args:
        operators: In order.
        values: What is there when it begins, by name; what the operators make is added.
        declared: Sides that the graph says its values have, by name, 0 for those that it leaves open.
        picture: Name of the one that is there at the start and counts; the others are weights, and controls.
        drawn: Name of the result.

    Raises:
        Unpredictable: if a size cannot be worked out.
    """
    found = Footprint()
    sizes = {picture: values[picture].bytes} if picture else {}
    asides = []
    laid_out: set[str] = set()  # for convolutions, in blocks of channels
    packed: set[str] = set()  # what is unpacked from 8 bits, unless an operator takes it as it is
    for each in operators:
        given = inputs_of(each, values)
        made = outputs_of(each, given, declared)
        shapes = [value.shape for value in given if value], [value.shape for value in made.values()]
        cost = COSTS[each.node.op_type](each.node, *shapes)
        asides.append(_aside(each, made, *shapes, packed=not packed.isdisjoint(each.inputs)))
        if _lays_out(each, given, laid_out):
            laid_out |= made.keys()
        if _unpacks(each, packed):
            packed |= made.keys()
        sizes |= {name: _held(value, name in laid_out) for name, value in made.items()}
        found.operations += cost
        found.longest = max(found.longest, cost)
        values |= made
    found.total = sum(sizes.values()) + sum(asides)
    in_order = range(len(operators))
    found.peak = max(_peak(operators, order, sizes, asides) for order in (in_order, _back(operators, drawn)))
    return found


def _peak(
    operators: Sequence[Operator], order: Iterable[int], sizes: Mapping[str, int], asides: Sequence[int]
) -> int:
    """The most bytes that are there at once if operators run in this order."""
    order = list(order)
    last_use = {name: step for step, index in enumerate(order) for name in operators[index].inputs}
    dropped: dict[int, int] = defaultdict(int)  # bytes, by the step after which nobody needs them
    made = {name for index in order for name in operators[index].outputs}
    alive = most = sum(size for name, size in sizes.items() if name not in made and name in last_use)
    for step, index in enumerate(order):
        for name in operators[index].outputs:
            size = sizes.get(name, 0)
            alive += size
            dropped[last_use.get(name, step)] += size
        most = max(most, alive + asides[index])
        alive -= dropped[step]
    return most


def _back(operators: Sequence[Operator], drawn: str) -> list[int]:
    """The operators that a result needs, as a walk back from it, inputs in order, comes out of them."""
    makers = {name: index for index, each in enumerate(operators) for name in each.outputs}
    order: list[int] = []
    seen: set[int] = set()
    waiting = [(makers[drawn], False)] if drawn in makers else []
    while waiting:
        index, ready = waiting.pop()
        if ready:
            order.append(index)
        elif index not in seen:
            seen.add(index)
            waiting.append((index, True))
            waiting += [(makers[name], False) for name in reversed(operators[index].inputs) if name in makers]
    return order


def _lays_out(each: Operator, given: Sequence[Value | None], laid_out: Collection[str]) -> bool:
    """Whether the result is in blocks of channels, because it is a convolution's or made of such alone."""
    if each.node.op_type not in KEEPS_BLOCKS:
        return each.node.op_type == "Conv"
    named = zip(each.inputs, given, strict=True)
    return all(name in laid_out for name, value in named if value and len(value.shape) == 4)


def _unpacks(each: Operator, packed: set[str]) -> bool:
    """Whether the result is unpacked from 8 bits, or moved after it was."""
    moved = each.node.op_type in KEEPS_8_BITS and not packed.isdisjoint(each.inputs)
    return moved or each.node.op_type == "DequantizeLinear"


def _held(value: Value, laid_out: bool) -> int:
    """Bytes that a value takes up."""
    if not laid_out or len(value.shape) != 4:
        return value.bytes
    channels = max(value.shape[1], 1)
    return value.bytes // channels * in_blocks(channels)


def _aside(
    each: Operator, results: Mapping[str, Value], given: list[Shape], made: list[Shape], *, packed: bool
) -> int:
    """Bytes that are kept aside meanwhile."""
    kind = next((value.type.tensor_type.elem_type for value in results.values()), onnx.TensorProto.FLOAT)
    single = kind == onnx.TensorProto.FLOAT
    return workspace(each.node, given, made, width=TYPES[kind], single=single, packed=packed)
