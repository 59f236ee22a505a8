"""Styles that mean harm, made by code: what a stranger may try with the time and memory of a machine.

Each is a function that gives a network, named by what it tries. Run as a script, it lets `toonify convert`
and `toonify export` have a go at each, and prints a line of JSON for every attempt:

    python tests/styles/hostile_styles.py FOLDER [NAME ...]
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).parents[1]))
from drawing import draw_picture
from tiny_style import make_style, model_of

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
GB = 2**30

Maker = Callable[[], onnx.ModelProto]
HOSTILE: dict[str, Maker] = {}
"""By what each tries, in words with hyphens."""


def hostile(maker: Maker) -> Maker:
    HOSTILE[maker.__name__.replace("_", "-")] = maker
    return maker


def node(kind: str, inputs: str, outputs: str, **attributes: object) -> onnx.NodeProto:
    """`node("Add", "a b", "c")`; a dash leaves an input out."""
    given = [name.replace("-", "") for name in inputs.split()]
    return helper.make_node(kind, given, outputs.split(), **attributes)


def model(*nodes: onnx.NodeProto, opset: int = 17, **stored: object) -> onnx.ModelProto:
    """From `picture` to `cartoon`: if no node makes it, the picture plus `x`, which the last one makes."""
    steps = list(nodes)
    if not any("cartoon" in each.output for each in steps):
        steps += [node("ReduceMean", "x", "mean", keepdims=0), node("Add", "picture mean", "cartoon")]
    weights = [numpy_helper.from_array(np.asarray(value), name) for name, value in stored.items()]
    return model_of(steps, weights, **{"": opset})


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def floats(*sides: int) -> np.ndarray:
    return np.ones(sides, np.float32)


def graph(nodes: Sequence[onnx.NodeProto], inputs: str, outputs: str) -> onnx.GraphProto:
    """The body of a loop or a branch: names followed by `:i` (a number), `:b` (a condition) or nothing."""
    kinds = {"i": (INT64, []), "b": (BOOL, []), "": (FLOAT, None)}

    def values(names: str) -> list[onnx.ValueInfoProto]:
        split = [name.partition(":") for name in names.split()]
        return [helper.make_tensor_value_info(name, *kinds[kind]) for name, _, kind in split]

    return helper.make_graph(list(nodes), "body", values(inputs), values(outputs))


def loop(step: onnx.NodeProto, rounds: int = 0) -> onnx.ModelProto:
    """A step from `before` to `after`, so many times, 0 for ever."""
    body = graph([node("Identity", "on", "still"), step], "round:i on:b before", "still:b after")
    around = node("Loop", f"{'rounds' if rounds else '-'} yes picture", "x", body=body)
    return model(around, yes=np.array(True), rounds=np.array(rounds))


# Going round for ever


@hostile
def endless_loop() -> onnx.ModelProto:
    return loop(node("Sin", "before", "after"))


@hostile
def loop_of_2_to_the_62_rounds() -> onnx.ModelProto:
    return loop(node("Sin", "before", "after"), rounds=2**62)


@hostile
def loop_that_doubles() -> onnx.ModelProto:
    return loop(node("Concat", "before before", "after", axis=0), rounds=60)


@hostile
def loop_in_a_loop() -> onnx.ModelProto:
    inner = graph(
        [node("Identity", "go", "went"), node("Sin", "a", "b")],
        "turn:i go:b a",
        "went:b b",
    )
    return loop(node("Loop", "rounds yes before", "after", body=inner), rounds=10**9)


@hostile
def scan_of_a_long_array() -> onnx.ModelProto:
    body = graph([node("Sin", "a", "b"), node("Identity", "b", "c")], "a e", "b c")
    return model(
        node("Expand", "one size", "long"),
        node("Scan", "one long", "y x", body=body, num_scan_inputs=1),
        one=floats(1),
        size=ints(10**8, 1),
    )


@hostile
def branches_of_branches() -> onnx.ModelProto:
    inside = graph([node("Sin", "picture", "z")], "", "z")
    for depth in range(20):
        branch = node("If", "yes", f"z{depth}", then_branch=inside, else_branch=inside)
        branch.attribute[1].g.CopyFrom(graph([node("Cos", "picture", f"z{depth}")], "", f"z{depth}"))
        inside = graph([branch], "", f"z{depth}")
    return model(node("If", "yes", "x", then_branch=inside, else_branch=inside), yes=np.array(True))


def function(name: str, steps: list[onnx.NodeProto]) -> onnx.FunctionProto:
    return helper.make_function("own", name, ["a"], ["b"], steps, [helper.make_opsetid("", 17)])


@hostile
def function_of_functions() -> onnx.ModelProto:
    made = model(helper.make_node("F30", ["picture"], ["cartoon"], domain="own"))
    made.functions.append(function("F0", [node("Sin", "a", "b")]))
    for number in range(1, 31):
        halves = [
            helper.make_node(f"F{number - 1}", [source], [target], domain="own")
            for source, target in (("a", "c"), ("c", "b"))
        ]
        made.functions.append(function(f"F{number}", halves))
    return made


@hostile
def function_that_calls_itself() -> onnx.ModelProto:
    made = model(helper.make_node("F", ["picture"], ["cartoon"], domain="own"))
    made.functions.append(function("F", [helper.make_node("F", ["a"], ["b"], domain="own")]))
    return made


@hostile
def sequence_mapped() -> onnx.ModelProto:
    body = graph([node("Sin", "a", "b")], "a", "b")
    return model(
        node("SplitToSequence", "picture", "many", axis=1, keepdims=1),
        node("SequenceMap", "many", "more", body=body),
        node("ConcatFromSequence", "more", "x", axis=1),
    )


@hostile
def recurrent_layer_over_many_steps() -> onnx.ModelProto:
    return model(
        node("Expand", "one steps", "long"),
        node("LSTM", "long w r", "x", hidden_size=8),
        one=floats(1),
        steps=ints(10**7, 1, 8),
        w=floats(1, 32, 8),
        r=floats(1, 32, 8),
    )


# As many values as the pixels ask for


def from_pixels(*steps: onnx.NodeProto, **stored: object) -> onnx.ModelProto:
    """`n`, (1,), is a billion for a white picture."""
    read = [
        node("ReduceMax", "picture", "most", keepdims=0),
        node("Mul", "most billion", "many"),
        node("Cast", "many", "whole", to=INT64),
        node("Unsqueeze", "whole first", "n"),
    ]
    return model(*read, *steps, billion=np.float32(1e9), first=ints(0), **stored)


@hostile
def pixels_size_a_constant() -> onnx.ModelProto:
    return from_pixels(node("ConstantOfShape", "n", "x"))


@hostile
def pixels_size_an_expansion() -> onnx.ModelProto:
    return from_pixels(node("Expand", "one n", "x"), one=floats(1))


@hostile
def pixels_size_tiles() -> onnx.ModelProto:
    return from_pixels(node("Tile", "one n", "x"), one=floats(1))


@hostile
def pixels_size_a_margin() -> onnx.ModelProto:
    return from_pixels(
        node("Concat", "first n", "margins", axis=0), node("Pad", "one margins", "x"), one=floats(1)
    )


@hostile
def pixels_size_a_range() -> onnx.ModelProto:
    return from_pixels(
        node("Range", "zero whole step", "y"),
        node("Cast", "y", "x", to=FLOAT),
        zero=np.int64(0),
        step=np.int64(1),
    )


@hostile
def pixels_size_an_enlargement() -> onnx.ModelProto:
    return from_pixels(node("Resize", "one - - n", "x"), one=floats(1))


@hostile
def pixels_size_a_one_hot() -> onnx.ModelProto:
    return from_pixels(node("OneHot", "one n values", "x"), one=ints(1), values=floats(2))


@hostile
def pixels_end_a_slice() -> onnx.ModelProto:
    return from_pixels(node("Slice", "picture first n", "x"))


@hostile
def pixels_through_shape() -> onnx.ModelProto:
    """The shape of what `NonZero` finds."""
    return model(
        node("NonZero", "picture", "found"),
        node("Shape", "found", "sides"),
        node("Mul", "sides many", "more"),
        node("Expand", "one more", "x"),
        one=floats(1),
        many=ints(10**4, 10**4),
    )


@hostile
def pixels_that_are_unique() -> onnx.ModelProto:
    return model(node("Unique", "picture", "x"))


@hostile
def pixels_that_are_compressed() -> onnx.ModelProto:
    return model(
        node("Greater", "picture zero", "which"), node("Compress", "picture which", "x"), zero=floats()
    )


@hostile
def random_numbers_of_8_gb() -> onnx.ModelProto:
    return model(node("RandomNormal", "", "x", shape=[2 * GB]))


@hostile
def random_choices() -> onnx.ModelProto:
    return model(
        node("Multinomial", "chances", "y", sample_size=2 * GB),
        node("Cast", "y", "x", to=FLOAT),
        chances=floats(1, 2),
    )


# Constants that unfold


@hostile
def constant_of_8_gb() -> onnx.ModelProto:
    return model(node("ConstantOfShape", "size", "x"), size=ints(2 * GB))


@hostile
def constant_of_300_mb() -> onnx.ModelProto:
    """Which would fit: a runtime would keep it all."""
    return model(node("ConstantOfShape", "size", "x"), size=ints(75 * 2**20))


@hostile
def many_constants_of_60_mb() -> onnx.ModelProto:
    steps = [node("ConstantOfShape", "size", f"c{number}") for number in range(200)]
    means = [node("ReduceMean", f"c{number}", f"m{number}", keepdims=0) for number in range(200)]
    total = node("Sum", " ".join(f"m{number}" for number in range(200)), "x")
    return model(*steps, *means, total, size=ints(15 * 2**20))


@hostile
def constant_expanded() -> onnx.ModelProto:
    return model(node("Expand", "one size", "x"), one=floats(1), size=ints(40_000, 50_000))


@hostile
def constant_tiled() -> onnx.ModelProto:
    return model(node("Tile", "one size", "x"), one=floats(1), size=ints(2 * GB))


@hostile
def constant_padded() -> onnx.ModelProto:
    return model(node("Pad", "one size", "x"), one=floats(1), size=ints(0, 2 * GB))


@hostile
def constant_enlarged() -> onnx.ModelProto:
    return model(
        node("Resize", "one - - size", "x", mode="linear"),
        one=floats(1, 1, 2, 2),
        size=ints(1, 1, 40_000, 40_000),
    )


@hostile
def constant_enlarged_by_an_old_operator() -> onnx.ModelProto:
    return model(
        node("Upsample", "one scales", "x"),
        one=floats(1, 1, 2, 2),
        scales=np.float32([1, 1, 2e4, 2e4]),
        opset=9,
    )


@hostile
def constant_range() -> onnx.ModelProto:
    return model(
        node("Range", "zero end step", "x"), zero=np.float32(0), end=np.float32(2e9), step=np.float32(1)
    )


@hostile
def constant_range_of_tiny_steps() -> onnx.ModelProto:
    return model(
        node("Range", "zero end step", "x"), zero=np.float32(0), end=np.float32(1), step=np.float32(1e-30)
    )


@hostile
def constant_one_hot() -> onnx.ModelProto:
    return model(
        node("OneHot", "one many values", "x"), one=ints(*range(8)), many=ints(2**28), values=floats(2)
    )


@hostile
def constant_transposed_convolution() -> onnx.ModelProto:
    return model(
        node("ConvTranspose", "one kernel", "x", strides=[30_000, 30_000]),
        one=floats(1, 1, 2, 2),
        kernel=floats(1, 1, 3, 3),
    )


@hostile
def doubled_40_times() -> onnx.ModelProto:
    doubles = [node("Concat", f"c{step} c{step}", f"c{step + 1}", axis=0) for step in range(40)]
    return model(*doubles, node("Identity", "c40", "x"), c0=floats(1))


@hostile
def outer_sum() -> onnx.ModelProto:
    return model(node("Add", "a b", "x"), a=floats(50_000, 1), b=floats(1, 50_000))


@hostile
def outer_product() -> onnx.ModelProto:
    return model(node("MatMul", "a b", "x"), a=floats(50_000, 1), b=floats(1, 50_000))


@hostile
def outer_product_in_letters() -> onnx.ModelProto:
    return model(
        node("Einsum", "a b c", "x", equation="i,j,k->"), a=floats(3000), b=floats(3000), c=floats(3000)
    )


@hostile
def gathered_again_and_again() -> onnx.ModelProto:
    return model(
        node("ConstantOfShape", "size", "zeros", value=numpy_helper.from_array(ints(0))),
        node("Gather", "row zeros", "x"),
        size=ints(2**20),
        row=floats(2, 2000),
    )


@hostile
def weights_cast_up_again_and_again() -> onnx.ModelProto:
    casts = [node("Cast", "w", f"c{number}", to=TensorProto.DOUBLE) for number in range(400)]
    means = [node("ReduceMean", f"c{number}", f"m{number}", keepdims=0) for number in range(400)]
    total = node("Sum", " ".join(f"m{number}" for number in range(400)), "s")
    return model(*casts, *means, total, node("Cast", "s", "x", to=FLOAT), w=np.ones(2**20, np.float16))


@hostile
def quantised_weights_unpacked() -> onnx.ModelProto:
    return model(
        node("Expand", "w size", "wide"),
        node("DequantizeLinear", "wide scale", "x"),
        w=np.ones(1, np.int8),
        size=ints(2 * GB),
        scale=floats(),
    )


# A picture that grows


@hostile
def picture_tiled() -> onnx.ModelProto:
    return model(node("Tile", "picture times", "x"), times=ints(1, 100, 100, 1))


@hostile
def picture_enlarged() -> onnx.ModelProto:
    return model(node("Resize", "picture - scales", "x"), scales=np.float32([1, 100, 100, 1]))


@hostile
def picture_with_a_margin() -> onnx.ModelProto:
    return model(node("Pad", "picture margin", "x"), margin=ints(0, 20_000, 20_000, 0, 0, 0, 0, 0))


@hostile
def picture_of_30_000_channels() -> onnx.ModelProto:
    return model(
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("Conv", "y kernel", "x"),
        kernel=floats(30_000, 3, 1, 1),
    )


@hostile
def picture_by_its_own_pixels() -> onnx.ModelProto:
    return model(
        node("Reshape", "picture column", "a"),
        node("Reshape", "picture row", "b"),
        node("MatMul", "a b", "x"),
        column=ints(-1, 1),
        row=ints(1, -1),
    )


@hostile
def picture_expanded_by_its_size() -> onnx.ModelProto:
    """Height × width × height × width of them."""
    return model(
        node("Shape", "picture", "sides"),
        node("Mul", "sides sides", "squares"),
        node("Expand", "one squares", "x"),
        one=floats(1),
    )


@hostile
def picture_concatenated_with_itself() -> onnx.ModelProto:
    return model(node("Concat", " ".join(["picture"] * 10_000), "x", axis=3))


@hostile
def picture_of_many_numbers_at_a_time() -> onnx.ModelProto:
    """Each small, all of them needed at the end."""
    wide = [node("Conv", f"y k{number % 2}", f"c{number}") for number in range(300)]
    total = node("Sum", " ".join(f"c{number}" for number in range(300)), "x")
    kernels = {f"k{number}": floats(64, 3, 1, 1) for number in range(2)}
    return model(node("Transpose", "picture", "y", perm=[0, 3, 1, 2]), *wide, total, **kernels)


@hostile
def transposed_convolution_of_a_huge_kernel() -> onnx.ModelProto:
    """Whose columns a runtime lays out first."""
    return model(
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("ConvTranspose", "y kernel", "x", pads=[100, 100, 100, 100]),
        kernel=floats(3, 1, 201, 201),
    )


@hostile
def convolution_with_a_margin() -> onnx.ModelProto:
    return model(
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("Conv", "y kernel", "x", pads=[30_000] * 4),
        kernel=floats(1, 3, 1, 1),
    )


@hostile
def convolution_of_four_dimensions() -> onnx.ModelProto:
    """Whose windows a runtime copies first, in float32, too."""
    return model(
        node("Reshape", "picture sides", "y"),
        node("Conv", "y kernel", "x", pads=[4] * 8),
        sides=ints(1, 1, 16, 16, 16, -1),
        kernel=floats(1, 1, 9, 9, 9, 9),
    )


@hostile
def convolution_of_no_dimension() -> onnx.ModelProto:
    """Its weights have one axis, which ONNX's inference of shapes lets pass."""
    return model(
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("Conv", "y kernel", "x", kernel_shape=[3, 3]),
        kernel=floats(3),
    )


