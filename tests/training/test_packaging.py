"""A run becomes a style that keeps what its card says."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from tiny_plugins import Tiny

from toonify.inference import open_runtime
from toonify.plugins import Control
from toonify.storage import RunManifest, StyleManifest
from toonify.styles import load_style
from toonify.training import TrainRequest, packaging
from toonify.training.runs import resumed_run

PICTURES = np.random.default_rng(0).uniform(-1, 1, (1, 64, 96, 3)).astype("float32")


@pytest.fixture
def finished(copied):
    """A run that is through with its steps, and has yet to make its style."""
    shutil.rmtree(copied / "style")
    return copied


def test_a_generator_that_sees_further_than_its_halo_makes_no_style(run, finished, monkeypatch):
    monkeypatch.setattr("tiny_plugins.Tiny.halo", 0)  # and it has two convolutions of 3 × 3
    result = run("train", "--resume", finished)
    assert result.exit_code == 1
    told = " ".join(result.stderr.split())
    assert "the generator 'tiny' sees further than its `halo` of 0 pixels" in told
    assert "differs from the whole by" in told and "toonify train --resume" in told
    assert not (finished / "style").exists()


def test_weights_that_no_longer_draw_make_no_style(run, finished):
    file = finished / "checkpoints" / "step-0000014.npz"
    with np.load(file) as saved:
        arrays = dict(saved)
    for name in (name for name in arrays if name.startswith("generator/")):
        arrays[name] = np.full_like(arrays[name], 3e38)
    np.savez(file, **arrays)
    result = run("train", "--resume", finished)
    assert result.exit_code == 1
    assert "the network no longer draws pictures" in result.stderr and "--learning-rate" in result.stderr
    assert not (finished / "style").exists()


def test_one_that_may_see_all_of_a_picture_makes_one(run, finished, monkeypatch):
    monkeypatch.setattr("tiny_plugins.Tiny.halo", None)
    assert run("train", "--resume", finished).exit_code == 0
    assert StyleManifest.read(finished / "style").halo is None


def glowing(plugin: Tiny, model: keras.Model) -> keras.Model:
    picture, glow = keras.Input((None, None, 3), name="picture"), keras.Input(batch_shape=(), name="glow")
    return keras.Model({"picture": picture, "glow": glow}, model(picture) * glow)


def test_a_style_has_the_controls_of_its_generator(run, finished, monkeypatch):
    monkeypatch.setattr(Tiny, "controls", {"glow": Control(0, 2, 1, "how much it glows")})
    monkeypatch.setattr(Tiny, "controlled", glowing)
    assert run("train", "--resume", finished).exit_code == 0
    style = load_style(finished)
    assert style.manifest.controls == Tiny.controls
    draw = open_runtime(style).run
    np.testing.assert_allclose(draw(PICTURES, {"glow": 0.5}), draw(PICTURES) / 2, atol=1e-6)


@pytest.mark.parametrize("controls", [{}, {"colour": Control(0, 2, 1, "how colourful it is")}])
def test_only_what_can_be_grey_keeps_grey(finished, controls):
    run = resumed_run(TrainRequest(resume=finished))
    run = dataclasses.replace(run, settings=dataclasses.replace(run.settings, keeps_grey=True))
    plugin = Tiny()
    plugin.controls = controls
    assert packaging._card(run, "tiny", plugin, 14, 0.0).keeps_grey is bool(controls)


def test_a_style_can_be_made_where_there_is_no_dataset(copied):
    made = StyleManifest.read(copied / "style")
    begun = dataclasses.replace(RunManifest.read(copied), dataset="/somewhere/else")
    begun.write(copied)
    packaging.main(str(copied), str(made.training["steps"]), str(copied / "again"))
    again = StyleManifest.read(copied / "again")
    assert (again.detail, again.training) == (made.detail, made.training)


def test_what_was_added_to_a_style_stays_when_it_is_made_again(copied):
    style, steps = copied / "style", StyleManifest.read(copied / "style").training["steps"]
    (style / "README.md").write_text("mine")
    (style / "exports").mkdir()
    (style / "exports" / "comic.onnx").write_bytes(b"exported")
    (style / "link").symlink_to("README.md")
    for name in ("SHA256SUMS", "generator.int8.onnx"):  # true of the network that was
        (style / name).write_bytes(b"old")
    packaging.main(str(copied), str(steps))
    made = {"style.json", "generator.onnx", "generator.npz"}
    assert {path.name for path in style.iterdir()} == made | {"README.md", "exports", "link"}
    assert (style / "README.md").read_text() == "mine" and (style / "link").is_symlink()
    assert (style / "exports" / "comic.onnx").read_bytes() == b"exported"


@pytest.mark.slow
def test_a_checkpoint_becomes_a_style_in_a_process_of_its_own(run, pairs, picture_file, tmp_path):
    flags = ("--preset", "pairs", "--generator-option", "width=2", "--epochs", "2", "--batch-size", "8")
    assert run("train", pairs, "-o", "run", *flags, "--measure-every", "1", "--keep", "2").exit_code == 0
    drawn = run("convert", picture_file("photo.png"), tmp_path / "drawn.png", "--style", "run@1")
    assert drawn.exit_code == 0, drawn.output
    early, last = load_style("run@1"), load_style("run")
    assert early.manifest.name == "run-step-0000001" and last.manifest.name == "run"
    assert (early.manifest.training["steps"], last.manifest.training["steps"]) == (1, 2)
    assert early.weights_bytes() != last.weights_bytes()
    exported = run("export", "run", "--step", "1", "-o", tmp_path / "export")
    assert exported.exit_code == 0 and (tmp_path / "export" / "run-step-0000001.onnx").exists()


@pytest.mark.slow
def test_the_process_fails_in_words(copied):
    command = [sys.executable, "-m", "toonify.training.packaging", str(copied), "9"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "there is no checkpoint" in done.stderr
