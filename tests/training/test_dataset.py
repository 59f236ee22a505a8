"""A dataset may come from anyone: its shards are checked before they are mapped into memory."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tiny_dataset import write_dataset

from toonify.errors import ToonifyError
from toonify.training.dataset import Dataset


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_dataset(tmp_path / "dataset", "photo")


@pytest.fixture
def shard(folder) -> Path:
    return folder / "train" / "photo-00001.npy"


def refusal(folder: Path) -> str:
    """The one line that says why its photos cannot be used."""
    with pytest.raises(ToonifyError) as caught:
        Dataset(folder).shards("photo")
    assert caught.value.hint == "Prepare the dataset again."
    return caught.value.message


def declare(folder: Path, **shard: object) -> None:
    """Let the manifest say something else about the first shard of photos."""
    path = folder / "dataset.json"
    document = json.loads(path.read_text())
    document["shards"]["train"]["photo"][0] |= shard
    path.write_text(json.dumps(document))


def test_all_shards_together_are_one_array(folder):
    photos = Dataset(folder).shards("photo")
    assert len(photos) == 8
    assert photos[7].shape == (32, 32, 3)


def test_the_highest_label_is_found_in_whichever_shard_it_lies(folder, shard):
    pictures = np.zeros((4, 32, 32, 3), np.uint8)
    np.save(folder / "train" / "photo-00000.npy", pictures + 3)
    pictures[2, 5, 5] = 7, 0, 255
    np.save(shard, pictures)
    assert Dataset(folder).shards("photo").highest == 7


def test_a_shard_that_is_gone_is_named(folder, shard):
    shard.unlink()
    assert refusal(folder) == f"{shard} cannot be read: no such file or directory"


@pytest.mark.parametrize(
    "damage", ["cut in the header", "cut in the pictures", "empty", "a zip", "a pickle", "absurd"]
)
def test_a_damaged_shard_is_named(folder, shard, damage):
    whole = shard.read_bytes()
    if damage == "a zip":
        with open(shard, "wb") as file:
            np.savez(file, photo=np.zeros(3))
    elif damage == "a pickle":
        np.save(shard, np.array([{}]), allow_pickle=True)
    else:
        contents = {
            "cut in the header": whole[:6],
            "cut in the pictures": whole[:-100],
            "empty": b"",
            "absurd": whole.replace(b"(4, 32, 32, 3)", b"(9**99,      )"),
        }
        shard.write_bytes(contents[damage])
    assert refusal(folder) == f"{shard} is damaged: it holds no array of pictures"


def test_a_shard_of_another_shape_is_named(folder, shard):
    np.save(shard, np.zeros((4, 16, 16, 3), np.uint8))
    assert f"{shard} holds uint8 (4, 16, 16, 3), not uint8 (4, 32, 32, 3)" in refusal(folder)


def test_a_shard_outside_the_folder_is_refused(folder, tmp_path):
    np.save(tmp_path / "secret.npy", np.zeros((4, 32, 32, 3), np.uint8))
    for path in ("../secret.npy", "train/../../secret.npy", str(tmp_path / "secret.npy")):
        declare(folder, file=path)
        assert "secret.npy lies outside the dataset's folder" in refusal(folder)


def test_a_link_that_leaves_the_folder_is_refused(folder, shard, tmp_path):
    shard.rename(tmp_path / "elsewhere.npy")
    shard.symlink_to(tmp_path / "elsewhere.npy")
    assert refusal(folder) == f"{shard} lies outside the dataset's folder"


def test_a_dataset_may_itself_be_a_link(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert len(Dataset(tmp_path / "link").shards("photo")) == 8


@pytest.mark.parametrize("count", [-4, 3, 4.0, 1e999, "many", "4", True, None])
def test_counts_that_cannot_be_right_are_refused(folder, count):
    declare(folder, count=count)
    assert f"{folder / 'dataset.json'} is damaged: its shards of train photo" in refusal(folder)