@hostile
def convolution_in_8_bits() -> onnx.ModelProto:
    """Of whose windows a runtime lists first where each value is."""
    return model(
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("QuantizeLinear", "y scale zero", "q"),
        node("DequantizeLinear", "q scale zero", "d"),
        node("Transpose", "d", "t", perm=[0, 1, 3, 2]),
        node("DequantizeLinear", "kernel scale", "k"),
        node("Conv", "t k", "c", pads=[50] * 4, group=3),
        node("QuantizeLinear", "c scale zero", "e"),
        node("DequantizeLinear", "e scale zero", "x"),
        kernel=np.ones((3, 1, 101, 101), np.int8),
        scale=np.float32(0.01),
        zero=np.uint8(128),
    )


@hostile
def convolutions_of_a_single_channel() -> onnx.ModelProto:
    """Each laid out as sixteen, and kept so by what follows."""
    steps = [node("Conv", f"y k{number}", f"c{number}") for number in range(400)]
    rectified = [node("Relu", f"c{number}", f"r{number}") for number in range(400)]
    total = node("Sum", " ".join(f"r{number}" for number in range(400)), "x")
    kernels = {f"k{number}": floats(1, 3, 3, 3) * number for number in range(400)}
    return model(node("Transpose", "picture", "y", perm=[0, 3, 1, 2]), *steps, *rectified, total, **kernels)


