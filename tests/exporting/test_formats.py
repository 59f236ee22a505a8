"""Each format draws what the style draws, in its own runtime, for whoever picks it up."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest

from toonify.exporting import ExportRequest, export_style

PICTURE = np.random.default_rng(1).uniform(-1, 1, (1, 45, 38, 3)).astype("float32")
PADDED = np.pad(PICTURE, ((0, 0), (0, 3), (0, 2), (0, 0)), mode="symmetric")  # to multiples of 8


@pytest.fixture(scope="module")
def saved_model(styles, tmp_path_factory):
    output = tmp_path_factory.mktemp("out")
    export_style(ExportRequest(styles["lite"], output, ("saved-model",)))
    return styles["lite"], output / "tiny-lite-saved-model"


@pytest.mark.parametrize("name", ["lite", "cartoongan"])
def test_both_formats_are_written_and_verified(style, tmp_path, name):
    request = ExportRequest(style(name), tmp_path / "out", ("onnx", "saved-model"))
    first, second = export_style(request).exported
    assert (first.format, first.path) == ("onnx", tmp_path / "out" / f"tiny-{name}.onnx")
    assert (second.format, second.path) == ("saved-model", tmp_path / "out" / f"tiny-{name}-saved-model")
    assert first.differences == {"ONNX Runtime": 0.0}
    assert second.differences.keys() == {"TensorFlow", "TensorFlow Hub"}
    assert max(second.differences.values()) < 1e-4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [second.path.name, first.path.name]


def test_onnx_keeps_the_network_and_adds_the_card(style, tmp_path, draw):
    folder = style("lite")
    (exported,) = export_style(ExportRequest(folder, tmp_path)).exported
    ours, theirs = onnx.load(folder / "generator.onnx"), onnx.load(exported.path)
    assert ours.graph == theirs.graph
    facts = {entry.key: entry.value for entry in theirs.metadata_props}
    assert facts == {
        "toonify.name": "tiny lite",
        "toonify.licence": "CC0-1.0",
        "toonify.range": "RGB in [-1, 1]",
        "toonify.multiple": "8",
        "toonify.halo": "96",
    }
    np.testing.assert_array_equal(draw(exported.path, PADDED), draw(folder / "generator.onnx", PADDED))


def test_the_halo_of_a_style_that_looks_at_everything_is_told_in_words(style, tmp_path):
    (exported,) = export_style(ExportRequest(style("cartoongan"), tmp_path)).exported
    facts = {entry.key: entry.value for entry in onnx.load(exported.path).metadata_props}
    assert facts["toonify.halo"] == "whole picture"


def test_a_saved_model_takes_any_size_padding_as_convert_does(saved_model, draw):
    import tensorflow as tf

    folder, path = saved_model
    serve = tf.saved_model.load(str(path)).signatures["serving_default"]
    expected = draw(folder / "generator.onnx", PADDED)[:, :45, :38]
    np.testing.assert_allclose(serve(picture=tf.constant(PICTURE))["cartoon"], expected, atol=1e-5)


@pytest.mark.parametrize("sides", [(1, 1), (3, 70)])
def test_a_saved_model_takes_pictures_smaller_than_its_padding(saved_model, draw, sides):
    import tensorflow_hub

    folder, path = saved_model
    height, width = sides
    pixels = PICTURE[:, :height, :1].repeat(width, axis=2)
    pad = ((0, 0), (0, 32 - height), (0, -width % 8 if width > 32 else 32 - width), (0, 0))
    expected = draw(folder / "generator.onnx", np.pad(pixels, pad, mode="symmetric"))[:, :height, :width]
    np.testing.assert_allclose(tensorflow_hub.load(str(path))(pixels), expected, atol=1e-5)


def test_a_saved_model_keeps_each_weight_once_and_the_card_beside(saved_model):
    folder, path = saved_model
    stored = sum(file.stat().st_size for file in (path / "variables").iterdir())
    assert stored < 1.5 * (folder / "generator.npz").stat().st_size
    assert json.loads((path / "assets.extra" / "style.json").read_text())["name"] == "tiny lite"


def test_a_saved_model_joins_a_keras_model(saved_model):
    import keras

    layer = keras.layers.TFSMLayer(str(saved_model[1]), call_endpoint="serving_default")
    assert layer(PADDED)["cartoon"].shape == PADDED.shape


@pytest.mark.slow
def test_a_saved_model_needs_neither_toonify_nor_keras(saved_model):
    code = (
        "import sys; sys.modules['toonify'] = sys.modules['keras'] = None\n"
        "import tensorflow as tf\n"
        "print(tf.saved_model.load(sys.argv[1])(tf.zeros((1, 20, 30, 3))).shape)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(saved_model[1])], capture_output=True, text=True)
    assert run.stdout.strip() == "(1, 20, 30, 3)", run.stderr
