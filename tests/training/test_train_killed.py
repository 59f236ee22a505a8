"""`kill -9` at any moment leaves a run that goes on as if nothing had happened."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tiny_dataset import write_dataset

from toonify.training import records

LONG = ("--preset", "comic", "--generator-option", "width=4", "--batch-size", "2", "--steps-per-epoch", "120")


def weights(run: Path) -> list[np.ndarray]:
    with np.load(run / "style" / "generator.npz", allow_pickle=False) as archive:
        return [archive[name] for name in sorted(archive.files)]


@pytest.mark.slow
def test_a_killed_run_goes_on_bit_for_bit(run, tmp_path):
    pairs = write_dataset(tmp_path / "pairs", "paired")
    command = [str(part) for part in ("train", pairs, *LONG, "--epochs", "5")]
    assert run(*command, "-o", "straight").exit_code == 0

    process = subprocess.Popen([sys.executable, "-m", "toonify", *command, "-o", "killed"])
    while process.poll() is None and not list(Path("killed").glob("checkpoints/step-*.npz")):
        time.sleep(0.05)
    time.sleep(random.Random().uniform(0, 1))
    process.kill()
    process.wait()
    report = json.loads(run("train", "--resume", "killed", "--json").stdout)
    assert report["steps"] == 600
    assert Path("killed/metrics.csv").read_text() == Path("straight/metrics.csv").read_text()
    for one, other in zip(weights(Path("killed")), weights(Path("straight")), strict=True):
        np.testing.assert_array_equal(one, other)


def test_slow_steps_are_saved_before_many_are_lost(run, tmp_path, monkeypatch):
    saved = []
    keep = records.Checkpoints.save
    monkeypatch.setattr(records, "PATIENCE", -1.0)
    monkeypatch.setattr(
        records.Checkpoints, "save", lambda self, step, *more: saved.append(step) or keep(self, step, *more)
    )
    pairs = write_dataset(tmp_path / "pairs", "paired")
    flags = ("--preset", "comic", "--generator", "tiny", "--epochs", "1", "--steps-per-epoch", "3")
    assert run("train", pairs, *flags).exit_code == 0
    assert saved == [1, 2, 3]
