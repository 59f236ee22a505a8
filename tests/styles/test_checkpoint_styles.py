"""A style of any checkpoint of a run: `RUN@STEP`, and the last one of a run that is unfinished."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

import pytest
from tiny_style import make_style

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.storage import RunFolder, RunManifest, StyleManifest
from toonify.styles import checkpoints, load_style


@pytest.fixture
def made(monkeypatch) -> list[tuple[str, ...]]:
    """What the process with TensorFlow was asked for; the style that it writes is a tiny one."""
    asked: list[tuple[str, ...]] = []

    def make(module: str, *arguments: str) -> str:
        asked.append((module, *arguments))
        make_style(Path(arguments[2]))
        return ""

    monkeypatch.setattr(checkpoints, "in_tensorflow_process", make)
    monkeypatch.setattr(checkpoints, "installed", lambda framework: True)
    return asked


@pytest.fixture
def unfinished(tmp_path) -> Path:
    """A run with two checkpoints and no style."""
    folder = tmp_path / "runs" / "comic-1"
    (folder / "checkpoints").mkdir(parents=True)
    RunManifest({}, "dataset", "0", 64, {}).write(folder)
    for step in (250, 500):
        RunFolder(folder).checkpoint(step).write_bytes(b"")
    return folder


def test_a_step_of_a_run_is_made_once(unfinished, made):
    style = load_style(f"{unfinished}@250")
    assert style.path == unfinished / "styles" / "step-0000250"
    assert load_style(Path(f"{unfinished}@250")).path == style.path
    assert made == [("toonify.training.packaging", str(unfinished), "250", str(style.path))]


def test_it_is_made_anew_when_the_checkpoint_is(unfinished, made):
    style = load_style(f"{unfinished}@250")
    later = (style.path / StyleManifest.FILE).stat().st_mtime + 10
    os.utime(RunFolder(unfinished).checkpoint(250), (later, later))
    load_style(f"{unfinished}@250")
    assert len(made) == 2


def test_it_stays_when_the_checkpoint_goes(unfinished, made):
    load_style(f"{unfinished}@250")
    RunFolder(unfinished).checkpoint(250).unlink()
    assert load_style(f"{unfinished}@250").path.name == "step-0000250"


def test_an_unfinished_run_stands_for_its_last_checkpoint_and_says_so(unfinished, made, run, picture_file):
    photo = picture_file("photo.png")
    result = run("convert", photo, "drawn.png", "--style", unfinished)
    assert result.exit_code == 0, result.output
    told = " ".join(result.stderr.split())
    assert f"{unfinished} is unfinished: taking its last checkpoint, step 500" in told
    assert f"making a style of {unfinished}, step 500" in told
    assert Path("drawn.png").exists() and len(made) == 1


def test_a_run_beside_which_one_stands_is_named_without_its_folder(unfinished, made, monkeypatch):
    monkeypatch.chdir(unfinished.parent)
    assert load_style("comic-1@250").path == Path("comic-1/styles/step-0000250")


def test_a_finished_run_stands_for_its_style(unfinished, made):
    make_style(unfinished / "style")
    assert load_style(unfinished).path == unfinished / "style"
    assert made == []


@pytest.mark.parametrize(("steps", "older", "told"), [(250, 10, True), (500, 10, False), (250, -10, False)])
def test_one_that_was_trained_on_since_says_so(unfinished, made, monkeypatch, steps, older, told):
    """Not where `--best` chose an earlier step, of which the style was made after the last checkpoint."""
    style, said = make_style(unfinished / "style"), []
    dataclasses.replace(StyleManifest.read(style), training={"steps": steps}).write(style)
    time = RunFolder(unfinished).checkpoint(500).stat().st_mtime - older
    os.utime(style / StyleManifest.FILE, (time, time))
    progress = Progress()
    monkeypatch.setattr(progress, "say", said.append)
    assert load_style(unfinished, progress).path == style and made == []
    assert [f"its last checkpoint is {unfinished}@500" in line for line in said] == [True] * told


def test_a_step_that_is_not_there_is_told_with_those_that_are(unfinished, made):
    with pytest.raises(ToonifyError, match="has no checkpoint of step 300") as caught:
        load_style(f"{unfinished}@300")
    assert "Those that are there: 250, 500" in caught.value.hint


def test_a_run_that_has_no_checkpoint_says_how_to_go_on(unfinished, made):
    shutil.rmtree(unfinished / "checkpoints")
    with pytest.raises(ToonifyError, match="has made no style yet, and has no checkpoint") as caught:
        load_style(unfinished)
    assert f"toonify train --resume {unfinished}" in caught.value.hint


def test_without_tensorflow_it_is_said_where_it_can_be_made(unfinished, monkeypatch):
    monkeypatch.setattr(checkpoints, "installed", lambda framework: False)
    with pytest.raises(ToonifyError, match="is still to be made, which needs TensorFlow") as caught:
        load_style(unfinished)
    assert f"toonify export {unfinished} --step 500 --to style" in caught.value.hint


def test_a_name_with_an_at_sign_is_a_name_where_there_is_no_run(tmp_path):
    with pytest.raises(ToonifyError, match=r"x@3"):
        load_style(tmp_path / "x@3")


class TestExport:
    def test_takes_a_step(self, unfinished, made, run):
        result = run("export", unfinished, "--step", "250", "--to", "style", "-o", "out")
        assert result.exit_code == 0, result.output
        assert made[0][2] == "250"

    def test_says_that_a_step_is_of_a_run(self, run):
        result = run("export", "comic", "--step", "250")
        assert result.exit_code == 2
        assert "--step chooses a checkpoint of a run, and comic is no run" in " ".join(result.stderr.split())

    def test_refuses_a_step_that_is_none(self, run):
        assert run("export", "comic", "--step", "-1").exit_code == 2