@hostile
def kernels_of_a_single_channel() -> onnx.ModelProto:
    """Likewise: of 6 MB become 90."""
    steps = [node("Conv", f"y k{number}", f"c{number}") for number in range(8)]
    total = node("Sum", " ".join(f"c{number}" for number in range(8)), "x")
    kernels = {f"k{number}": floats(1, 48, 64, 64) * number for number in range(8)}
    return model(node("Reshape", "picture sides", "y"), *steps, total, sides=ints(-1, 48, 64, 64), **kernels)


@hostile
def convolution_in_double() -> onnx.ModelProto:
    """Whose windows a runtime copies first."""
    return model(
        node("Cast", "picture", "d", to=TensorProto.DOUBLE),
        node("Transpose", "d", "y", perm=[0, 3, 1, 2]),
        node("Conv", "y kernel", "z", pads=[30, 30, 30, 30]),
        node("Cast", "z", "x", to=FLOAT),
        kernel=np.ones((1, 3, 61, 61)),
    )


def beyond() -> list[onnx.NodeProto]:
    """`more` is what a height has beyond the constant `side`."""
    return [
        node("Shape", "picture", "height", start=1, end=2),
        node("Sub", "height side", "left"),
        node("Max", "left zero", "more"),
    ]


@hostile
def growth_that_waits_for_a_larger_picture() -> onnx.ModelProto:
    return model(
        *beyond(),
        node("Mul", "more many", "size"),
        node("Concat", "one size", "sides", axis=0),
        node("Expand", "value sides", "y"),
        node("Pad", "y margin", "x"),
        side=ints(300),
        zero=ints(0),
        one=ints(1),
        many=ints(10**7),
        value=floats(1),
        margin=ints(0, 0, 0, 1),
    )


