"""`--source selfie2anime`: four folders, with a split of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from prepared import array, draw, manifest


@pytest.fixture
def selfies(tmp_path: Path) -> Path:
    """Five selfies and four anime faces for training, two and three to test; the same names everywhere."""
    for folder, number in (("trainA", 5), ("trainB", 4), ("testA", 2), ("testB", 3)):
        for index in range(number):
            draw(tmp_path / "selfie2anime" / folder / f"{index}.jpg", name=f"{folder}{index}")
    return tmp_path / "selfie2anime"


def test_the_tests_are_for_validation(prepare, selfies: Path) -> None:
    result = prepare(selfies, "--source", "selfie2anime")
    assert result.exit_code == 0, result.output
    assert manifest(Path("dataset"))["counts"] == {
        "train": {"photo": 5, "cartoon": 4, "smoothed": 4},
        "val": {"photo": 2, "cartoon": 3, "smoothed": 3},
    }


def test_no_picture_of_the_tests_is_trained_on(prepare, selfies: Path) -> None:
    for path in selfies.glob("test?/*.jpg"):
        red = np.asarray(Image.open(path)) // 8 + np.array([200, 0, 0], np.uint8)
        Image.fromarray(red.astype(np.uint8)).save(path)
    prepare(selfies, "--source", "selfie2anime", "--count", "20")
    for name in ("photo", "cartoon"):
        train, val = (array(Path("dataset"), split, name) for split in ("train", "val"))
        assert not (train[..., 1:].max(axis=(1, 2, 3)) < 60).any()
        assert len(val) == 1 and val[..., 1:].max() < 60 and val[..., 0].min() > 150


def test_without_validation_the_tests_are_left_out(prepare, selfies: Path) -> None:
    prepare(selfies, "--source", "selfie2anime", "--val-fraction", "0")
    counts = manifest(Path("dataset"))["counts"]
    assert (counts["train"]["photo"], counts["val"]["photo"]) == (5, 0)


def test_a_collection_without_tests_is_split_by_chance(prepare, selfies: Path) -> None:
    for path in selfies.glob("test?/*.jpg"):
        path.unlink()
    prepare(selfies, "--source", "selfie2anime")
    counts = manifest(Path("dataset"))["counts"]
    assert (counts["train"]["photo"], counts["val"]["photo"]) == (4, 1)


def test_another_layout_is_refused_with_what_was_looked_for(prepare, photos: Path) -> None:
    result = prepare(photos, "--source", "selfie2anime")
    assert result.exit_code == 2
    assert "photos holds no folder trainA" in result.stderr
    assert "trainA and testA (photos), trainB and testB (anime)" in result.stderr
