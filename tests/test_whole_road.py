"""From photographs to a style of one's own and back to pictures, as the README has it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PIL import Image

from toonify.storage import DatasetManifest, RunManifest, StyleManifest

THREADS = {"OMP_NUM_THREADS": "1"}


def toonify(*arguments: object) -> str:
    """A command in its own process; what it reports."""
    command = [sys.executable, "-m", "toonify", *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | THREADS, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.mark.slow
def test_prepare_train_convert_export(tmp_path, picture_file):
    for seed in range(6):
        picture_file(f"photos/{seed % 2}/{seed}.jpg", (80, 64), seed=seed)
        picture_file(f"cartoons/{seed}.png", (64, 96), seed=100 + seed)

    toonify("prepare", "photos", "cartoons", "--size", 64, "--workers", 1)
    dataset = DatasetManifest.read(tmp_path / "dataset")
    assert dataset.counts["train"] == {"photo": 5, "cartoon": 5, "smoothed": 5}

    toonify(
        *("train", "-o", "runs/mine", "--backbone", "resnet101", "--backbone-weights", "none"),
        *("--loss", "lsgan", "--init-epochs", 1, "--epochs", 1, "--steps-per-epoch", 1, "--batch-size", 2),
    )
    run = RunManifest.read(tmp_path / "runs" / "mine")
    assert run.dataset_hash == dataset.content_hash
    style = StyleManifest.read(tmp_path / "runs" / "mine" / "style")
    assert (style.generator, style.halo) == ("cartoongan", None)

    toonify("convert", "photos", "out", "--style", "runs/mine")
    for seed in range(6):
        with Image.open(tmp_path / "out" / str(seed % 2) / f"{seed}.jpg") as cartoon:
            assert cartoon.size == (80, 64)

    toonify("export", "runs/mine", "--to", "onnx,saved-model")
    assert len(list((tmp_path / "export").iterdir())) == 5  # with their cards, and export.json


@pytest.mark.slow
def test_a_style_from_photographs_alone(tmp_path, picture_file):
    for seed in range(4):
        picture_file(f"photos/{seed}.jpg", (96, 96), seed=seed)
    toonify("prepare", "photos", "--source", "comic", "--size", 64, "--count", 8, "--workers", 1)
    counts = DatasetManifest.read(tmp_path / "dataset").counts
    assert counts["train"]["paired"] + counts["val"]["paired"] == 8

    toonify("train", "--preset", "pairs", "--epochs", 1, "--steps-per-epoch", 2, "--batch-size", 2)
    toonify("convert", "photos/0.jpg", "cartoon.png", "--style", "runs/pairs-1")
    with Image.open(tmp_path / "cartoon.png") as cartoon:
        assert (cartoon.size, cartoon.mode) == ((96, 96), "RGB")
