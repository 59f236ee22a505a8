"""The programs of docs/formats.md read what toonify writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from doc_pages import DOCS, blocks, section

PAGE = DOCS / "formats.md"


def execute(heading: str) -> None:
    """Run the program below a heading."""
    (program,) = blocks(section(PAGE, heading), "python")
    exec(compile(program, f"{PAGE.name}: {heading}", "exec"), {})


def test_a_dataset(run, picture_file, capsys):
    for seed in range(4):
        picture_file(f"photos/{seed}.png", seed=seed)
        picture_file(f"cartoons/{seed}.png", seed=10 + seed)
    assert run("prepare", "photos", "cartoons", "--size", 32, "--workers", 1).exit_code == 0
    execute("A dataset")
    assert "smoothed (3, 32, 32, 3) uint8" in capsys.readouterr().out


def test_a_style_and_an_export(run, capsys):
    assert run("export", "comic", "--to", "style,onnx").exit_code == 0
    execute("A style")
    execute("An export")
    said = capsys.readouterr().out
    assert "comic CC-BY-SA-4.0" in said
    assert "comic.onnx ONNX Runtime 0.0 None" in said


def test_a_cartoon(run, picture_file, capsys):
    picture_file("photo.jpg")
    assert run("convert", "photo.jpg", "--strength", 0.5).exit_code == 0
    execute("A cartoon")
    assert capsys.readouterr().out.strip().endswith("comic 0.5")


def test_for_scripts(run, picture_file):
    picture_file("photo.jpg")
    assert json.loads(run("convert", "photo.jpg", "out.jpg", "--json").stdout)["pictures"]


@pytest.mark.slow
def test_a_run_and_its_checkpoints(run, picture_file, capsys):
    for seed in range(4):
        picture_file(f"photos/{seed}.png", (64, 64), seed=seed)
    assert run("prepare", "photos", "--source", "comic", "--size", 64, "--workers", 1).exit_code == 0
    schedule = ("--epochs", 1, "--steps-per-epoch", 2, "--batch-size", 2)
    assert run("train", "--preset", "pairs", "-o", "runs/mine", *schedule).exit_code == 0
    capsys.readouterr()
    execute("A run")
    execute("A checkpoint")
    said = capsys.readouterr().out
    assert "2 paired" in said and "step 2" in said
    assert Path("runs/mine/style").is_dir()
