"""A run folder belongs to one process at a time, and to none once that has died."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from filelock import FileLock
from listener import Listener

from toonify.errors import ToonifyError
from toonify.storage import RunManifest, StyleManifest
from toonify.training import TrainRequest
from toonify.training.engines.tensorflow import TensorFlowEngine
from toonify.training.runs import new_run, resumed_run

HOLD = """
import sys, time
from filelock import FileLock
lock = FileLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
time.sleep(600)
"""


def test_a_run_that_another_process_works_on_is_refused_until_that_dies(
    run, copied, packaged, no_report, uncompiled
):
    other = subprocess.Popen([sys.executable, "-c", HOLD, copied / ".lock"], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None and other.stdout.readline() == b"held\n"
        result = run("train", "--resume", "run", "--epochs", "8")
        assert result.exit_code == 1
        assert "run is in use: another process trains in it" in " ".join(result.stderr.split())
    finally:
        other.kill()
        other.wait()
    assert run("train", "--resume", "run", "--epochs", "8").exit_code == 0


def test_a_folder_that_was_there_before_stays(pairs, tmp_path):
    (tmp_path / "mine").mkdir()
    run = new_run(TrainRequest(pairs, tmp_path / "mine", preset="pairs"))
    with run.held(), pytest.raises(ToonifyError, match="is in use"), run.held():
        raise AssertionError("held twice")
    assert (tmp_path / "mine").is_dir()


def test_the_lock_is_the_systems(pairs, tmp_path):
    run = new_run(TrainRequest(pairs, tmp_path / "mine", preset="pairs"))
    with run.held():
        assert not FileLock(run.files.lock, timeout=0).is_locked
        run.write()
    FileLock(run.files.lock).acquire(timeout=0)


class FirstSays(TensorFlowEngine):
    """A late machine, to which the first one says a number."""

    def broadcast(self, number: int) -> int:
        return 1


def test_a_late_machine_works_in_the_folder_of_the_first(pairs, tmp_path):
    Path("runs/pairs-1").mkdir(parents=True)  # by the first, a moment ago
    late = new_run(TrainRequest(pairs, preset="pairs"))
    assert late.folder == Path("runs/pairs-2")
    assert late.together(FirstSays()).folder == Path("runs/pairs-1")
    named = new_run(TrainRequest(pairs, tmp_path / "mine", preset="pairs"))
    assert named.together(FirstSays()).folder == tmp_path / "mine"


def test_the_origins_of_plugins_are_recorded(trained):
    origin = f"toonify-gan {version('toonify-gan')}"
    plugins = {
        "generators/tiny": "an unknown distribution",
        **{f"terms/{name}": origin for name in ("colour", "gradient", "ink")},
    }
    assert RunManifest.read(trained).plugins == plugins
    assert StyleManifest.read(trained / "style").training["plugins"] == plugins


def test_a_plugin_of_another_version_is_warned_of(copied):
    manifest = RunManifest.read(copied)
    manifest.plugins["terms/ink"] = "toonify-gan 0.0.1"
    manifest.write(copied)
    listener = Listener()
    resumed_run(TrainRequest(resume=copied), listener)
    assert listener.warnings == [
        "the plugin terms/ink was of toonify-gan 0.0.1 when the run began, "
        f"and is now of toonify-gan {version('toonify-gan')}"
    ]


@pytest.mark.parametrize("now", ["elsewhere", "dataset"])
def test_a_dataset_that_has_moved_is_taken_where_it_is_now(copied, pairs, tmp_path, now):
    there = RunManifest.read(copied)
    dataclasses.replace(there, dataset=str(tmp_path / "gone")).write(copied)
    shutil.copytree(pairs, now)
    resumed_run(TrainRequest(now, resume=copied)).write()
    assert RunManifest.read(copied).dataset == str(tmp_path / now)
    assert resumed_run(TrainRequest(resume=copied)).dataset.folder == tmp_path / now
