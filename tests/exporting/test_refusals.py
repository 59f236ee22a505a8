"""What cannot be exported faithfully is not exported at all, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from toonify.errors import FAILURE, USAGE, ToonifyError
from toonify.exporting import ExportRequest, export_style
from toonify.networks import load_weights, save_weights
from toonify.networks.lite import Lite
from toonify.storage import StyleManifest


def refusal(*arguments, **options) -> ToonifyError:
    with pytest.raises(ToonifyError) as caught:
        export_style(ExportRequest(*arguments, **options))
    return caught.value


def change_weights(folder: Path, change) -> None:
    model = Lite(width=2).build()
    load_weights(model, folder / "generator.npz")
    model.set_weights([change(weight) for weight in model.get_weights()])
    save_weights(model, folder / "generator.npz")


def test_an_unknown_format_offers_the_nearest(style, tmp_path):
    error = refusal(style(), tmp_path / "out", ("onnx", "savedmodel"))
    assert error.message == "there is no export format 'savedmodel'. Did you mean 'saved-model'?"
    assert error.hint == "Choices: onnx, saved-model."
    assert error.exit_code == USAGE
    assert not (tmp_path / "out").exists()


def test_no_format_at_all_is_refused(style, tmp_path):
    assert refusal(style(), tmp_path, ()).message == "no export format is given"


@pytest.mark.parametrize("format_", ["onnx", "saved-model"])
def test_what_exists_is_replaced_only_when_asked_for(style, tmp_path, format_):
    folder = style()
    (first,) = export_style(ExportRequest(folder, tmp_path / "out", (format_,))).exported
    error = refusal(folder, tmp_path / "out", (format_,))
    assert (error.message, error.exit_code) == (f"{first.path} exists already", FAILURE)
    assert "--overwrite" in error.hint

    marker = first.path / "marker" if first.path.is_dir() else first.path
    marker.write_bytes(b"old")
    (second,) = export_style(ExportRequest(folder, tmp_path / "out", (format_,), overwrite=True)).exported
    assert second.path == first.path
    assert not marker.exists() or marker.read_bytes() != b"old"
    assert list((tmp_path / "out").iterdir()) == [first.path]


@pytest.mark.parametrize(
    ("format_", "name"), [("onnx", "tiny-lite.onnx"), ("saved-model", "tiny-lite-saved-model")]
)
def test_a_folder_of_something_else_is_never_replaced(style, tmp_path, format_, name):
    (tmp_path / "out" / name).mkdir(parents=True)
    (tmp_path / "out" / name / "thesis.txt").write_text("years of work")
    error = refusal(style(), tmp_path / "out", (format_,), overwrite=True)
    assert "is not replaced" in error.message
    assert (tmp_path / "out" / name / "thesis.txt").read_text() == "years of work"


def test_a_style_without_weights_says_which_format_is_left(style, tmp_path):
    folder = style()
    (folder / "generator.npz").unlink()
    error = refusal(folder, tmp_path / "out", ("onnx", "saved-model"))
    assert "without its weights (generator.npz)" in error.message
    assert "onnx" in error.hint
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param(lambda weight: weight + 0.1, r"[\d.]+", id="other weights"),
        pytest.param(lambda weight: weight * np.nan, "nan", id="weights that are no numbers"),
    ],
)
def test_weights_that_draw_something_else_than_the_style_are_refused(style, tmp_path, change, difference):
    folder = style()
    change_weights(folder, change)
    error = refusal(folder, tmp_path / "out", ("saved-model",))
    message = f"in TensorFlow it draws something else than the style: the difference is {difference} of 2"
    with pytest.raises(ToonifyError, match=message):
        raise error
    assert list((tmp_path / "out").iterdir()) == []


def test_weights_of_another_width_are_refused(style, tmp_path):
    folder = style()
    card = StyleManifest.read(folder)
    card.generator_options["width"] = 3
    card.write(folder)
    assert "belongs to another network" in refusal(folder, tmp_path / "out", ("saved-model",)).message


def test_a_multiple_that_the_network_cannot_do_is_told_in_a_line(style, tmp_path):
    folder = style()
    card = StyleManifest.read(folder)
    card.multiple = 5
    card.write(folder)
    error = refusal(folder, tmp_path / "out")
    assert "ONNX Runtime cannot run" in error.message and "\n" not in error.message


def test_a_generator_that_does_not_load_is_told_in_a_line(style, tmp_path):
    folder = style()
    model = onnx.load(folder / "generator.onnx")
    kernel = next(tensor for tensor in model.graph.initializer if len(tensor.dims) == 4)
    kernel.CopyFrom(numpy_helper.from_array(np.zeros((2, 9, 3, 3), np.float32), kernel.name))
    onnx.save(model, folder / "generator.onnx")
    error = refusal(folder, tmp_path / "out")
    assert "ONNX Runtime cannot run" in error.message and "\n" not in error.message


def test_a_name_that_is_a_path_stays_in_the_folder(style, tmp_path):
    folder = style()
    card = StyleManifest.read(folder)
    card.name = "../../Café de Flore/.."
    card.write(folder)
    (exported,) = export_style(ExportRequest(folder, tmp_path / "out")).exported
    assert exported.path == tmp_path / "out" / "Café-de-Flore.onnx"


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
    assert "`toonify plugins` says where it comes from" in error.hint
    assert not any((tmp_path / "out").iterdir())
