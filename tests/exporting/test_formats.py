"""Each format draws what the style draws, in its own runtime, for whoever picks it up."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest

from toonify.exporting import ExportRequest, export_style
from toonify.inference import open_onnx, open_runtime
from toonify.inference.padding import drawn_with_margin
from toonify.storage import Control, StyleManifest
from toonify.styles import load_style

PICTURE = np.random.default_rng(1).uniform(-1, 1, (1, 45, 38, 3)).astype("float32")
PADDED = np.pad(PICTURE, ((0, 0), (0, 3), (0, 2), (0, 0)), mode="symmetric")  # to multiples of 8


@pytest.mark.parametrize("name", [pytest.param("lite", marks=pytest.mark.slow), "cartoongan"])
def test_both_formats_are_written_and_verified(styles, tmp_path, name):
    request = ExportRequest(styles(name), tmp_path / "out", ("onnx", "saved-model"))
    first, second = export_style(request).exported
    assert (first.format, first.path) == ("onnx", tmp_path / "out" / f"tiny-{name}.onnx")
    assert (second.format, second.path) == ("saved-model", tmp_path / "out" / f"tiny-{name}-saved-model")
    assert first.differences == {"ONNX Runtime": 0.0}
    assert second.differences.keys() == {"TensorFlow", "TensorFlow Hub"}
    # Instance norm divides by deviations, which are small in a photograph's flat areas.
    assert max(second.differences.values()) < (3e-4 if name == "cartoongan" else 1e-4)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "export.json",
        second.path.name,
        first.path.name,
    ]


def test_onnx_keeps_the_network_and_adds_the_card(style, tmp_path, draw):
    folder = style("lite")
    (exported,) = export_style(ExportRequest(folder, tmp_path)).exported
    ours, theirs = onnx.load(folder / "generator.onnx"), onnx.load(exported.path)
    assert ours.graph.node == theirs.graph.node
    facts = {entry.key: entry.value for entry in theirs.metadata_props}
    assert facts.pop("toonify.controls")
    assert facts == {
        "toonify.name": "tiny lite",
        "toonify.licence": "CC0-1.0",
        "toonify.range": "RGB in [-1, 1]",
        "toonify.multiple": "8",
        "toonify.halo": "96",
        "toonify.detail": "0",
    }
    np.testing.assert_array_equal(draw(exported.path, PADDED), draw(folder / "generator.onnx", PADDED))


def test_onnx_takes_the_controls_and_says_what_they_are(style, tmp_path):
    folder = style("lite")
    card = StyleManifest.read(folder)
    card.controls["ink"] = Control(0, 2, 0.5, "how dark lines are")
    card.write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path)).exported
    model = onnx.load(exported.path)
    onnx.checker.check_model(model, full_check=True)
    notes = {value.name: value.doc_string for value in model.graph.input}
    assert list(notes) == ["picture", "ink", "colour", "line"]
    assert notes["ink"] == "0 to 2; how dark lines are"
    (told,) = [entry.value for entry in model.metadata_props if entry.key == "toonify.controls"]
    assert json.loads(told)["ink"] == {
        "minimum": 0,
        "maximum": 2,
        "default": 0.5,
        "description": "how dark lines are",
    }

    runtime = open_runtime(load_style(folder))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(exported.path), options)
    assert np.array_equal(session.run(None, {"picture": PADDED})[0], runtime.run(PADDED))
    chosen = {"ink": np.array(2, np.float32), "colour": np.array(0, np.float32)}
    drawn = session.run(None, {"picture": PADDED, **chosen})[0]
    assert np.array_equal(drawn, runtime.run(PADDED, {"ink": 2, "colour": 0}))
    assert not np.allclose(drawn, runtime.run(PADDED))


def test_a_style_without_controls_is_exported_as_it_is(style, tmp_path):
    folder = style("cartoongan")
    (exported,) = export_style(ExportRequest(folder, tmp_path)).exported
    ours, theirs = onnx.load(folder / "generator.onnx"), onnx.load(exported.path)
    assert ours.graph == theirs.graph
    assert "toonify.controls" not in {entry.key for entry in theirs.metadata_props}


def test_the_halo_of_a_style_that_looks_at_everything_is_told_in_words(style, tmp_path):
    (exported,) = export_style(ExportRequest(style("cartoongan"), tmp_path)).exported
    facts = {entry.key: entry.value for entry in onnx.load(exported.path).metadata_props}
    assert facts["toonify.halo"] == "whole picture"


def test_one_file_to_pass_on_holds_all_of_the_style(styles, tmp_path):
    folder = styles("lite")
    exports = [
        export_style(ExportRequest(styles("lite"), tmp_path / out, "style")).exported[0] for out in "ab"
    ]
    assert exports[0].path == tmp_path / "a" / "tiny-lite.toonify"
    assert exports[0].differences == {"toonify": 0.0}
    assert exports[0].path.read_bytes() == exports[1].path.read_bytes()
    shared = load_style(exports[0].path)
    assert shared.packed() == load_style(folder).packed()
    assert shared.weights_bytes() == (folder / "generator.npz").read_bytes()


def test_it_can_be_exported_further(styles, tmp_path):
    (shared,) = export_style(ExportRequest(styles("lite"), tmp_path, "style")).exported
    formats = export_style(ExportRequest(shared.path, tmp_path / "out", ("onnx", "style"))).exported
    assert formats[1].path.read_bytes() == shared.path.read_bytes()
    expected = export_style(ExportRequest(styles("lite"), tmp_path)).exported[0].path
    assert formats[0].path.read_bytes() == expected.read_bytes()


@pytest.mark.slow
def test_a_saved_model_is_made_from_it(styles, tmp_path, saved_model):
    (shared,) = export_style(ExportRequest(styles("lite"), tmp_path, "style")).exported
    (made,) = export_style(ExportRequest(shared.path, tmp_path / "out", "saved-model")).exported
    card = "assets.extra/style.json"
    assert (made.path / card).read_bytes() == (saved_model.path / card).read_bytes()


@pytest.fixture(scope="module")
def loaded(saved_model):
    import tensorflow as tf

    return tf.saved_model.load(str(saved_model.path))


@pytest.mark.parametrize("sides", [(45, 38), (1, 1), (3, 70)])
def test_a_saved_model_takes_any_size_padding_as_convert_does(loaded, styles, draw, sides):
    height, width = sides
    pictures = PICTURE[:, :height, :1].repeat(width, axis=2) if width > 38 else PICTURE[:, :height, :width]
    expected = drawn_with_margin(lambda padded: draw(styles("lite") / "generator.onnx", padded), pictures, 8)
    np.testing.assert_allclose(loaded(pictures), expected, atol=1e-5)


def test_a_saved_model_takes_the_controls_if_one_likes(loaded, styles):
    runtime = open_runtime(load_style(styles("lite")))
    for chosen in ({}, {"ink": 0.25}, {"colour": 0.0, "line": 2.0}):
        np.testing.assert_allclose(loaded(PADDED, **chosen), runtime.run(PADDED, chosen), atol=1e-5)
    np.testing.assert_allclose(loaded(PADDED, 0.25), runtime.run(PADDED, {"ink": 0.25}), atol=1e-5)
    served = loaded.signatures["serving_default"](picture=PADDED)["cartoon"]
    np.testing.assert_allclose(served, runtime.run(PADDED), atol=1e-5)


def test_a_saved_model_is_verified_in_both_its_runtimes(saved_model):
    assert (saved_model.format, saved_model.path.name) == ("saved-model", "tiny-lite-saved-model")
    assert saved_model.differences.keys() == {"TensorFlow", "TensorFlow Hub"}
    assert max(saved_model.differences.values()) < 1e-4


def test_a_saved_model_keeps_each_weight_once_and_the_card_beside(saved_model, styles):
    import tensorflow as tf

    stored = dict(tf.train.list_variables(saved_model.path / "variables" / "variables"))
    sizes = [math.prod(shape) for name, shape in stored.items() if name.endswith("VARIABLE_VALUE")]
    with np.load(styles("lite") / "generator.npz") as weights:
        assert sorted(sizes) == sorted(weight.size for weight in weights.values())
    assert json.loads((saved_model.path / "assets.extra" / "style.json").read_text())["name"] == "tiny lite"


def test_a_saved_model_joins_a_keras_model(saved_model):
    import keras

    layer = keras.layers.TFSMLayer(str(saved_model.path), call_endpoint="serving_default")
    assert layer(PADDED)["cartoon"].shape == PADDED.shape


@pytest.mark.slow
def test_a_saved_model_needs_neither_toonify_nor_keras(saved_model):
    code = (
        "import sys; sys.modules['toonify'] = sys.modules['keras'] = None\n"
        "import tensorflow as tf\n"
        "print(tf.saved_model.load(sys.argv[1])(tf.zeros((1, 20, 30, 3))).shape)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(saved_model.path)], capture_output=True, text=True)
    assert run.stdout.strip() == "(1, 20, 30, 3)", run.stderr


def test_onnx_with_float16_weights_is_half_as_large_and_keeps_the_controls(run, tmp_path, draw):
    assert run("export", "comic", "--to", "onnx,onnx-float16", "-o", tmp_path).exit_code == 0
    whole, half = tmp_path / "comic.onnx", tmp_path / "comic-float16.onnx"
    assert half.stat().st_size < 0.55 * whole.stat().st_size
    picture = np.random.default_rng(1).uniform(-1, 1, (1, 64, 96, 3)).astype(np.float32)
    assert 0 < np.abs(draw(half, picture) - draw(whole, picture)).max() < 1 / 64
    pale = open_onnx(half).run(picture, {"ink": 0.0})
    assert np.abs(pale - draw(half, picture)).max() > 0.1