@hostile
def operations_that_wait_for_a_larger_picture() -> onnx.ModelProto:
    return model(
        *beyond(),
        node("Mul", "more many", "size"),
        node("Add", "size one", "sides"),
        node("Concat", "sides sides", "square", axis=0),
        node("Expand", "value square", "m"),
        *[node("MatMul", f"m{number or ''} m", f"m{number + 1}") for number in range(60)],
        node("Identity", "m60", "x"),
        side=ints(300),
        zero=ints(0),
        one=ints(1),
        many=ints(200),
        value=floats(1),
    )


# Time


@hostile
def identities_200_000() -> onnx.ModelProto:
    steps = [node("Identity", f"i{step}" if step else "picture", f"i{step + 1}") for step in range(199_999)]
    return model(*steps, node("Identity", "i199999", "x"))


@hostile
def concatenation_of_100_000() -> onnx.ModelProto:
    return model(node("Concat", " ".join(["one"] * 100_000), "x", axis=0), one=floats(1))


@hostile
def convolutions_3_000() -> onnx.ModelProto:
    steps = [node("Conv", f"c{step} kernel", f"c{step + 1}", pads=[1] * 4) for step in range(3000)]
    first = [node("Transpose", "picture", "t", perm=[0, 3, 1, 2]), node("Conv", "t wide", "c0")]
    return model(
        *first, *steps, node("Identity", "c3000", "x"), kernel=floats(64, 64, 3, 3), wide=floats(64, 3, 1, 1)
    )


