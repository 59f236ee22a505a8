"""What cannot be exported faithfully is not exported at all, and nothing is left behind."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

from toonify.errors import USAGE, ToonifyError
from toonify.exporting import Exported, ExportRequest, export_style
from toonify.exporting.saved_model import SavedModel
from toonify.inference.verification import Likeness
from toonify.networks import load_weights, save_weights
from toonify.networks.lite import Lite
from toonify.storage import StyleManifest
from toonify.styles import load_style


def refusal(*arguments, **options) -> ToonifyError:
    with pytest.raises(ToonifyError) as caught:
        export_style(ExportRequest(*arguments, **options))
    return caught.value


def change_weights(folder: Path, change) -> None:
    model = Lite(width=1).build()
    load_weights(model, folder / "generator.npz")
    model.set_weights([change(weight) for weight in model.get_weights()])
    save_weights(model, folder / "generator.npz")


@pytest.mark.parametrize(("typed", "meant"), [("savedmodel", "saved-model"), ("ONNX", "onnx")])
def test_an_unknown_format_offers_the_nearest(style, tmp_path, typed, meant):
    error = refusal(style(), tmp_path / "out", ("keras", typed))
    assert error.message == f"there is no export format '{typed}'. Did you mean '{meant}'?"
    assert error.hint.startswith("Choices: ") and "litert, litert-float16, litert-int8, onnx" in error.hint
    assert error.exit_code == USAGE
    assert not (tmp_path / "out").exists()


def test_no_format_at_all_is_refused(style, tmp_path):
    assert refusal(style(), tmp_path, ()).message == "`formats` names no export format"


@pytest.mark.parametrize(("format_", "suffix"), [("onnx", ".onnx"), ("style", ".toonify")])
def test_what_exists_is_replaced_only_when_asked_for(style, tmp_path, format_, suffix):
    path = tmp_path / "out" / f"tiny-lite{suffix}"
    path.parent.mkdir()
    path.write_bytes(b"old")
    check_replacing(format_, style(), path)
    assert path.read_bytes() != b"old"


@pytest.mark.slow
def test_a_saved_model_is_replaced_whole(style, tmp_path, saved_model):
    path = tmp_path / "out" / saved_model.path.name
    shutil.copytree(saved_model.path, path)
    more = path / "variables" / "variables.data-00001-of-00002"
    more.touch()
    check_replacing("saved-model", style(), path)
    assert not more.exists()
    (path / "assets" / "words.txt").touch()
    error = refusal(tmp_path / "styles" / "lite", path.parent, "saved-model", overwrite=True)
    assert (error.message, error.exit_code) == (
        f"{path} holds more than a SavedModel: replacing it would remove assets/words.txt",
        USAGE,
    )
    assert (path / "assets" / "words.txt").is_file()


def check_replacing(format_: str, style: Path, path: Path) -> None:
    error = refusal(style, path.parent, format_)
    assert (error.message, error.exit_code) == (f"{path} exists already", USAGE)
    assert error.hint == "Give `overwrite` to replace it, or another `output`."
    (exported,) = export_style(ExportRequest(style, path.parent, format_, overwrite=True)).exported
    assert exported.path == path
    assert set(path.parent.iterdir()) == {
        path,
        path.with_name(f"{path.name}.md"),
        path.with_name("export.json"),
    }


def test_of_folders_a_saved_model_alone_may_be_replaced(style, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(ToonifyError, match="is no SavedModel: it is not replaced"):
        SavedModel().check(load_style(style()), tmp_path / "out")
    (tmp_path / "out" / "saved_model.pb").touch()
    (tmp_path / "out" / "assets").mkdir()  # TensorFlow makes it, and leaves it empty
    SavedModel().check(load_style(tmp_path / "styles" / "lite"), tmp_path / "out")


def test_where_tensorflow_would_not_find_it_no_saved_model_is_written(style, tmp_path):
    error = refusal(style(), tmp_path / "models [v2]", ("onnx", "saved-model"))
    path = tmp_path / "models [v2]" / "tiny-lite-saved-model"
    assert error.message == (f"{path} is where TensorFlow finds no SavedModel: it takes [v2] for a pattern")
    assert error.exit_code == USAGE and not path.parent.exists()


@pytest.mark.parametrize(
    ("format_", "name"),
    [("onnx", "tiny-lite.onnx"), ("saved-model", "tiny-lite-saved-model"), ("style", "tiny-lite.toonify")],
)
def test_a_folder_of_something_else_is_never_replaced(style, tmp_path, format_, name):
    (tmp_path / "out" / name).mkdir(parents=True)
    (tmp_path / "out" / name / "thesis.txt").write_text("years of work")
    error = refusal(style(), tmp_path / "out", (format_,), overwrite=True)
    assert "is not replaced" in error.message and error.exit_code == USAGE
    assert (tmp_path / "out" / name / "thesis.txt").read_text() == "years of work"


def test_a_disk_that_is_full_is_told_in_a_line_by_tensorflow_too(style, tmp_path, monkeypatch):
    import tensorflow as tf

    def full_disk(*_, **__):
        message = f"{{{{function_node x}}}} {tmp_path}/.toonify-1.part/part-0; No space left on device"
        raise tf.errors.ResourceExhaustedError(None, None, f"{message} [Op:SaveV2]")

    monkeypatch.setattr(tf.saved_model, "save", full_disk)
    path = tmp_path / "tiny-lite-saved-model"
    assert (
        refusal(style(), tmp_path, "saved-model").message
        == f"{path} cannot be written: no space left on device"
    )


def test_a_style_without_weights_says_which_format_is_left(style, tmp_path):
    folder = style()
    (folder / "generator.npz").unlink()
    error = refusal(folder, tmp_path / "out", ("onnx", "saved-model"))
    assert "without its weights (generator.npz)" in error.message
    assert "onnx" in error.hint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("damage", ["cut short", "nothing", "an empty archive"])
def test_a_style_with_damaged_weights_is_not_passed_on(style, tmp_path, damage):
    folder = style()
    weights = folder / "generator.npz"
    left = {
        "cut short": weights.read_bytes()[:-50],
        "nothing": b"",
        "an empty archive": b"PK\5\6" + bytes(18),
    }
    weights.write_bytes(left[damage])
    assert f"{weights} is damaged" in refusal(folder, tmp_path / "out", "style").message
    assert not any((tmp_path / "out").iterdir())


def test_a_style_file_cut_short_is_not_exported(style, tmp_path):
    (shared,) = export_style(ExportRequest(style(), tmp_path, "style")).exported
    shared.path.write_bytes(shared.path.read_bytes()[:-1000])
    assert refusal(shared.path, tmp_path / "out").message == (
        f"{shared.path} is damaged: its end is missing: it was cut short"
    )


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param(lambda weight: weight + 0.1, r"[\d.]+", id="other weights"),
        pytest.param(
            lambda weight: weight * np.nan, "nan", id="weights that are no numbers", marks=pytest.mark.slow
        ),
    ],
)
def test_weights_that_draw_something_else_than_the_style_are_refused(style, tmp_path, change, difference):
    folder = style()
    change_weights(folder, change)
    error = refusal(folder, tmp_path / "out", ("saved-model",))
    message = f"in TensorFlow it draws something other than the style: the difference is {difference} of 2"
    with pytest.raises(ToonifyError, match=message):
        raise error
    assert list((tmp_path / "out").iterdir()) == []


def test_weights_of_another_width_are_refused(style, tmp_path):
    folder = style()
    card = StyleManifest.read(folder)
    card.generator_options["width"] = 2
    card.write(folder)
    assert "belongs to another network" in refusal(folder, tmp_path / "out", ("saved-model",)).message


def test_controls_that_its_generator_does_not_have_are_named(style, tmp_path):
    folder = style()
    card = StyleManifest.read(folder)
    card.controls["glow"] = card.controls.pop("ink")
    card.write(folder)
    model = onnx.load(folder / "generator.onnx")
    model.graph.input[1].name = "glow"
    model.graph.input.append(model.graph.input.pop(1))
    for node in model.graph.node:
        node.input[:] = ["glow" if name == "ink" else name for name in node.input]
    onnx.save(model, folder / "generator.onnx")
    error = refusal(folder, tmp_path / "out", ("saved-model",))
    assert error.message == (
        "the style 'tiny lite' has the controls colour, line, glow, "
        "and its generator 'lite' has ink, colour, line"
    )
    assert "Package the style anew" in error.hint


def test_a_multiple_that_the_network_cannot_do_is_told_in_a_line(style, tmp_path):
    folder = style()
    card = StyleManifest.read(folder)
    card.multiple = 5
    card.write(folder)
    error = refusal(folder, tmp_path / "out")
    assert "generator.onnx is not a generator that toonify will run: it has Add" in error.message
    assert "which does not fit what it is given" in error.message and "\n" not in error.message


def test_a_generator_that_does_not_load_is_told_in_a_line(style, tmp_path):
    folder = style()
    model = onnx.load(folder / "generator.onnx")
    model.graph.initializer.pop(0)
    onnx.save(model, folder / "generator.onnx")
    error = refusal(folder, tmp_path / "out")
    assert "which nothing before it makes" in error.message and "\n" not in error.message


@pytest.mark.parametrize(
    ("name", "file"),
    [("../../Café de Flore/..", "Café-de-Flore.onnx"), ("😀, " + "鬼" * 999, f"{'鬼' * 49}.onnx")],
)
def test_a_name_that_is_a_path_or_endless_becomes_a_file_in_the_folder(style, tmp_path, name, file):
    folder = style()
    card = StyleManifest.read(folder)
    card.name = name
    card.write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path / "out")).exported
    assert exported.path == tmp_path / "out" / file


@pytest.fixture
def keras_on_jax(monkeypatch):
    """As after a training on JAX in this process."""
    keras = SimpleNamespace(backend=SimpleNamespace(backend=lambda: "jax"))
    monkeypatch.setitem(sys.modules, "keras", keras)


LIKENESS = {"largest": 0.0, "mean": 0.0, "psnr": None, "size": (64, 48), "milliseconds": 2.0}


def test_where_keras_runs_on_something_else_another_process_is_asked(
    styles, tmp_path, keras_on_jax, monkeypatch
):
    asked = []

    def elsewhere(module, *arguments):
        asked.append((module, *arguments))
        return f'a remark\n{{"bytes": 7, "likeness": {{"TensorFlow": {json.dumps(LIKENESS)}}}}}\n'

    monkeypatch.setattr("toonify.exporting.tensorflow_process.in_tensorflow_process", elsewhere)
    request = ExportRequest(styles("lite"), tmp_path / "out", ("onnx", "saved-model"))
    _, exported = export_style(request).exported
    path = tmp_path / "out" / "tiny-lite-saved-model"
    assert exported == Exported("saved-model", path, 7, {"TensorFlow": Likeness(**LIKENESS)})
    style = str(styles("lite"))
    assert asked == [("toonify.exporting.tensorflow_process", style, "saved-model", str(path), "{}")]


def test_without_tensorflow_its_formats_are_refused_in_a_line(styles, tmp_path, monkeypatch):
    monkeypatch.setattr("toonify.exporting.base.installed", lambda framework: framework != "tensorflow")
    error = refusal(styles("lite"), tmp_path / "out", ("onnx", "saved-model"))
    assert error.message == "the format saved-model needs TensorFlow, which is not installed"
    assert error.hint == "Install it: pip install toonify-gan"
    assert not (tmp_path / "out").exists()
    assert export_style(ExportRequest(styles("lite"), tmp_path / "out")).exit_code == 0


def test_an_output_that_is_a_file_is_named(style, tmp_path):
    (tmp_path / "out").write_text("")
    assert refusal(style(), tmp_path / "out").message == f"{tmp_path / 'out'} cannot be made: file exists"


def test_a_generator_that_fails_is_blamed_by_name(style, tmp_path, monkeypatch):
    def fail(self):
        raise KeyError("temperature")

    folder = style()
    monkeypatch.setattr(Lite, "build", fail)
    error = refusal(folder, tmp_path / "out", ("saved-model",))
    assert error.message == "the generator 'lite' failed: KeyError: 'temperature'"
    assert error.hint == "`toonify --debug …` shows where."
    assert not any((tmp_path / "out").iterdir())
