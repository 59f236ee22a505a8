"""`kill -9` at any moment leaves a run that goes on as if nothing had happened."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tiny_dataset import write_dataset

from toonify.training.callbacks import checkpointing

PRESET = """
description = ""
batch_size = 2
steps_per_epoch = 150
checkpoint_every = 5
ema = 0.99
generator = { name = "lite", options = { width = 8 } }
measuring = { every = 0 }
paired = { epochs = 4, learning_rate = 1e-3, terms = { colour = { weight = 1 }, ink = { weight = 1 } } }
"""
KILLS = 20


def weights(run: Path) -> list[np.ndarray]:
    with np.load(run / "style" / "generator.npz", allow_pickle=False) as archive:
        return [archive[name] for name in sorted(archive.files)]


def begin(*arguments: str, engine: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "toonify", "train", *arguments, "--engine", engine]
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(process: subprocess.Popen[bytes], event: Callable[[], bool]) -> None:
    while process.poll() is None and not event():
        time.sleep(0.0005)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
def test_a_run_killed_again_and_again_ends_with_the_weights_of_one_never_killed(tmp_path, engine):
    pairs = write_dataset(tmp_path / "pairs", "paired")
    (tmp_path / "small.toml").write_text(PRESET)
    asked = (str(pairs), "--preset", "small.toml")
    assert begin(*asked, "-o", "straight", engine=engine).wait() == 0

    folder, chance = Path("killed/checkpoints"), random.Random()
    writing = 0
    for kill in range(KILLS):
        before = set(folder.glob("step-*.npz"))
        process = begin(*(("--resume", "killed") if before else (*asked, "-o", "killed")), engine=engine)
        wait_for(process, lambda before=before: bool(set(folder.glob("step-*.npz")) - before))
        if kill % 2:  # in the middle of writing a checkpoint
            wait_for(process, lambda: bool(list(folder.glob(".toonify-*.part"))))
            writing += bool(list(folder.glob(".toonify-*.part")))
        else:
            time.sleep(chance.uniform(0, 0.3))
        process.kill()
        process.wait()
    assert begin("--resume", "killed", engine=engine).wait() == 0
    assert writing, "no kill came while a checkpoint was written"
    assert Path("killed/metrics.csv").read_text() == Path("straight/metrics.csv").read_text()
    for one, other in zip(weights(Path("killed")), weights(Path("straight")), strict=True):
        np.testing.assert_array_equal(one, other)


def test_slow_steps_are_saved_before_many_are_lost(run, pairs, monkeypatch, packaged, no_report, uncompiled):
    saved = []
    keep = checkpointing.Checkpoints.save
    monkeypatch.setattr(checkpointing, "PATIENCE", -1.0)
    monkeypatch.setattr(
        checkpointing.Checkpoints,
        "save",
        lambda self, step, *more: saved.append(step) or keep(self, step, *more),
    )
    flags = ("--preset", "pairs", "--generator", "tiny", "--epochs", "1", "--steps-per-epoch", "3")
    assert run("train", pairs, *flags).exit_code == 0
    assert saved == [1, 2, 3]
