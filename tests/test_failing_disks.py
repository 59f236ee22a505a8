"""Full disks, read-only outputs and inputs that vanish cost a line each, and leave nothing half written.

`train` on such disks: `training/test_failing_disk.py`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from drawing import draw_discs
from failing_disks import complaint, full_beyond, hidden, read_only
from tiny_style import make_style

from toonify.converting import pipeline as converting
from toonify.exporting import pipeline as exporting
from toonify.preparing import pipeline as preparing

CONVERT = ("convert", "photos", "out", "--style", "tiny")
PREPARE = ("prepare", "photos", "--source", "comic", "-o", "out", "--size", "32", "--workers", "1")
EXPORT = ("export", "./tiny", "-o", "out")


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(exist_ok=True)
        draw_discs(name, 90, 80).save(path)
    make_style(tmp_path / "tiny")


@pytest.mark.parametrize("command", [PREPARE, EXPORT], ids=lambda command: command[0])
def test_a_full_disk_is_told_in_a_line(run, tmp_path, command):
    with full_beyond(600):
        result = run(*command)
    assert result.exit_code == 1
    assert complaint(result.stderr).endswith("cannot be written: file too large")
    assert hidden(tmp_path) == []
    assert run(*command).exit_code == 0


def test_a_full_disk_fails_each_picture(run):
    with full_beyond(600):
        result = run(*CONVERT)
    assert result.exit_code == 1
    assert result.stdout.count("cannot be written: file too large") == 3
    assert list(Path("out").iterdir()) == []
    assert run(*CONVERT).exit_code == 0


@pytest.mark.parametrize("command", [PREPARE, EXPORT], ids=lambda command: command[0])
@pytest.mark.parametrize("there", [False, True], ids=["not there", "there"])
def test_a_read_only_output_is_told_in_a_line(run, tmp_path, command, there):
    if there:
        Path("out").mkdir()
    with read_only():
        result = run(*command)
    assert result.exit_code == 1
    assert "read-only file system" in complaint(result.stderr)
    assert Path("out").exists() == there and hidden(tmp_path) == []


@pytest.mark.parametrize("there", [False, True], ids=["not there", "there"])
def test_a_read_only_output_fails_each_picture(run, tmp_path, there):
    if there:
        Path("out").mkdir()
    with read_only():
        result = run(*CONVERT)
    assert result.exit_code == 1
    assert result.stdout.count(": read-only file system") == 3
    assert Path("out").exists() == there and hidden(tmp_path) == []


def test_a_picture_that_vanishes_before_it_is_converted_costs_itself(run, monkeypatch):
    plan = converting.make_plan

    def and_then(*arguments: object) -> object:
        made = plan(*arguments)
        Path("photos/b.png").unlink()
        return made

    monkeypatch.setattr(converting, "make_plan", and_then)
    result = run(*CONVERT)
    assert result.exit_code == 1
    assert "failed: photos/b.png: no such file or directory" in result.stdout
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.png", "c.png"]


@pytest.mark.parametrize("step", ["scan", "filter_files"])
def test_a_picture_that_vanishes_before_it_is_cropped_is_left_out(run, monkeypatch, step):
    before = getattr(preparing, step)

    def vanishing(*arguments: object) -> object:
        Path("photos/b.png").unlink()
        return before(*arguments)

    monkeypatch.setattr(preparing, step, vanishing)
    result = run(*PREPARE)
    assert result.exit_code == 0, result.output
    assert "no such file or directory, such as b.png" in result.stdout
    assert hidden(Path("out")) == []


def test_all_pictures_that_vanish_are_an_error(run, monkeypatch):
    before = preparing.scan

    def vanishing(*arguments: object) -> object:
        shutil.rmtree("photos")
        return before(*arguments)

    monkeypatch.setattr(preparing, "scan", vanishing)
    result = run(*PREPARE)
    assert result.exit_code == 1
    assert "no such file or directory" in complaint(result.stderr)
    assert not Path("out").exists()


def test_a_style_that_vanishes_before_it_is_exported_is_told_in_a_line(run, monkeypatch):
    load = exporting.load_style

    def vanishing(name: object, *others: object) -> object:
        style = load(name, *others)
        Path("tiny/generator.onnx").unlink()
        return style

    monkeypatch.setattr(exporting, "load_style", vanishing)
    result = run(*EXPORT)
    assert result.exit_code == 1
    assert "generator.onnx" in complaint(result.stderr)
    assert not Path("out").exists()
