"""A style keeps what its card says; one made by an earlier toonify gets the controls of its generator."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.inference import open_runtime
from toonify.storage import StyleManifest
from toonify.styles import load_style
from toonify.training.packaging import repackage

WRITTEN = Path(__file__).parents[1] / "data" / "release-0.1.0" / "run" / "style"
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


def test_one_that_may_see_all_of_a_picture_makes_one(run, finished, monkeypatch):
    monkeypatch.setattr("tiny_plugins.Tiny.halo", None)
    assert run("train", "--resume", finished).exit_code == 0
    assert StyleManifest.read(finished / "style").halo is None


@pytest.fixture
def style(tmp_path) -> Path:
    """A style of `lite` that toonify 0.1.0 made, with words beside it."""
    folder = Path(shutil.copytree(WRITTEN, tmp_path / "style"))
    (folder / "README.md").write_text("mine")
    return folder


def test_it_draws_the_same_and_has_controls(style, tmp_path):
    before = load_style(style)
    drawn, figures = open_runtime(before).run(PICTURES), before.manifest.figures
    assert before.manifest.controls == {}
    repackage(before)
    after = load_style(style)
    assert list(after.manifest.controls) == ["ink", "colour", "line"]
    runtime = open_runtime(after)
    assert np.array_equal(runtime.run(PICTURES), drawn)
    assert not np.array_equal(runtime.run(PICTURES, {"colour": 0}), drawn)
    assert after.manifest.figures.keys() == figures.keys()
    assert after.manifest.training == before.manifest.training
    assert (style / "README.md").read_text() == "mine"
    assert (style / "generator.npz").read_bytes() == (WRITTEN / "generator.npz").read_bytes()
    assert list(tmp_path.glob(".*")) == []


def contents(style: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in style.iterdir()}


def test_weights_of_another_training_leave_it_as_it_is(copied):
    style = copied / "style"
    with np.load(style / "generator.npz") as stored:
        weights = {name: array + np.float32(0.1) for name, array in stored.items()}
    np.savez(style / "generator.npz", **weights)
    before = contents(style)
    with pytest.raises(ToonifyError, match=r"made of generator\.npz it draws something other"):
        repackage(load_style(style))
    assert contents(style) == before


def test_without_weights_it_cannot_be_made(style):
    (style / "generator.npz").unlink()
    before = contents(style)
    with pytest.raises(ToonifyError, match=r"has no generator\.npz to make its generator from"):
        repackage(load_style(style))
    assert contents(style) == before


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
def test_the_command_says_nothing_when_all_is_well(style):
    command = [sys.executable, "-m", "toonify.training.packaging", str(style)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "ink" in StyleManifest.read(style).controls


@pytest.mark.slow
def test_the_command_fails_in_words(style):
    (style / "generator.npz").write_bytes(b"")
    command = [sys.executable, "-m", "toonify.training.packaging", str(style)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "generator.npz is damaged" in done.stderr