@hostile
def convolution_of_a_huge_kernel() -> onnx.ModelProto:
    return model(
        node("ConstantOfShape", "size", "kernel"),
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("Conv", "y kernel", "x", pads=[250] * 4),
        size=ints(16, 3, 501, 501),
    )


@hostile
def convolution_that_cannot_be_stopped() -> onnx.ModelProto:
    """A runtime is stopped between operators."""
    return model(
        node("ConstantOfShape", "size", "kernel"),
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("Conv", "y kernel", "x", pads=[150] * 4),
        size=ints(3, 3, 301, 301),
    )


@hostile
def pools_of_a_huge_window() -> onnx.ModelProto:
    wide = {"kernel_shape": [2001, 2001], "pads": [1000] * 4}
    pools = [node("AveragePool", f"p{step}", f"p{step + 1}", **wide) for step in range(20)]
    return model(node("Transpose", "picture", "p0", perm=[0, 3, 1, 2]), *pools, node("Identity", "p20", "x"))


@hostile
def normalisation_over_a_million_neighbours() -> onnx.ModelProto:
    return model(node("LRN", "picture", "x", size=10**6 + 1))


@hostile
def constants_multiplied_200_times() -> onnx.ModelProto:
    steps = [node("MatMul", f"m{step} m0", f"m{step + 1}") for step in range(200)]
    return model(
        node("Expand", "value size", "m0"),
        *steps,
        node("Identity", "m200", "x"),
        value=floats(1),
        size=ints(2000, 2000),
    )


