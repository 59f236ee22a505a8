"""Each format draws what the style draws, in its own runtime, for whoever picks it up."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import subprocess
import sys
import zipfile

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

import toonify
from toonify.exporting import ExportRequest, export_style
from toonify.inference import open_onnx, open_runtime
from toonify.inference.padding import drawn_with_margin
from toonify.storage import Control, StyleManifest
from toonify.styles import load_style

PICTURE = np.random.default_rng(1).uniform(-1, 1, (1, 45, 38, 3)).astype("float32")
PIXELS = np.asarray(Image.effect_mandelbrot((64, 48), (-2, -1, 1, 1), 60).convert("RGB"))
PADDED = np.pad(PICTURE, ((0, 0), (0, 3), (0, 2), (0, 0)), mode="symmetric")  # to multiples of 8


def test_two_formats_at_once_are_written_and_verified(styles, tmp_path):
    request = ExportRequest(styles("cartoongan"), tmp_path / "out", ("onnx", "saved-model"))
    first, second = export_style(request).exported
    assert (first.format, first.path) == ("onnx", tmp_path / "out" / "tiny-cartoongan.onnx")
    assert (second.format, second.path) == ("saved-model", tmp_path / "out" / "tiny-cartoongan-saved-model")
    assert first.differences == {"ONNX Runtime": 0.0}
    assert second.differences.keys() == {"TensorFlow", "TensorFlow Hub"}
    # Instance norm divides by deviations, which are small in a photograph's flat areas.
    assert max(second.differences.values()) < 3e-4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "export.json",
        second.path.name,
        f"{second.path.name}.md",
        first.path.name,
        f"{first.path.name}.md",
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
        "toonify.enlarge": "1",
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


def test_a_style_without_controls_that_looks_at_everything_is_exported_as_it_is(style, tmp_path):
    folder = style("cartoongan")
    (exported,) = export_style(ExportRequest(folder, tmp_path)).exported
    ours, theirs = onnx.load(folder / "generator.onnx"), onnx.load(exported.path)
    assert ours.graph == theirs.graph
    facts = {entry.key: entry.value for entry in theirs.metadata_props}
    assert "toonify.controls" not in facts and facts["toonify.halo"] == "whole picture"


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


def as_files(*pictures: Image.Image, kind: str = "PNG") -> list[bytes]:
    files = []
    for picture in pictures:
        file = io.BytesIO()
        picture.save(file, kind, quality=95)
        files.append(file.getvalue())
    return files


def test_a_saved_model_takes_files_and_gives_files(loaded):
    first, second = (Image.fromarray(PIXELS[:height, :width]) for height, width in ((45, 38), (33, 20)))
    files = [*as_files(first, second), *as_files(first, kind="JPEG")]
    made = loaded.signatures["serving_bytes"](picture_bytes=files)["cartoon_bytes"].numpy()
    for file, data in zip(files, made, strict=True):
        with Image.open(io.BytesIO(file)) as photo, Image.open(io.BytesIO(data)) as cartoon:
            picture = np.asarray(photo, np.float32)[None] / 127.5 - 1
            expected = ((loaded(picture).numpy()[0] + 1) * 127.5).round().clip(0, 255)
            assert cartoon.format == "PNG" and cartoon.size == photo.size
            assert np.abs(np.asarray(cartoon, np.float32) - expected).max() <= 1


@pytest.mark.slow
def test_files_that_are_larger_than_the_detail_are_drawn_at_that_size(style, tmp_path):
    import tensorflow as tf

    folder = style("lite")
    card = StyleManifest.read(folder)
    dataclasses.replace(card, detail=64).write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path / "out", "saved-model")).exported
    served = tf.saved_model.load(str(exported.path)).signatures["serving_bytes"]
    cells = (np.indices((17, 23)).sum(0) % 2 * 255).astype(np.uint8)
    for pixels, size in (
        (PIXELS, (115, 85)),  # less than twice as large: beyond, `convert` keeps borders crisp
        (PIXELS, (500, 60)),  # a panorama, of which too little would be left
        (np.repeat(cells[..., None], 3, -1), (115, 85)),  # hard edges, which resampling overshoots
    ):
        kind = Image.Resampling.BICUBIC if pixels is PIXELS else Image.Resampling.NEAREST
        photo = Image.fromarray(pixels).resize(size, kind)
        (data,) = served(picture_bytes=as_files(photo))["cartoon_bytes"].numpy()
        photo.save(tmp_path / "photo.png")
        expected = np.asarray(toonify.convert(tmp_path / "photo.png", folder), np.float32)
        with Image.open(io.BytesIO(data)) as cartoon:
            assert cartoon.size == photo.size
            assert np.abs(np.asarray(cartoon, np.float32) - expected).mean() < 1.5


def test_a_keras_file_holds_nothing_but_keras_own_layers(keras_file):
    assert keras_file.path.name == "tiny-lite.keras" and keras_file.differences["Keras"] < 1e-4
    with zipfile.ZipFile(keras_file.path) as archive:
        config = archive.read("config.json").decode()
    assert "toonify" not in config and "Lambda" not in config


@pytest.mark.slow
@pytest.mark.parametrize("style", ["drawn", "lines", "cartoongan"])
def test_a_keras_file_loads_where_toonify_is_not_installed(styles, tmp_path, style):
    request = ExportRequest(styles(style) if style == "cartoongan" else style, tmp_path, "keras")
    (exported,) = export_style(request).exported
    code = (
        "import sys; sys.modules['toonify'] = None\n"
        "import keras, numpy\n"
        "model = keras.models.load_model(sys.argv[1], safe_mode=True)\n"
        "print(model(numpy.zeros((2, 64, 32, 3), 'float32')).shape)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(exported.path)], capture_output=True, text=True)
    assert done.stdout.strip() == "(2, 64, 32, 3)", done.stderr


@pytest.mark.slow
def test_a_saved_model_needs_neither_toonify_nor_keras(saved_model):
    code = (
        "import sys; sys.modules['toonify'] = sys.modules['keras'] = None\n"
        "import tensorflow as tf\n"
        "print(tf.saved_model.load(sys.argv[1])(tf.zeros((1, 20, 30, 3))).shape)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(saved_model.path)], capture_output=True, text=True)
    assert run.stdout.strip() == "(1, 20, 30, 3)", run.stderr


def test_onnx_with_float16_weights_is_half_as_large_and_keeps_the_controls(run, styles, tmp_path, draw):
    assert run("export", styles("lite", width=16), "--to", "onnx,onnx-float16", "-o", tmp_path).exit_code == 0
    whole, half = tmp_path / "tiny-lite.onnx", tmp_path / "tiny-lite-float16.onnx"
    assert half.stat().st_size < 0.55 * whole.stat().st_size
    picture = np.random.default_rng(1).uniform(-1, 1, (1, 64, 96, 3)).astype(np.float32)
    assert 0 < np.abs(draw(half, picture) - draw(whole, picture)).max() < 1 / 64
    pale = open_onnx(half).run(picture, {"ink": 0.0})
    assert np.abs(pale - draw(half, picture)).max() > 0.1
