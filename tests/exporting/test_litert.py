"""LiteRT files: of any size or one, in three precisions, and 8 bits for ONNX Runtime by the same rules."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toonify.errors import USAGE, ToonifyError
from toonify.exporting import ExportRequest, calibration, export_style
from toonify.exporting.int8 import Operation, input_layers, is_fixed, output_layers
from toonify.exporting.litert import runtime
from toonify.exporting.onnx_int8 import quantise
from toonify.inference import open_runtime
from toonify.storage import StyleManifest
from toonify.styles import load_style

PICTURE = np.random.default_rng(1).uniform(-1, 1, (1, 48, 40, 3)).astype("float32")


def test_it_draws_batches_of_any_size_as_the_style_does(litert, styles):
    assert (litert.format, litert.path.name) == ("litert", "tiny-lite.tflite")
    assert litert.differences["LiteRT"] < 1e-4
    draw, original = runtime.open_file(litert.path), open_runtime(load_style(styles("lite"))).run
    for pictures in (PICTURE, PICTURE.repeat(2, axis=0), PICTURE[:, :32, :32]):
        np.testing.assert_allclose(draw(pictures), original(pictures), atol=1e-5)


def test_it_is_built_of_operators_that_every_runtime_has(litert):
    names = {node["op_name"] for node in runtime.start(litert.path.read_bytes())._get_ops_details()}
    assert {"CONV_2D", "DEPTH_TO_SPACE"} <= names
    assert not {name for name in names if name.startswith("Flex") or name == "CUSTOM"}


@pytest.mark.slow
def test_half_and_a_third_as_large(run, styles, tmp_path):
    pytest.importorskip("ai_edge_quantizer")
    formats = "litert,litert-float16,litert-int8"
    for style in ("comic", "drawn"):
        result = run("export", style, "--to", formats, "-o", tmp_path, "--json")
        assert result.exit_code == 0, result.output
        whole, half, int8 = json.loads(result.stdout)["exported"]
        assert half["bytes"] < 0.55 * whole["bytes"] and int8["bytes"] < 0.35 * whole["bytes"]
        psnr = [exported["likeness"]["LiteRT"]["psnr"] for exported in (whole, half, int8)]
        assert psnr[0] > 100 and psnr[1] > 60 and psnr[2] > 38
    request = ExportRequest(styles("lite", width=24), tmp_path, "litert-int8")
    assert export_style(request).exported[0].path.stat().st_size < 500_000


@pytest.mark.slow
def test_a_network_that_normalises_is_drawn_at_any_size(styles, tmp_path):
    pytest.importorskip("ai_edge_litert")
    request = ExportRequest(styles("cartoongan"), tmp_path, ("litert", "litert-float16"))
    whole, half = export_style(request).exported
    assert whole.differences["LiteRT"] < 1e-3 and half.likeness["LiteRT"].psnr > 45


@pytest.mark.slow
def test_of_one_size_it_takes_no_other(style, tmp_path):
    pytest.importorskip("ai_edge_litert")
    folder = style()
    dataclasses.replace(StyleManifest.read(folder), detail=90).write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path, "litert", size="64x48")).exported
    card = Path(f"{exported.path}.md").read_text("utf-8")
    assert "| draws best | at 90 × 90 pixels, or as many in another shape |\n" in card
    assert exported.likeness["LiteRT"].size == (64, 48)
    draw = runtime.open_file(exported.path)
    assert draw(np.zeros((1, 48, 64, 3), np.float32)).shape == (1, 48, 64, 3)
    with pytest.raises(RuntimeError, match="only allows mutating unknown dimensions"):
        draw(PICTURE)


def refusal(*arguments, **options) -> ToonifyError:
    with pytest.raises(ToonifyError) as caught:
        export_style(ExportRequest(*arguments, **options))
    return caught.value


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("60x48", "`size` should be multiples of 8 for the style 'tiny lite', and 32 at least, not 60x48"),
        ("24", "and 32 at least, not 24x24"),
        ("small", "`size` should be WIDTHxHEIGHT in pixels, such as 640x480, not 'small'"),
        ("8x", "`size` should be WIDTHxHEIGHT"),
        ("1x2x3", "`size` should be WIDTHxHEIGHT"),
    ],
)
def test_a_size_that_is_none(styles, tmp_path, size, message):
    pytest.importorskip("ai_edge_litert")
    error = refusal(styles("lite"), tmp_path / "out", "litert", size=size)
    assert message in error.message and error.exit_code == USAGE
    assert not (tmp_path / "out").exists()


def test_a_size_that_does_not_fit_into_the_memory(styles, tmp_path, monkeypatch):
    pytest.importorskip("ai_edge_litert")
    monkeypatch.setattr("toonify.exporting.base.available_memory", lambda: 100_000)
    error = refusal(styles("lite"), tmp_path / "out", "litert", size="64x48")
    assert re.fullmatch(r"`size` 64x48 needs about 0\.\d GB to be drawn, and 0\.0 GB are free", error.message)
    assert not (tmp_path / "out").exists()


def test_options_of_formats_that_nobody_asked_for(run, styles):
    result = run("export", styles("lite"), "--size", "64x64", "--to", "onnx")
    assert result.exit_code == 2
    assert "--size is for the formats coreml, litert, litert-float16, litert-int8" in result.stderr
    result = run("export", styles("lite"), "--calibrate", ".")
    assert result.exit_code == 2 and "--calibrate is for the formats litert-int8, onnx-int8" in result.stderr


@pytest.mark.parametrize("name", ["ai_edge_litert", "ai_edge_quantizer"])
def test_without_its_packages_the_extra_is_named(styles, tmp_path, monkeypatch, name):
    monkeypatch.setattr("toonify.exporting.base.installed", lambda module: module != name)
    error = refusal(styles("lite"), tmp_path / "out", "litert-int8")
    assert error.hint == 'Install it: pip install "toonify-gan[litert]"'
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format_", ["litert-int8", "onnx-int8"])
def test_what_normalises_does_not_survive_8_bits(styles, tmp_path, format_):
    if format_ == "litert-int8":
        pytest.importorskip("ai_edge_quantizer")
    error = refusal(styles("cartoongan"), tmp_path / "out", format_)
    assert "the style 'tiny cartoongan' does not survive 8 bits" in error.message
    assert "GlobalAveragePool" in error.message and "onnx-float16" in error.hint
    assert not (tmp_path / "out").exists()


UNKNOWN = """
    import keras
    from toonify.plugins import Generator

    @keras.saving.register_keras_serializable("acme")
    class Polar(keras.layers.Layer):
        def call(self, pixels):
            import tensorflow as tf
            return tf.math.igamma(tf.abs(pixels), 1.0) + pixels

        def compute_output_shape(self, shape):
            return shape

    class Swirl(Generator):
        halo = 0
        multiple = 8

        def build(self):
            picture = keras.Input((None, None, 3), name="picture")
            return keras.Model(picture, Polar(name="polar")(picture))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("format_", "package", "why"),
    [
        ("litert", "ai_edge_litert", "LiteRT has no operator Igamma"),
        ("coreml", "coremltools", "coremltools refuses it: "),
    ],
)
def test_an_operator_that_a_format_lacks_is_named(style, tmp_path, install, format_, package, why):
    pytest.importorskip(package)
    install("acme-nets", {"generators": {"swirl": "acme_nets:Swirl"}}, acme_nets=UNKNOWN)
    import acme_nets

    from toonify.networks import save_weights
    from toonify.storage import StyleManifest

    folder = style("lite")
    save_weights(acme_nets.Swirl().build(), folder / "generator.npz")
    card = StyleManifest.read(folder)
    card.generator, card.generator_options = "swirl", {}
    card.write(folder)
    error = refusal(folder, tmp_path / "out", format_)
    assert f"of the generator 'swirl', cannot be exported: {why}" in error.message
    assert "Igamma" in error.message and error.hint.startswith("Give a `size`, ")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_outer_layers_are_what_no_convolution_follows_or_comes_before():
    graph = [
        Operation("scale", ["picture"], ["scaled"], False),
        Operation("encode", ["scaled"], ["a"], True),
        Operation("relu", ["a"], ["b"], False),
        Operation("head", ["b"], ["c"], True),
        Operation("skip", ["b"], ["d"], False),
        Operation("sigmoid", ["c"], ["e"], False),
        Operation("add", ["d", "e"], ["cartoon"], False),
    ]
    assert output_layers(graph) == ["head", "skip", "sigmoid", "add"]
    assert input_layers(graph) == ["scale", "encode"]