@hostile
def constants_convolved() -> onnx.ModelProto:
    return model(
        node("Expand", "value size", "a"),
        node("Conv", "a a", "x", pads=[99] * 4),
        value=floats(1),
        size=ints(16, 16, 100, 100),
    )


@hostile
def einsum_of_many_letters() -> onnx.ModelProto:
    return model(
        node("Einsum", "a b", "x", equation="abcdef,ghijkl->al"), a=floats(*[8] * 6), b=floats(*[8] * 6)
    )


@hostile
def powers_of_the_picture() -> onnx.ModelProto:
    wide = node("Concat", " ".join(["picture"] * 600), "w0", axis=3)
    return model(
        wide,
        *[node("Pow", f"w{step} value", f"w{step + 1}") for step in range(1000)],
        node("Identity", "w1000", "x"),
        value=np.float32(1.01),
    )


# Files that lie


@hostile
def weights_that_are_not_there() -> onnx.ModelProto:
    made = model(node("Identity", "w", "x"), w=floats(1))
    made.graph.initializer[0].dims[:] = [2**40]
    return made


@hostile
def weights_of_a_negative_size() -> onnx.ModelProto:
    made = model(node("Identity", "w", "x"), w=floats(4))
    made.graph.initializer[0].dims[:] = [-2, -2]
    return made


def sparse() -> onnx.SparseTensorProto:
    values, where = numpy_helper.from_array(floats(1), "w"), numpy_helper.from_array(ints(0), "i")
    return helper.make_sparse_tensor(values, where, [2 * GB])


@hostile
def sparse_weights() -> onnx.ModelProto:
    made = model(node("Identity", "w", "x"))
    made.graph.sparse_initializer.append(sparse())
    return made


