"""`to_onnx` writes one quiet, self-contained file with the names that styles promise."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import partial

import keras
import numpy as np
import onnx
import pytest
from keras import ops
from onnx import helper, numpy_helper

from toonify.errors import ToonifyError
from toonify.inference import open_onnx
from toonify.networks import round_to_half, to_onnx
from toonify.networks.blocks import LogitBlur
from toonify.networks.layers import DepthToSpace
from toonify.networks.lite import Lite
from toonify.networks.onnx_graph import number_values, put_in_order
from toonify.networks.unet import UNet

PICTURE = np.random.default_rng(0).uniform(-1, 1, (2, 48, 40, 3)).astype("float32")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    model = Lite(width=1).build()
    path = tmp_path_factory.mktemp("onnx") / "lite.onnx"
    to_onnx(model, path)
    return model, path, onnx.load(path)


def run(path, pixels: np.ndarray) -> np.ndarray:
    return open_onnx(path).run(pixels)


def test_weights_that_float16_holds_take_half_of_the_room_and_draw_the_same(tmp_path):
    picture = keras.Input((None, None, 3))
    inner = keras.layers.Conv2D(8, 3, padding="same", activation="relu")(picture)
    model = keras.Model(picture, keras.layers.Conv2D(3, 3, padding="same")(inner))
    whole, half = tmp_path / "whole.onnx", tmp_path / "half.onnx"
    to_onnx(model, whole)
    round_to_half(model)
    to_onnx(model, half)
    kinds = []
    for path in (whole, half):
        stored = onnx.load(path)
        onnx.checker.check_model(stored, full_check=True)
        weights = [weight for weight in stored.graph.initializer if np.prod(weight.dims) >= 64]
        kinds.append({weight.data_type for weight in weights})
    assert kinds == [{onnx.TensorProto.FLOAT}, {onnx.TensorProto.FLOAT16}]
    np.testing.assert_allclose(run(half, PICTURE), model(PICTURE), atol=1e-5)
    assert np.abs(run(half, PICTURE) - run(whole, PICTURE)).max() < 2e-3


def test_a_network_gives_the_same_bytes_in_whatever_order_and_names_its_graph_came():
    """tf2onnx's sets bring operators and weights in another order with each process."""

    def graph(first: str, second: str, half: str, end: str, *order: int) -> bytes:
        value = partial(helper.make_tensor_value_info, elem_type=onnx.TensorProto.FLOAT, shape=[1])
        nodes = [
            helper.make_node("Mul", ["picture", second], [half]),
            helper.make_node("Add", ["picture", first], [end]),
            helper.make_node("Sub", [end, half], ["cartoon"]),
        ]
        weights = [
            numpy_helper.from_array(np.full(1, n, "f4"), name) for n, name in enumerate((first, second))
        ]
        made = helper.make_graph(nodes, "", [value("picture")], [value("cartoon")], weights)
        for several in (made.node, made.initializer):
            several.sort(key=lambda one: order[[*nodes, *weights].index(one)])
        put_in_order(made)
        number_values(made)
        return made.SerializeToString(deterministic=True)

    assert graph(*"abcd", 0, 1, 2, 3, 4) == graph(*"zyxw", 1, 0, 2, 4, 3)


def test_the_file_is_valid_onnx_of_opset_17(exported):
    _, _, proto = exported
    onnx.checker.check_model(proto, full_check=True)
    assert [(entry.domain, entry.version) for entry in proto.opset_import if not entry.domain] == [("", 17)]


@pytest.mark.parametrize(("values", "name"), [("input", "picture"), ("output", "cartoon")])
def test_names_and_axes_are_readable(exported, values, name):
    (value,) = getattr(exported[2].graph, values)
    axes = [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim]
    assert (value.name, axes) == (name, ["batch", "height", "width", 3])
    assert value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT


def test_the_file_holds_everything(exported):
    _, path, proto = exported
    assert not any(tensor.external_data for tensor in proto.graph.initializer)
    assert [file.name for file in path.parent.iterdir()] == ["lite.onnx"]


