"""What a network will take is worked out without running it, and so it is when it runs."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hostile_styles import floats, ints, model, node
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from tiny_style import MULTIPLE, tiny_network

from toonify.errors import ToonifyError
from toonify.styles.checks import operators, read_network
from toonify.styles.checks.folding import _FOLDS, fold


def read(network: onnx.ModelProto, tmp_path, multiple: int = 1):
    return read_network(network.SerializeToString(), tmp_path / "generator.onnx", multiple=multiple)


def test_what_is_alive_at_once_counts(tmp_path):
    # The picture (3 values a pixel) is there all the time, and it transposed (3). At most: 8 channels of the
    # first convolution at half the sides, with room for 16 (4 values a pixel), and as many behind it.
    pixels = 256 * 256
    found = read(tiny_network(), tmp_path, MULTIPLE).check((1, 256, 256, 3))
    assert found.peak == pytest.approx(4 * 14 * pixels, rel=0.01)


def test_what_one_order_would_keep_counts_whatever_the_order_of_the_file(tmp_path):
    """Walked back from the result, all of `wide` is there before the first of it is used again."""
    branches = [
        each
        for number in range(20)
        for each in (
            node("Tile", "picture times", f"wide{number}"),
            node("ReduceMean", f"wide{number}", f"mean{number}", keepdims=0),
            node("ReduceMax", f"wide{number}", f"most{number}", keepdims=0),
        )
    ]
    means = node("Sum", " ".join(f"mean{number}" for number in range(20)), "means")
    mosts = node("Sum", " ".join(f"most{number}" for number in range(20)), "mosts")
    network = model(*branches, means, mosts, node("Add", "means mosts", "x"), times=ints(1, 1, 1, 4))
    found = read(network, tmp_path).check((1, 64, 64, 3))
    assert found.peak > 20 * 4 * 12 * 64 * 64


def halves_and_back() -> onnx.ModelProto:
    """As exporters write `picture[:, :height // 2 * 2]`, resized to half and back to what it was."""
    return model(
        node("Shape", "picture", "sides"),
        node("Cast", "sides", "narrow", to=onnx.TensorProto.INT32),
        node("Slice", "narrow one three", "both"),
        node("Div", "both two", "half"),
        node("Squeeze", "half", "half2"),
        node("Cast", "half2", "wide", to=onnx.TensorProto.INT64),
        node("Concat", "batch wide channels", "smaller", axis=0),
        node("Resize", "picture - - smaller", "small", mode="linear"),
        node("Resize", "small - - sides", "large", mode="linear"),
        node("Mod", "sides four", "rest"),
        node("Sub", "four rest", "missing"),
        node("Where", "whole zeros missing", "ends"),
        node("Concat", "zeros ends", "margin", axis=0),
        node("Pad", "large margin", "padded"),
        node("Slice", "padded zeros sides", "cartoon"),
        one=ints(1),
        three=ints(3),
        two=np.array([2], np.int32),
        four=ints(4, 4, 4, 4),
        batch=ints(1),
        channels=ints(3),
        zeros=ints(0, 0, 0, 0),
        whole=np.array([True, False, False, True]),
    )


@pytest.mark.parametrize("size", [(64, 64), (50, 38), (33, 71)])
def test_sizes_that_are_computed_from_the_pictures_are_known(tmp_path, size):
    network = halves_and_back()
    names = [name for each in network.graph.node for name in each.output]
    checked = read(network, tmp_path)
    picture = np.zeros((1, *size, 3), np.float32)
    total = checked.check(picture.shape).total - picture.nbytes
    for name in names[:-1]:
        network.graph.output.append(helper.make_empty_tensor_value_info(name))
    session = onnxruntime.InferenceSession(network.SerializeToString())
    values = session.run(names, {"picture": picture})
    aside = 4 * 3 * size[0] * size[1] * 2  # what the two `Resize` may lay out
    assert total - aside == sum(value.nbytes for value in values)


GIVEN = {
    "Cast": ([floats(3) * 2.5], {"to": onnx.TensorProto.INT64}),
    "Concat": ([ints(1, 2), ints(3)], {"axis": 0}),
    "ConstantOfShape": ([ints(2, 3)], {"value": numpy_helper.from_array(ints(7))}),
    "Div": ([ints(7, -7, 7, -7, 6), ints(2, 2, -2, -2, 3)], {}),
    "Gather": ([ints(5, 6, 7), ints(2, -1, 0)], {}),
    "Max": ([ints(1, 5), ints(3), ints(2, 2)], {}),
    "Min": ([ints(1, 5), ints(3), ints(2, 2)], {}),
    "Mod": ([ints(7, -7, 7, -7), ints(4, 4, -4, -4)], {}),
    "Reshape": ([ints(*range(6)), ints(2, -1)], {}),
    "Slice": ([ints(*range(8)), ints(6), ints(-(2**63)), ints(0), ints(-2)], {}),
    "Split": ([ints(*range(6))], {}),
    "Squeeze": ([ints(4), ints(0)], {}),
    "Transpose": ([np.arange(6).reshape(2, 3)], {}),
    "Unsqueeze": ([ints(1, 2), ints(0, 2)], {}),
    "Where": ([np.array([True, False]), ints(1, 2), ints(3, 4)], {}),
}
LOGIC = {"And", "Or", "Not"}
ONE = {"Ceil", "Floor", "Identity", "Neg", "Not", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSum"}


def numbers_called(name: str, value: np.ndarray) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


@pytest.mark.parametrize("kind", _FOLDS)
def test_small_numbers_are_what_onnx_makes_of_them(kind):
    values = [np.array([True, False, True])] * 2 if kind in LOGIC else [ints(-3, 4, 5), ints(2, 4, 3)]
    values = [floats(3) * 1.5] if kind in ("Ceil", "Floor") else values[: 1 if kind in ONE else 2]
    values, attributes = GIVEN.get(kind, (values, {}))
    names = [f"v{number}" for number in range(len(values))]
    outputs = ["a", "b", "c"] if kind == "Split" else ["a"]
    one = helper.make_node(kind, names, outputs, **attributes)
    graph = helper.make_graph(
        [one],
        "one",
        [numbers_called(name, value) for name, value in zip(names, values, strict=True)],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    wanted = ReferenceEvaluator(network).run(None, dict(zip(names, values, strict=True)))
    made = fold(one, values)
    assert made is not None
    for got, expected in zip(made, wanted, strict=True):
        np.testing.assert_array_equal(got, expected)
        assert got.dtype == expected.dtype


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("Mul", [ints(2**62), ints(4)]),
        ("Div", [ints(1), ints(0)]),
        ("Add", [ints(1, 2), ints(1, 2, 3)]),
        ("Reshape", [ints(1, 2), ints(3)]),
        ("Gather", [ints(1), ints(5)]),
        ("ConstantOfShape", [ints(10**6, 10**6)]),
        ("Sin", [floats(1)]),
    ],
)
def test_numbers_that_cannot_be_worked_out_stay_unknown(kind, values):
    assert fold(node(kind, " ".join("ab"[: len(values)]), "c"), values) is None


def test_every_operator_that_may_be_used_is_one_of_onnxs():
    known = {schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == ""}
    assert set(operators.COSTS) <= known
    assert set(operators.COSTS) >= operators.GROWING


@pytest.mark.parametrize(
    ("each", "given", "made", "operations"),
    [
        (node("Conv", "x w", "y"), [(1, 8, 10, 10), (16, 8, 3, 3)], [(1, 16, 8, 8)], 16 * 64 * 8 * 9),
        (node("ConvTranspose", "x w", "y"), [(1, 8, 10, 10), (8, 4, 3, 3)], [(1, 4, 12, 12)], 800 * 4 * 9),
        (node("MatMul", "x y", "z"), [(2, 50, 30), (30, 7)], [(2, 50, 7)], 2 * 50 * 30 * 7),
        (node("Gemm", "x y", "z", transA=1), [(30, 50), (30, 7)], [(50, 7)], 50 * 30 * 7),
        (node("MaxPool", "x", "y", kernel_shape=[3, 5]), [(1, 3, 9, 9)], [(1, 3, 7, 5)], 2 * 3 * 35 * 15),
        (node("LRN", "x", "y", size=9), [(1, 3, 9, 9)], [(1, 3, 9, 9)], 2 * 243 * 9),
        (node("Einsum", "x y", "z", equation="bij, bjk -> bik"), [(2, 3, 4), (2, 4, 5)], [(2, 3, 5)], 120),
        (node("Einsum", "x y", "z", equation="...i,...i->..."), [(2, 3), (2, 3)], [(2,)], 36),
        (node("Relu", "x", "y"), [(1, 3, 9, 9)], [(1, 3, 9, 9)], 0),
    ],
    ids=lambda value: getattr(value, "op_type", None),
)
def test_multiplications_are_counted(each, given, made, operations):
    values = operators.VALUE * sum(int(np.prod(shape)) for shape in (*given, *made))
    counted = operators.COSTS[each.op_type](each, given, made)
    assert operations <= counted <= operations + values


def test_a_network_that_only_fits_other_sizes_says_which_operator_does_not(tmp_path):
    with pytest.raises(ToonifyError, match=r"has Add 'f', which does not fit what it is given"):
        read(tiny_network(), tmp_path, multiple=5)
