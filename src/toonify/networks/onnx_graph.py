"""ONNX graphs rewritten: faster in ONNX Runtime or smaller on disk, and every picture stays as it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.networks.weights import in_least

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import GraphProto, NodeProto

WORTH_A_CAST = 64  # numbers, below which a weight is left as it is

BLOCK = 16
"""Channels that ONNX Runtime computes at once where a processor has AVX-512 or is an ARM; half as many with
AVX2. A convolution of fewer than a block is slow there, and so is one of what is no multiple of 4."""


def optimise(graph: GraphProto) -> None:
    """Rewrite a graph for ONNX Runtime, as tf2onnx writes it: all weights initializers."""
    for rewrite in (_upsample_in_one_go, _clip_in_one_go, _scale_in_convolutions, _skip_zeros, _fill_blocks):
        rewrite(graph)


def _upsample_in_one_go(graph: GraphProto) -> None:
    """Four copies spread over 2 × 2 pixels become a nearest `Resize`, to the same result bit for bit.

    ONNX Runtime runs `DepthToSpace` on one thread and out of its blocked layout: together these cost
    a sixth of the time of `lite`.
    """
    from onnx import helper, numpy_helper

    makers = _makers(graph)
    uses = Counter(name for node in graph.node for name in node.input)
    replaced = []
    for node in graph.node:
        copies = makers.get(node.input[0]) if node.op_type == "DepthToSpace" else None
        if copies is None or not _is_four_copies(copies) or uses[copies.output[0]] > 1:
            continue
        replaced.append(copies)
        resize = helper.make_node(
            "Resize",
            [copies.input[0], "", "twice"],
            list(node.output),
            name=node.name,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        node.CopyFrom(resize)
    for copies in replaced:
        graph.node.remove(copies)
    if replaced:
        graph.initializer.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "twice"))


def _is_four_copies(node: NodeProto) -> bool:
    return node.op_type == "Concat" and len(node.input) == 4 and len(set(node.input)) == 1


def _clip_in_one_go(graph: GraphProto) -> None:
    """A minimum, then a maximum, of single numbers become a `Clip`: one pass, or none after a convolution."""
    from onnx import helper, numpy_helper

    makers, weights = _makers(graph), _weights(graph)
    for node in graph.node:
        least = makers.get(node.input[0]) if node.op_type == "Max" else None
        if least is None or least.op_type != "Min":
            continue
        found = [weights.get(each.input[1]) for each in (node, least) if len(each.input) == 2]
        bounds = [bound for bound in found if bound is not None and bound.size == 1]
        if len(bounds) < 2:
            continue
        names = [f"{node.output[0]}/{side}" for side in ("least", "most")]
        for name, bound in zip(names, bounds, strict=True):
            graph.initializer.append(numpy_helper.from_array(bound.reshape(()), name))
        clip = helper.make_node("Clip", [least.input[0], *names], list(node.output), name=node.name)
        node.CopyFrom(clip)
    put_in_order(graph)


def _scale_in_convolutions(graph: GraphProto) -> None:
    """A convolution that is multiplied by a number becomes one of larger weights.

    ONNX Runtime does the same, unless weights are stored as float16.
    """
    weights, makers = _weights(graph), _makers(graph)
    uses = Counter(name for node in graph.node for name in node.input)
    changed = {}
    for node in list(graph.node):
        conv = makers.get(node.input[0])
        factor = weights.get(node.input[1]) if node.op_type == "Mul" else None
        if conv is None or factor is None or factor.size > 1 or not _is_own(conv, weights, uses):
            continue
        for place in range(1, len(conv.input)):
            changed[conv.input[place]] = weights[conv.input[place]] * factor.reshape(())
        conv.output[0] = node.output[0]
        graph.node.remove(node)
    _replace_weights(graph, changed)


def _is_own(node: NodeProto, weights: Mapping[str, NDArray[Any]], uses: Mapping[str, int]) -> bool:
    """Whether a node is a convolution whose weights and result nobody else uses."""
    names = (*node.input[1:], node.output[0])
    stored = all(name in weights for name in node.input[1:])
    return node.op_type == "Conv" and stored and all(uses[name] == 1 for name in names)


def _skip_zeros(graph: GraphProto) -> None:
    """A convolution that mixes no block of channels with another becomes one of groups, bit for bit the same.

    So the blur of `unet`'s logits takes half the time, which is a tenth of the network's.
    """
    from onnx import helper

    weights = _weights(graph)
    for node in graph.node:
        kernel = weights.get(node.input[1]) if node.op_type == "Conv" else None
        if kernel is None or kernel.ndim != 4 or _parts(node) > 1 or not _is_in_blocks(kernel):
            continue
        blocks = [kernel[at : at + BLOCK, at : at + BLOCK] for at in range(0, len(kernel), BLOCK)]
        node.input[1] = f"{node.output[0]}/blocks"
        weights[node.input[1]] = np.concatenate(blocks)
        kept = [attribute for attribute in node.attribute if attribute.name != "group"]
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute("group", len(blocks))])
    _replace_weights(graph, weights)


def _is_in_blocks(kernel: NDArray[Any]) -> bool:
    """Whether a kernel, (made, read, rows, columns), is zero but for several blocks along its diagonal."""
    made, read = kernel.shape[:2]
    if made != read or made % BLOCK or made == BLOCK:
        return False
    blocks = np.kron(np.eye(made // BLOCK), np.ones((BLOCK, BLOCK)))
    return not kernel[blocks == 0].any()


def _fill_blocks(graph: GraphProto) -> None:
    """Pad values of 9 to 15 channels to a block, and larger ones to a multiple of 4.

    Nothing depends on the added channels: they are made and read with weights of 0. `unet` of 14 channels is
    1.1 to 1.2 times as fast then.
    """
    weights = _weights(graph)
    for values, channels in list(_channel_groups(graph, weights)):
        missing = max(BLOCK, -(-channels // 4) * 4) - channels
        if channels > BLOCK // 2 and missing:
            for node in graph.node:
                if node.op_type == "Conv":
                    _widen(node, weights, missing, node.input[0] in values, node.output[0] in values)
    _replace_weights(graph, weights)


def _channel_groups(graph: GraphProto, weights: Mapping[str, NDArray[Any]]) -> Iterator[tuple[set[str], int]]:
    """Values inside a network that must have as many channels as each other, and how many these are.

    A convolution begins such a group or ends it. What works on each channel by itself goes on with it, and
    any other operator rules it out.
    """
    groups: dict[str, set[str]] = {}
    channels: dict[str, int] = {}
    fixed = {value.name for value in (*graph.input, *graph.output)}
    for node in graph.node:
        kernel = weights.get(node.input[1]) if node.op_type == "Conv" else None
        if kernel is not None and kernel.ndim == 4 and _parts(node) == 1:
            channels[node.output[0]] = len(kernel)
            _join(groups, node.output[0])
        elif _is_by_channel(node, weights):
            given = (name for name in node.input if name and name not in weights)
            _join(groups, *given, node.output[0])
        else:
            fixed.update((*node.input, *node.output))
    for group in {id(group): group for group in groups.values()}.values():
        found = {channels[name] for name in group & channels.keys()}
        if len(found) == 1 and not group & fixed:
            yield group, found.pop()


def _is_by_channel(node: NodeProto, weights: Mapping[str, NDArray[Any]]) -> bool:
    """Whether an operator makes each channel of that channel alone, whatever their number."""
    constants = [weights[name] for name in node.input if name in weights]
    if node.op_type == "Conv":
        return bool(constants) and constants[0].ndim == 4 and len(constants[0]) == _parts(node)
    if node.op_type == "Resize":
        return len(node.input) == 3 and len(constants) == 1 and list(constants[0][:2]) == [1, 1]
    return node.op_type in ("Add", "Relu") and not constants


def _parts(node: NodeProto) -> int:
    """How many parts a convolution divides its channels into."""
    return next((each.i for each in node.attribute if each.name == "group"), 1)


def _join(groups: dict[str, set[str]], *names: str) -> None:
    together = set(names).union(*(groups.get(name, ()) for name in names))
    groups.update(dict.fromkeys(together, together))


def _widen(node: NodeProto, weights: dict[str, NDArray[Any]], missing: int, reads: bool, makes: bool) -> None:
    """Let a convolution read or make so many channels more, with weights of its own that are added."""
    if not (reads or makes):
        return
    alone = _parts(node) > 1  # each channel by itself
    made, read = (0, missing * makes), (0, missing * (reads and not alone))
    margins: tuple[Any, ...] = ((made, read, (0, 0), (0, 0)), made)
    for place in range(1, len(node.input)):
        name = f"{node.output[0]}/{('kernel', 'bias')[place - 1]}"
        weights[name] = np.pad(weights[node.input[place]], margins[place - 1])
        node.input[place] = name
    for attribute in node.attribute:
        if attribute.name == "group" and alone:
            attribute.i += missing


def store_in_half(graph: GraphProto) -> None:
    """Weights that float16 holds are stored so, and cast as the network is loaded: runtimes fold casts."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for weight in graph.initializer:
        array = numpy_helper.to_array(weight)
        least = in_least(array) if array.dtype == np.float32 and array.size >= WORTH_A_CAST else array
        if least.dtype == np.float16:
            name, half = weight.name, f"{weight.name}/half"
            weight.CopyFrom(numpy_helper.from_array(least, half))
            casts.append(helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def put_in_order(graph: GraphProto) -> None:
    """Bring operators and weights into an order that the network alone decides; what it does not need goes.

    tf2onnx's own changes from run to run. Each operator comes right after those that it needs, in the order
    in which it takes them; weights, as they are first used.
    """
    makers = _makers(graph)
    ordered: dict[str, NodeProto] = {}
    waiting = [makers[value.name] for value in reversed(graph.output)]
    while waiting:
        node = waiting[-1]
        needed = (makers[name] for name in node.input if name in makers)
        if missing := next((maker for maker in needed if maker.output[0] not in ordered), None):
            waiting.append(missing)
        else:
            ordered[node.output[0]] = waiting.pop()
    used = {name: None for node in ordered.values() for name in node.input}
    weights = {weight.name: weight for weight in graph.initializer}
    del graph.node[:], graph.initializer[:]
    graph.node.extend(ordered.values())
    graph.initializer.extend(weights[name] for name in used if name in weights)


def number_values(graph: GraphProto) -> None:
    """Call every value by a number, but inputs and outputs; nodes keep their names.

    tf2onnx calls each after its layer and all models around it: of `unet` these are 80 kB.
    """
    names = {value.name: value.name for value in (*graph.input, *graph.output)} | {"": ""}

    def short(name: str) -> str:
        return names.setdefault(name, str(len(names)))

    for node in graph.node:
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
    for weight in graph.initializer:
        weight.name = short(weight.name)
    del graph.value_info[:]


def _makers(graph: GraphProto) -> dict[str, NodeProto]:
    """The node that makes each value."""
    return {output: node for node in graph.node for output in node.output}


def _weights(graph: GraphProto) -> dict[str, NDArray[Any]]:
    from onnx import numpy_helper

    return {weight.name: numpy_helper.to_array(weight) for weight in graph.initializer}


def _replace_weights(graph: GraphProto, weights: Mapping[str, NDArray[Any]]) -> None:
    """Store these, and remove those of the same names, and those that nothing needs any more."""
    from onnx import numpy_helper

    kept = [weight for weight in graph.initializer if weight.name not in weights]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in weights.items())
    put_in_order(graph)
