"""`kill -9` at any moment leaves a run that goes on as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
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

PART = ".toonify-*.part"
"""How what is being written is called."""


def weights(run: Path) -> list[np.ndarray]:
    with np.load(run / "style" / "generator.npz", allow_pickle=False) as archive:
        return [archive[name] for name in sorted(archive.files)]


def begin(*arguments: str, engine: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "toonify", "train", *arguments, "--engine", engine]
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    environment["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"  # halves the time that it takes to compile
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_any_time(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Once it has written a checkpoint."""
    before = set(folder.glob("step-*.npz"))
    while process.poll() is None and not set(folder.glob("step-*.npz")) - before:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.1))
    process.kill()
    process.wait()


def kill_while_it_writes(process: subprocess.Popen[bytes], folder: Path) -> None:
    """In the middle of a checkpoint: it is stopped first, or a quick disk would be done by then."""
    left_over = set(folder.glob(PART))
    while process.poll() is None:
        time.sleep(0.0005)
        if set(folder.glob(PART)) - left_over:
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            if set(folder.glob(PART)) - left_over:
                break
            process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()
    assert set(folder.glob(PART)) - left_over, "it ended before it was killed"


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("engine", ["tensorflow", "jax"])
def test_a_run_killed_20_times_ends_with_the_weights_of_one_never_killed(tmp_path, engine):
    pairs = write_dataset(tmp_path / "pairs", "paired")
    (tmp_path / "small.toml").write_text(PRESET)
    asked = (str(pairs), "--preset", "small.toml")
    assert begin(*asked, "-o", "straight", engine=engine).wait() == 0

    folder = Path("killed/checkpoints")
    for number, kill in enumerate([kill_any_time, kill_while_it_writes] * 10):
        kill(begin(*(("--resume", "killed") if number else (*asked, "-o", "killed")), engine=engine), folder)
    assert begin("--resume", "killed", engine=engine).wait() == 0
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