def test_values_are_numbered_and_operators_are_named_after_their_layers(exported):
    graph = exported[2].graph
    values = {name for node in graph.node for name in (*node.input, *node.output) if name}
    assert all(name.isdecimal() for name in values - {"picture", "cartoon"})
    assert any("down2" in node.name for node in graph.node)


def test_only_the_ends_are_transposed_and_upsampling_is_one_operator(exported):
    operators = Counter(node.op_type for node in exported[2].graph.node)
    assert operators["Transpose"] == 2
    assert (operators["Resize"], operators["DepthToSpace"], operators["Concat"]) == (2, 1, 0)


def test_any_size_and_batch_gives_the_same_pictures(exported):
    model, path, _ = exported
    for pixels in (PICTURE, PICTURE[:1, :8, :16]):
        np.testing.assert_allclose(run(path, pixels), model(pixels), atol=1e-5)


def test_mixed_precision_is_exported_in_float32(tmp_path):
    pictures = []
    for policy in ("float32", "mixed_bfloat16"):
        keras.config.set_dtype_policy(policy)
        try:
            picture = keras.Input((None, None, 3))
            model = keras.Model(picture, keras.layers.Conv2D(3, 3, padding="same")(picture))
        finally:
            keras.config.set_dtype_policy("float32")
        model.set_weights([np.full(weight.shape, 0.123456789) for weight in model.weights])
        to_onnx(model, tmp_path / f"{policy}.onnx")
        pictures.append(run(tmp_path / f"{policy}.onnx", PICTURE))
    np.testing.assert_array_equal(*pictures)


def test_a_strangers_upsampling_that_feeds_something_else_too_is_left_alone(tmp_path):
    picture = keras.Input((None, None, 3))
    four = keras.layers.Concatenate()([picture] * 4)
    wide = DepthToSpace()(four)
    model = keras.Model(picture, keras.layers.AveragePooling2D(2)(wide) + four[..., :3])
    to_onnx(model, tmp_path / "odd.onnx")
    np.testing.assert_allclose(run(tmp_path / "odd.onnx", PICTURE), model(PICTURE), atol=1e-6)


def test_an_exact_gelu_is_written_in_operators_that_onnx_has(tmp_path):
    picture = keras.Input((None, None, 3))
    inner = keras.layers.Conv2D(4, 1, activation="gelu", kernel_initializer="random_normal")(picture * 90)
    model = keras.Model(picture, keras.layers.Conv2D(3, 1)(inner))
    to_onnx(model, tmp_path / "gelu.onnx")
    onnx.checker.check_model(onnx.load(tmp_path / "gelu.onnx"), full_check=True)
    np.testing.assert_allclose(run(tmp_path / "gelu.onnx", PICTURE), model(PICTURE), atol=1e-4)


@pytest.fixture(scope="module")
def simple() -> keras.Model:
    """A network that is exported in no time."""
    picture = keras.Input((None, None, 3))
    return keras.Model(picture, keras.layers.Conv2D(3, 1)(picture))


def test_a_folder_that_is_not_there_is_an_error_in_a_line(simple, tmp_path):
    with pytest.raises(ToonifyError, match="cannot be written"):
        to_onnx(simple, tmp_path / "nowhere" / "simple.onnx")


def test_nothing_is_printed(simple, tmp_path, capfd, caplog):
    to_onnx(simple, tmp_path / "simple.onnx")
    assert tuple(capfd.readouterr()) == ("", "")
    assert caplog.records == []