@hostile
def sparse_constant() -> onnx.ModelProto:
    return model(node("Constant", "", "x", sparse_value=sparse()))


@hostile
def text() -> onnx.ModelProto:
    made = model(node("Identity", "picture", "x"))
    made.graph.initializer.append(helper.make_tensor("t", TensorProto.STRING, [2], [b"a", b"b" * 1000]))
    return made


@hostile
def complex_numbers() -> onnx.ModelProto:
    return model(node("Identity", "picture", "x"), w=np.ones(2, np.complex64))


@hostile
def name_that_is_made_twice() -> onnx.ModelProto:
    return model(node("Sin", "picture", "x"), node("Tile", "picture times", "x"), times=ints(1, 9, 9, 9))


@hostile
def attribute_that_is_given_twice() -> onnx.ModelProto:
    made = model(node("ReduceSum", "picture", "y"), node("ConstantOfShape", "size", "x"), size=ints(3))
    made.graph.node[0].attribute.extend(helper.make_attribute("keepdims", number) for number in (0, 1))
    return made


@hostile
def operators_in_a_circle() -> onnx.ModelProto:
    return model(node("Add", "picture b", "a"), node("Sin", "a", "b"), node("Identity", "b", "x"))


@hostile
def operator_that_reads_itself() -> onnx.ModelProto:
    return model(node("Add", "picture x", "x"))


@hostile
def sizes_that_are_only_said() -> onnx.ModelProto:
    """The runtime would take the shape that the file tells for a constant, and expand to it."""
    made = model(
        node("Sin", "picture", "y"),
        node("Shape", "y", "sides"),
        node("Expand", "one sides", "x"),
        one=floats(1),
    )
    made.graph.value_info.append(helper.make_tensor_value_info("y", FLOAT, [1, 40_000, 40_000, 3]))
    return made


@hostile
def axes_by_the_thousand() -> onnx.ModelProto:
    return model(node("Unsqueeze", "picture axes", "x"), axes=ints(*range(1000)))


@hostile
def two_versions_of_the_operators() -> onnx.ModelProto:
    made = model(node("Softmax", "picture", "x"))
    made.opset_import.append(helper.make_opsetid("ai.onnx", 9))
    return made


@hostile
def no_version_of_the_operators() -> onnx.ModelProto:
    made = model(node("Softmax", "picture", "x"))
    del made.opset_import[:]
    return made


@hostile
def version_from_the_future() -> onnx.ModelProto:
    return model(node("Softmax", "picture", "x"), opset=10**6)


@hostile
def version_of_the_past() -> onnx.ModelProto:
    return model(node("GridSample", "picture picture", "x"), opset=7)


@hostile
def weights_by_the_thousand() -> onnx.ModelProto:
    return model(node("Identity", "picture", "x"), **{f"w{number}": floats() for number in range(20_000)})


@hostile
def least_number_divided_by_minus_one() -> onnx.ModelProto:
    """Which ends the process on x86."""
    return model(
        node("Mul", "picture large", "y"),
        node("Cast", "y", "least", to=INT64),
        node("Div", "least one", "z"),
        node("Cast", "z", "x", to=FLOAT),
        large=np.float32(-1e30),
        one=ints(-1),
    )


@hostile
def words_of_20_mb() -> onnx.ModelProto:
    made = model(node("Identity", "picture", "x"))
    made.doc_string = "a" * (20 * 2**20)
    return made


@hostile
def attribute_of_20_mb() -> onnx.ModelProto:
    made = model(node("Transpose", "picture", "x", perm=[0, 1, 2, 3]))
    made.graph.node[0].attribute[0].MergeFromString(b"\x40\x01" * (9 * 2**20))  # a one of field 8, `ints`
    return made


@hostile
def numbers_that_overflow_as_tiles() -> onnx.ModelProto:
    return model(node("Tile", "picture times", "x"), times=ints(1, 2**62, 2**62, 1))


@hostile
def numbers_that_overflow_as_margins() -> onnx.ModelProto:
    return model(node("Pad", "picture margin", "x"), margin=ints(0, 2**62, 0, 0, 0, 2**62, 0, 0))


