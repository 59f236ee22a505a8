"""Checkpoints are whole or not there; a damaged one costs only itself."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys

import keras
import numpy as np
import pytest
from listener import Listener

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.storage import RunFolder
from toonify.training.checkpoints import Checkpoints


def parts(value: float = 0.0) -> dict[str, list[keras.Variable]]:
    return {
        "generator": [
            keras.Variable(np.full((2, 3), value, "float32")),
            keras.Variable(value, dtype="float32"),
        ],
        "generator_optimizer": [keras.Variable(np.asarray(value, "int64"), dtype="int64")],
    }


@pytest.fixture
def checkpoints(tmp_path) -> Checkpoints:
    return Checkpoints(RunFolder(tmp_path))


def test_every_variable_comes_back_with_the_step(checkpoints):
    checkpoints.save(12, parts(3))
    newest = checkpoints.newest(Progress())
    assert newest is not None and newest.step == 12
    fresh = parts()
    newest.restore(fresh)
    for owner, variables in parts(3).items():
        for variable, saved in zip(fresh[owner], variables, strict=True):
            np.testing.assert_array_equal(variable, saved)
            assert variable.dtype == saved.dtype


def test_the_newest_two_are_kept(checkpoints):
    for step in (5, 10, 200):
        checkpoints.save(step, parts(step))
    assert [path.name for path in sorted(checkpoints.folder.iterdir())] == [
        "step-0000010.npz",
        "step-0000200.npz",
    ]


def test_ten_million_is_more_than_nine(checkpoints):
    for step in (9_999_750, 10_000_000):
        checkpoints.save(step, parts(step))
    newest = checkpoints.newest(Progress())
    assert newest is not None and newest.step == 10_000_000
    checkpoints.save(10_000_250, parts())
    assert {path.name for path in checkpoints.folder.iterdir()} == {
        "step-10000000.npz",
        "step-10000250.npz",
    }


def test_a_copy_of_ones_own_stays_and_is_none_to_go_on_from(checkpoints):
    first = checkpoints.save(5, parts(5))
    own = [first.with_name(f"step-0000005{end}.npz") for end in ("-good", " (1)")]
    for path in own:
        shutil.copy(first, path)
    for step in (10, 15, 20):
        checkpoints.save(step, parts(step))
    assert all(path.exists() for path in own) and not first.exists()
    newest = checkpoints.newest(Progress())
    assert newest is not None and newest.step == 20


def test_one_of_numbers_that_are_none_is_damaged(checkpoints):
    checkpoints.save(5, parts(5))
    path = checkpoints.save(10, parts(10))
    with np.load(path) as saved:
        np.savez(path, allow_pickle=False, **{**saved, "generator/0001": np.float32("nan")})
    listener = Listener()
    assert checkpoints.newest(listener).step == 5
    assert "step-0000010.npz is damaged: it holds values that are no numbers" in listener.warnings[0]


def test_the_best_stays_besides(tmp_path):
    checkpoints = Checkpoints(RunFolder(tmp_path), keep=1)
    for step in (5, 10, 15, 200):
        checkpoints.save(step, parts(step), best=10 if step >= 10 else None)
    assert [path.name for path in sorted(checkpoints.folder.iterdir())] == [
        "step-0000010.npz",
        "step-0000200.npz",
    ]
    assert checkpoints.load(10).step == 10
    with pytest.raises(ToonifyError, match=r"there is no checkpoint .*step-0000015\.npz"):
        checkpoints.load(15)


def test_a_course_that_was_given_up_does_not_push_out_the_one_that_is_taken(checkpoints):
    for step in (250, 500):
        checkpoints.save(step, parts(step)).write_bytes(b"damaged")
    killed = checkpoints.folder / ".toonify-0123456789abcdef.part"
    killed.mkdir()
    for name in (".lock", "step-0000750.npz"):
        (killed / name).touch()
    assert checkpoints.newest(Progress()) is None
    path = checkpoints.save(100, parts(100))
    assert [path] == list(checkpoints.folder.iterdir())
    assert checkpoints.newest(Progress()).step == 100


def test_a_damaged_one_is_named_and_the_one_before_is_taken(checkpoints):
    checkpoints.save(5, parts(5))
    newest = checkpoints.save(10, parts(10))
    whole = newest.read_bytes()
    listener = Listener()
    for damage in (whole[:100], whole[: len(whole) - 30], b"", whole.replace(b"metadata", b"metadatb")):
        newest.write_bytes(damage)
        found = checkpoints.newest(listener)
        assert found is not None and found.step == 5
    assert len(listener.warnings) == 4
    assert "step-0000010.npz is damaged" in listener.warnings[0]


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        {"schema": 1, "step": 10, "paths": ["generator"]},
        {"schema": 1, "step": 10, "paths": {"generator": 3}},
        {"schema": 1, "step": -1, "paths": {}},
        {"schema": 1, "step": "10", "paths": {}},
        {"schema": 1, "step": 10, "paths": {"words": ["a"]}},
        {"schema": 1, "step": 10, "paths": {"words": ["a", "b"]}},
    ],
    ids=json.dumps,
)
def test_metadata_that_make_no_sense_are_damage_too(checkpoints, metadata):
    checkpoints.save(5, parts(5))
    path = checkpoints.folder / "step-0000010.npz"
    np.savez(path, **{"metadata": np.asarray(json.dumps(metadata)), "words/0000": np.asarray("word")})
    listener = Listener()
    found = checkpoints.newest(listener)
    assert found is not None and found.step == 5
    assert len(listener.warnings) == 1 and f"{path} is damaged" in listener.warnings[0]


def test_a_file_that_would_unpack_to_more_than_its_size_is_damaged(checkpoints):
    checkpoints.save(5, parts(5))
    metadata = {"schema": 1, "step": 10, "paths": {"generator": ["a"]}}
    arrays = {"metadata": np.asarray(json.dumps(metadata)), "generator/0000": np.zeros(100_000)}
    np.savez_compressed(checkpoints.folder / "step-0000010.npz", **arrays)
    listener = Listener()
    found = checkpoints.newest(listener)
    assert found is not None and found.step == 5
    assert "it claims to hold more than its size" in listener.warnings[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes of that kind")
def test_a_pipe_is_not_waited_for(checkpoints):
    checkpoints.save(5, parts(5))
    os.mkfifo(checkpoints.folder / "step-0000010.npz")
    found = checkpoints.newest(Progress())
    assert found is not None and found.step == 5


def test_when_none_is_whole_the_run_begins_again_and_says_so(checkpoints):
    checkpoints.save(5, parts()).write_bytes(b"nothing")
    listener = Listener()
    assert checkpoints.newest(listener) is None
    assert listener.warnings[-1].endswith("is whole; starting again at step 0")


def test_when_there_is_none_the_run_begins_again_and_says_so(checkpoints):
    listener = Listener()
    assert checkpoints.newest(listener) is None
    assert listener.warnings == [f"there is no checkpoint in {checkpoints.folder}; starting again at step 0"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_state_that_is_not_finite_is_never_saved(checkpoints, bad):
    checkpoints.save(5, parts(5))
    assert checkpoints.save(6, {"generator": [keras.Variable([1.0, bad])]}) is None
    assert checkpoints.newest_path().name == "step-0000005.npz"


def test_networks_of_another_shape_are_refused_and_left_alone(checkpoints):
    checkpoints.save(5, parts(5))
    other = {"generator": [keras.Variable(np.zeros((3, 3)))], "generator_optimizer": []}
    with pytest.raises(ToonifyError, match=r"step-0000005\.npz does not fit the networks"):
        checkpoints.newest(Progress()).restore(other)
    assert not np.any(np.asarray(other["generator"][0]))


def test_a_full_disk_leaves_the_old_one_and_no_fragments(checkpoints, monkeypatch):
    checkpoints.save(5, parts(5))

    def full(file, *arrays, **named):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(ToonifyError, match="cannot be written: no space left on device"):
        checkpoints.save(10, parts(10))
    assert [path.name for path in checkpoints.folder.iterdir()] == ["step-0000005.npz"]
