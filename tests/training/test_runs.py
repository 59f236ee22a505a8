"""A run folder belongs to one process at a time, and to none once that has died."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from tiny_dataset import write_dataset

from toonify.errors import ToonifyError
from toonify.training import TrainRequest
from toonify.training.runs import LOCK, new_run

FLAGS = ("--preset", "comic", "--generator", "tiny", "--batch-size", "4", "--epochs", "1")
HOLD = """
import sys, time
from filelock import FileLock
lock = FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("pairs"), "paired")


def test_a_run_that_another_process_works_on_is_refused_until_that_dies(run, pairs):
    assert run("train", pairs, *FLAGS, "-o", "mine").exit_code == 0
    other = subprocess.Popen([sys.executable, "-c", HOLD, f"mine/{LOCK}"], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        result = run("train", "--resume", "mine", "--epochs", "2")
        assert result.exit_code == 1
        assert "mine is in use: another process trains in it" in " ".join(result.stderr.split())
    finally:
        other.kill()
        other.wait()
    assert run("train", "--resume", "mine", "--epochs", "2").exit_code == 0


def test_a_new_run_that_fails_leaves_no_folder(pairs, tmp_path):
    run = new_run(TrainRequest(pairs, tmp_path / "a" / "b", preset="comic"))
    with pytest.raises(KeyError), run.held():
        assert run.folder.is_dir()
        raise KeyError
    assert not (tmp_path / "a").exists()


def test_a_folder_that_was_there_before_stays(pairs, tmp_path):
    (tmp_path / "mine").mkdir()
    run = new_run(TrainRequest(pairs, tmp_path / "mine", preset="comic"))
    with run.held(), pytest.raises(ToonifyError, match="is in use"), run.held():
        raise AssertionError("held twice")
    assert (tmp_path / "mine").is_dir()


def test_the_lock_is_the_systems(pairs, tmp_path):
    run = new_run(TrainRequest(pairs, tmp_path / "mine", preset="comic"))
    with run.held():
        assert not FileLock(run.folder / LOCK, timeout=0).is_locked
        run.write()
    FileLock(run.folder / LOCK).acquire(timeout=0)