def test_a_blur_is_known_by_its_taps():
    from toonify.networks.blocks import BINOMIAL, LogitBlur

    chance = np.random.default_rng(0)
    depthwise = np.tile(np.outer(BINOMIAL, BINOMIAL), (8, 1, 1, 1))
    one, many = (blur.transpose(3, 0, 1, 2) for blur in (LogitBlur().kernel(1), LogitBlur(2).kernel(32)))
    for kernel in (depthwise, one * np.float32(1.9), many * -0.7):
        assert is_fixed(kernel)
        assert is_fixed(kernel.astype(np.float16))
        assert not is_fixed(kernel + chance.normal(0, 1e-3, kernel.shape))
    assert not is_fixed(chance.normal(size=(1, 14, 3, 3)))
    contrast = chance.normal(size=(3, 1, 1, 3))  # colours of colours: nothing learnt either
    assert is_fixed(contrast) and is_fixed(contrast.reshape(3, 3, 1, 1))
    assert not is_fixed(contrast.reshape(1, 3, 3, 1))


def convolutions(*kernels: np.ndarray) -> bytes:
    """A network of convolutions without a bias, from 3 channels to 3, one after the other."""
    from onnx import TensorProto, helper, numpy_helper

    last = len(kernels)
    shape = [1, None, None, 3]
    nodes = [helper.make_node("Transpose", ["picture"], ["0"], perm=[0, 3, 1, 2])]
    for number in range(last):
        taken, made = [f"{number}", f"kernel {number}"], f"{number + 1}"
        nodes.append(helper.make_node("Conv", taken, [made], pads=[1, 1, 1, 1]))
    nodes.append(helper.make_node("Transpose", [f"{last}"], ["cartoon"], perm=[0, 2, 3, 1]))
    graph = helper.make_graph(
        nodes,
        "convolutions",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("cartoon", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(kernel, f"kernel {number}") for number, kernel in enumerate(kernels)],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


@pytest.mark.parametrize(("exact", "largest"), [(False, 64), (True, 127)])
def test_without_biases_too_the_first_and_the_last_convolution_and_its_blur_stay_in_float(exact, largest):
    import onnx

    from toonify.networks.blocks import LogitBlur

    chance = np.random.default_rng(0)
    first, middle, last = (chance.normal(0, 0.2, (3, 3, 3, 3)).astype(np.float32) for _ in range(3))
    blur = LogitBlur().kernel(3).transpose(3, 2, 0, 1)
    picture = chance.uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    network = convolutions(blur, first, middle, last, blur)
    made = onnx.load_model_from_string(quantise(network, [picture], {}, exact=exact))
    kernels = [node.input[1] for node in made.graph.node if node.op_type == "Conv"]
    assert kernels == ["kernel 0", "kernel 1", "kernel 2_DequantizeLinear_Output", "kernel 3", "kernel 4"]
    weights = {weight.name: onnx.numpy_helper.to_array(weight) for weight in made.graph.initializer}
    assert np.abs(weights["kernel 2_quantized"].astype(int)).max() == largest


def test_a_network_of_two_convolutions_is_not_quantised_at_all():
    import onnx

    chance = np.random.default_rng(0)
    kernels = [chance.normal(0, 0.2, (3, 3, 3, 3)).astype(np.float32) for _ in range(2)]
    picture = chance.uniform(-1, 1, (1, 32, 32, 3)).astype(np.float32)
    made = onnx.load_model_from_string(quantise(convolutions(*kernels), [picture], {}))
    assert not [node for node in made.graph.node if "Quantize" in node.op_type]


def test_onnx_in_8_bits_keeps_the_controls_and_its_output_layers_in_float(run, tmp_path):
    import onnx

    result = run("export", "comic", "--to", "onnx-int8", "-o", tmp_path, "--json")
    assert result.exit_code == 0, result.output
    (exported,) = json.loads(result.stdout)["exported"]
    assert exported["likeness"]["ONNX Runtime"]["psnr"] > 38
    model = onnx.load(tmp_path / "comic-int8.onnx")
    weights = [
        onnx.numpy_helper.to_array(weight).astype(int)
        for weight in model.graph.initializer
        if weight.data_type == onnx.TensorProto.INT8
    ]
    assert sum(weight.size for weight in weights) > 0.95 * 715_822
    assert 0 < max(np.abs(weight).max() for weight in weights) * 255 * 2 < 2**15, "two products may saturate"
    assert [value.name for value in model.graph.input] == ["picture", "ink", "colour", "line"]
    last = [node for node in model.graph.node if re.search("choice|ink_pixels", node.name)]
    assert len(last) > 1 and not any("Quantize" in name for node in last for name in node.input)


def test_an_export_below_its_psnr_is_not_kept(run, styles, tmp_path, monkeypatch):
    monkeypatch.setattr("toonify.exporting.onnx_int8.OnnxInt8.least_psnr", 99.0)
    result = run("export", styles("lite"), "--to", "onnx-int8", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert re.search(r"the PSNR is [\d.]+ dB, and 99 dB are asked for", result.stderr)
    assert "--calibrate" in result.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_pictures_of_a_folder_calibrate(run, styles, tmp_path, picture_file):
    picture_file("photos/a.png", (64, 48))
    picture_file("photos/deep/b.jpg", (40, 90), seed=1)
    pictures = list(calibration.calibration_pictures(tmp_path / "photos", 32))
    assert [picture.shape for picture in pictures] == [(1, 256, 256, 3)] * 2
    assert all(picture.min() >= -1 and picture.max() <= 1 for picture in pictures)
    result = run("export", styles("lite"), "--to", "onnx-int8", "--calibrate", tmp_path / "photos")
    assert result.exit_code == 0, result.output


def test_pictures_that_are_made_are_the_same_every_time_and_differ():
    first, second = (list(calibration.calibration_pictures(None, 8, (48, 32))) for _ in range(2))
    assert len(first) == calibration.MADE and first[0].shape == (1, 32, 48, 3)
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    assert len({picture.tobytes() for picture in first}) == calibration.MADE


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no pictures to calibrate with"),
        ({"notes.txt": b"no"}, "holds no pictures to calibrate with"),
        (None, "there is no folder"),
    ],
)
def test_a_calibration_folder_without_pictures(run, styles, tmp_path, files, message):
    folder = tmp_path / "photos"
    if files is not None:
        folder.mkdir()
        for name, data in files.items():
            (folder / name).write_bytes(data)
    result = run("export", styles("lite"), "--to", "onnx-int8", "--calibrate", folder)
    assert result.exit_code == 2
    assert message in result.stderr and "--calibrate" in result.stderr
    assert not (tmp_path / "export").exists()


def test_a_picture_to_calibrate_with_is_no_folder_of_them(run, styles, picture_file):
    result = run(
        "export", styles("lite"), "--to", "onnx-int8", "--calibrate", picture_file("one.png", (64, 48))
    )
    assert result.exit_code == 2
    assert "one.png is a file, not a folder Give --calibrate a folder" in " ".join(result.stderr.split())


def test_a_broken_picture_of_the_folder_is_named(run, styles, tmp_path):
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "photos" / "a.png")
    (tmp_path / "photos" / "b.png").write_bytes(b"no picture")
    result = run("export", styles("lite"), "--to", "onnx-int8", "--calibrate", tmp_path / "photos")
    assert result.exit_code == 1
    assert "b.png" in result.stderr and "--calibrate" in result.stderr
    assert [path.name for path in (tmp_path / "export").iterdir()] == []