QUIET = """
from pathlib import Path; import sys
from toonify.networks import to_onnx
from toonify.networks.lite import Lite
model = Lite(width=1).build()
print("begin", flush=True); print("begin", file=sys.stderr, flush=True)
to_onnx(model, Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_nothing_is_printed_in_a_process_that_imports_the_converter(tmp_path):
    arguments = [sys.executable, "-c", QUIET, str(tmp_path / "lite.onnx")]
    result = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert result.stdout == "begin\n"
    assert result.stderr.partition("begin\n")[2] == ""


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """A network with a palette, of 12 channels where a block of ONNX Runtime has 16, and its file.

    A bias of ink, which is added to a blur, once kept tf2onnx from removing transpositions.
    """
    keras.utils.set_random_seed(0)
    with pytest.MonkeyPatch.context() as patch:  # fewer layers, none of another kind
        patch.setattr("toonify.networks.unet.DEPTHS", {4: 1, 8: 1, 16: 1, 32: 1})
        model = UNet(width=12, paints=5, paint_gain=2.5, smooth=True, ink_bias=-0.5).build()
    round_to_half(model)
    path = tmp_path_factory.mktemp("painted") / "unet.onnx"
    to_onnx(model, path)
    return model, path, onnx.load(path)


def test_a_palette_is_mixed_in_planes_to_the_same_pictures(painted):
    model, path, proto = painted
    for pixels in (PICTURE[:, :32, :32], np.tile(PICTURE, (1, 2, 4, 1))[:1, :96, :64]):
        np.testing.assert_allclose(run(path, pixels), model(pixels), atol=1e-5)
    operators = Counter(node.op_type for node in proto.graph.node)
    assert (operators["MatMul"], operators["Transpose"]) == (4, 2)


def test_channels_that_would_not_fill_a_block_are_more_in_the_file(painted):
    _, _, proto = painted
    shapes = {weight.name: list(weight.dims) for weight in proto.graph.initializer}
    shapes |= {
        node.output[0]: shapes[node.input[0]] for node in proto.graph.node if node.input[0] in shapes
    }  # of weights that are cast from float16
    kernels = [shapes[node.input[1]] for node in proto.graph.node if node.op_type == "Conv"]
    assert not [kernel for kernel in kernels if 12 in kernel[:2]]
    assert [16, 16, 3, 3] in kernels


def test_a_blur_of_logits_does_not_multiply_by_the_zeros_between_its_blocks(tmp_path):
    picture = keras.Input((None, None, 3))
    blurred = LogitBlur(2)(keras.layers.Conv2D(32, 1)(picture))
    model = keras.Model(picture, keras.layers.Conv2D(3, 1)(blurred))
    to_onnx(model, tmp_path / "blur.onnx")
    nodes = onnx.load(tmp_path / "blur.onnx").graph.node
    groups = [a.i for node in nodes if node.op_type == "Conv" for a in node.attribute if a.name == "group"]
    assert groups == [1, 2, 1]
    np.testing.assert_allclose(run(tmp_path / "blur.onnx", PICTURE), model(PICTURE), atol=1e-5)


def test_a_number_that_is_added_to_a_number_stays_one(tmp_path):
    class Shifted(keras.layers.Layer):
        def call(self, pixels):
            numbers = [ops.mean(pixels) + 1.0, ops.max(pixels) + 2.0, 0.0]
            return pixels + ops.stack(numbers)

    picture = keras.Input((None, None, 3))
    model = keras.Model(picture, Shifted()(picture))
    to_onnx(model, tmp_path / "shifted.onnx")
    np.testing.assert_allclose(run(tmp_path / "shifted.onnx", PICTURE), model(PICTURE), atol=1e-5)


def test_what_else_looks_at_the_channels_keeps_them(tmp_path):
    picture = keras.Input((None, None, 3))
    twelve = keras.layers.Conv2D(12, 1, activation="relu")(picture)
    model = keras.Model(picture, keras.layers.Conv2D(3, 1)(keras.layers.Softmax()(twelve)))
    to_onnx(model, tmp_path / "softmax.onnx")
    np.testing.assert_allclose(run(tmp_path / "softmax.onnx", PICTURE), model(PICTURE), atol=1e-6)


def test_a_choice_among_paints_is_scaled_and_clipped_by_its_convolution(painted):
    """The one multiplication of a convolution's result that is left would be a pass over all logits."""
    _, _, proto = painted
    makers = {output: node for node in proto.graph.node for output in node.output}
    before = [makers[node.input[0]].op_type for node in proto.graph.node if node.op_type == "Exp"]
    assert before == ["Clip"]
    clips = [node for node in proto.graph.node if node.op_type == "Clip"]
    assert "Conv" in [makers[node.input[0]].op_type for node in clips]
    assert not {"Min", "Max"} & {node.op_type for node in proto.graph.node}