@hostile
def numbers_that_overflow_when_multiplied() -> onnx.ModelProto:
    return model(
        node("Mul", "large large", "square"), node("ConstantOfShape", "square", "x"), large=ints(2**33)
    )


@hostile
def strides_that_overflow() -> onnx.ModelProto:
    return model(
        node("Transpose", "picture", "y", perm=[0, 3, 1, 2]),
        node("ConvTranspose", "y kernel", "x", strides=[2**60, 2**60]),
        kernel=floats(3, 1, 3, 3),
    )


@hostile
def enlargement_without_end() -> onnx.ModelProto:
    return model(node("Resize", "picture - scales", "x"), scales=np.float32([1, np.inf, 1, 1]))


@hostile
def enlargement_by_no_number() -> onnx.ModelProto:
    return model(node("Resize", "picture - scales", "x"), scales=np.float32([1, np.nan, 1, 1]))


# Other results than a picture


@hostile
def another_size() -> onnx.ModelProto:
    return model(node("Resize", "picture - scales", "cartoon"), scales=np.float32([1, 2, 2, 1]))


@hostile
def another_size_for_a_larger_picture() -> onnx.ModelProto:
    return model(
        *beyond(),
        node("Concat", "zero more zero zero zero zero zero zero", "margin", axis=0),
        node("Pad", "picture margin", "cartoon"),
        side=ints(300),
        zero=ints(0),
    )


@hostile
def another_rank() -> onnx.ModelProto:
    return model(node("Unsqueeze", "picture axes", "cartoon"), axes=ints(0))


@hostile
def another_number_of_channels() -> onnx.ModelProto:
    return model(node("Concat", "picture picture", "cartoon", axis=3))


@hostile
def whole_numbers() -> onnx.ModelProto:
    return model(node("Cast", "picture", "cartoon", to=TensorProto.INT32))


@hostile
def infinity() -> onnx.ModelProto:
    return model(node("Div", "picture zero", "y"), node("Abs", "y", "cartoon"), zero=np.float32(0))


@hostile
def infinity_below() -> onnx.ModelProto:
    return model(node("Mul", "picture zero", "y"), node("Log", "y", "cartoon"), zero=np.float32(0))


@hostile
def no_numbers() -> onnx.ModelProto:
    return model(node("Mul", "picture zero", "y"), node("Div", "y y", "cartoon"), zero=np.float32(0))


def write_styles(folder: Path, names: Iterable[str]) -> None:
    """A style for each, and two photographs."""
    for name in names:
        make_style(folder / name, halo=8, multiple=1, model=HOSTILE[name]())
    draw_picture((64, 48)).save(folder / "photo.png")
    draw_picture((400, 320)).save(folder / "large.png")


def attempt(folder: Path, name: str, command: str) -> dict[str, object]:
    """What becomes of it, with the processor seconds, and the most bytes that this process has needed yet."""
    from typer.testing import CliRunner

    from toonify.cli.app import app

    photo = folder / ("large.png" if name.endswith("larger-picture") else "photo.png")
    style, cartoon = folder / name, folder / f"{name}.png"
    words = {
        "convert": [photo, cartoon, "--style", style],
        "export": [style, "-o", folder / "exported" / name],
    }
    began = time.process_time()
    done = CliRunner().invoke(app, [command, *map(str, words[command])])
    return {
        "name": name,
        "command": command,
        "exit": done.exit_code,
        "error": ""
        if done.exception is None or isinstance(done.exception, SystemExit)
        else repr(done.exception),
        "output": done.stdout + done.stderr,
        "drawn": cartoon.exists(),
        "seconds": time.process_time() - began,
        "memory": most_memory(),
    }


def most_memory() -> int:
    """The most bytes that this process has needed; what it was forked from does not count on Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    place, *chosen = sys.argv[1:]
    if not (Path(place) / "photo.png").exists():
        write_styles(Path(place), chosen or HOSTILE)
    for each in chosen or HOSTILE:
        for verb in ("convert", "export"):
            print(json.dumps(attempt(Path(place), each, verb)), flush=True)
