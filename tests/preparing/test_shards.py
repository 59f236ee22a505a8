"""Shards are plain `.npy` files that appear whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.preparing import shards
from toonify.preparing.shards import Entry, Shard, ShardWriter

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)


def test_a_shard_is_what_numpy_would_have_saved(tmp_path: Path) -> None:
    shard = Shard(tmp_path / "a.npy", (8, 8, 3))
    for picture in PICTURES:
        shard.append(picture)
    shard.finish()
    np.save(tmp_path / "b.npy", PICTURES)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    np.testing.assert_array_equal(mapped[3], PICTURES[3])


def test_a_shard_is_not_seen_before_it_is_finished(tmp_path: Path) -> None:
    shard = Shard(tmp_path / "a.npy", (8, 8, 3))
    shard.append(PICTURES[0])
    assert not (tmp_path / "a.npy").exists()
    shard.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_shard_that_cannot_be_written_says_which_and_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shard = Shard(tmp_path / "a.npy", (8, 8, 3))

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shard, "_file", type("Full", (), {"write": staticmethod(full)}))
    with pytest.raises(ToonifyError, match=r"a\.npy cannot be written: no space left on device") as raised:
        shard.append(PICTURES[0])
    assert "same command" in raised.value.hint


class TestWriter:
    @pytest.fixture(autouse=True)
    def two_pictures_a_shard(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shards, "SHARD_BYTES", PICTURES[:2].nbytes)

    def write(self, folder: Path, finished: dict[str, list[Entry]], *chunks: np.ndarray) -> None:
        def note(entries: dict[str, Entry]) -> None:
            for array, entry in entries.items():
                finished[array].append(entry)

        channels, number = {"cartoon": 3, "smoothed": 3}, len(finished["cartoon"])
        writer = ShardWriter(folder, "train", channels, 8, number, note)
        for chunk in chunks:
            writer.append({"cartoon": chunk, "smoothed": 255 - chunk})
        writer.finish()

    def test_splits_pictures_into_shards_in_step(self, tmp_path: Path) -> None:
        finished: dict[str, list[Entry]] = {"cartoon": [], "smoothed": []}
        self.write(tmp_path, finished, PICTURES[:3], PICTURES[3:])
        assert [(entry["file"], entry["count"]) for entry in finished["smoothed"]] == [
            ("train/smoothed-00000.npy", 2),
            ("train/smoothed-00001.npy", 2),
            ("train/smoothed-00002.npy", 1),
        ]
        files = [np.load(tmp_path / str(entry["file"])) for entry in finished["cartoon"]]
        np.testing.assert_array_equal(np.concatenate(files), PICTURES)
        inverted = [np.load(tmp_path / str(entry["file"])) for entry in finished["smoothed"]]
        np.testing.assert_array_equal(np.concatenate(inverted), 255 - PICTURES)

    def test_continues_behind_what_is_finished(self, tmp_path: Path) -> None:
        finished: dict[str, list[Entry]] = {"cartoon": [], "smoothed": []}
        self.write(tmp_path, finished, PICTURES[:2])
        self.write(tmp_path, finished, PICTURES[2:4])
        assert [entry["file"] for entry in finished["cartoon"]] == [
            "train/cartoon-00000.npy",
            "train/cartoon-00001.npy",
        ]
        np.testing.assert_array_equal(np.load(tmp_path / "train/cartoon-00000.npy"), PICTURES[:2])

    def test_a_picture_larger_than_a_shard_still_fits_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shards, "SHARD_BYTES", 1)
        finished: dict[str, list[Entry]] = {"cartoon": [], "smoothed": []}
        self.write(tmp_path, finished, PICTURES[:2])
        assert [entry["count"] for entry in finished["cartoon"]] == [1, 1]

    def test_nothing_written_is_no_shard(self, tmp_path: Path) -> None:
        self.write(tmp_path, {"cartoon": [], "smoothed": []})
        assert list(tmp_path.iterdir()) == []
