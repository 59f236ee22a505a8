"""`train` on disks that fail: a line, no half-written file, and the run goes on once that is mended."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from failing_disks import complaint, full_beyond, hidden, read_only

from toonify.storage import Part
from toonify.training import TrainRequest, train
from toonify.training.checkpoints import Checkpoints

FLAGS = ("--preset", "pairs", "--generator", "tiny", "--batch-size", "4", "--epochs", "7", "-o", "mine")

pytestmark = pytest.mark.usefixtures("no_report", "packaged")


def test_a_read_only_output_is_told_in_a_line(run, pairs, tmp_path):
    with read_only():
        result = run("train", pairs, *FLAGS)
    assert result.exit_code == 1
    assert complaint(result.stderr) == "mine cannot be made: read-only file system"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("uncompiled")
@pytest.mark.parametrize(("room", "file"), [(100, "mine/run.json"), (2_500, "mine/samples/step-0000000.png")])
def test_a_full_disk_is_told_in_a_line(run, pairs, tmp_path, room, file):
    with full_beyond(room):
        result = run("train", pairs, *FLAGS)
    assert result.exit_code == 1
    assert complaint(result.stderr) == f"{file} cannot be written: file too large"
    assert hidden(tmp_path) == []


@pytest.mark.usefixtures("uncompiled")
def test_a_dataset_that_vanishes_is_told_in_a_line(run, pairs, tmp_path, monkeypatch):
    shutil.copytree(pairs, "dataset")
    from toonify.training import checks

    make_plan = checks.make_plan

    def vanishing(*arguments: object) -> object:
        made = make_plan(*arguments)
        shutil.rmtree("dataset")
        return made

    monkeypatch.setattr(checks, "make_plan", vanishing)
    result = run("train", "dataset", *FLAGS)
    assert result.exit_code == 1
    assert "dataset" in complaint(result.stderr)
    assert hidden(tmp_path) == []


class Killed(BaseException):
    """Stands for `kill -9`: nothing is tidied up after it."""


@pytest.mark.parametrize("number", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_a_run_killed_while_it_saves_goes_on_bit_for_bit(trained, pairs, tmp_path, number):
    put, saved = Checkpoints.save, []

    def dying(checkpoints: Checkpoints, step: int, *more: object) -> object:
        saved.append(step)
        if len(saved) <= number:
            return put(checkpoints, step, *more)
        part = Part(checkpoints.folder / "step-9999999.npz")
        part.path.write_bytes(b"half")
        part._lock.release(remove=False)
        raise Killed

    options = {"preset": "pairs", "generator": "tiny", "batch_size": 4, "learning_rate": 0.3}
    request = TrainRequest(pairs, tmp_path / "mine", **options, epochs=7, measure_every=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "save", dying)
        with pytest.raises(Killed):
            train(request)
    assert hidden(tmp_path / "mine" / "checkpoints") != []
    assert train(TrainRequest(resume=tmp_path / "mine")).steps == 14
    assert hidden(tmp_path / "mine") == []
    for name in ("metrics.csv", "measures.csv"):
        assert (tmp_path / "mine" / name).read_bytes() == (trained / name).read_bytes(), name
    ends = [np.load(run / "checkpoints" / "step-0000014.npz") for run in (tmp_path / "mine", trained)]
    for name in {*ends[0].files} - {"metadata"}:
        np.testing.assert_array_equal(*(end[name] for end in ends))
