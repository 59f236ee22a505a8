"""`--superpixels`: photographs cut into pieces of one colour, for the terms that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image
from prepared import Both, Pairs, array, draw, manifest

from toonify.plugins import Domain
from toonify.preparing.superpixels import MOST, filled, superpixels


def quarters() -> np.ndarray:
    """Three colours, and one that two quarters have that touch at a corner alone."""
    picture = np.empty((64, 64, 3), np.uint8)
    picture[:32, :32], picture[32:, 32:] = (200, 30, 30), (200, 30, 30)
    picture[:32, 32:], picture[32:, :32] = (30, 200, 30), (30, 30, 200)
    return picture


class TestPieces:
    def test_are_areas_of_one_colour_that_hang_together(self) -> None:
        labels = superpixels(quarters())[..., 0]
        low, high = slice(0, 29), slice(35, 64)  # but for the borders, which are blurred
        seen = [labels[rows, columns] for rows in (low, high) for columns in (low, high)]
        assert all(len(np.unique(quarter)) == 1 for quarter in seen)
        assert len({int(quarter[0, 0]) for quarter in seen}) == 4

    @pytest.mark.parametrize(("side", "smallest"), [(8, 25), (16, 100)])
    def test_are_none_of_them_specks(self, side: int, smallest: int) -> None:
        picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
        labels = superpixels(picture.repeat(side, 0).repeat(side, 1))
        assert labels.dtype == np.uint8 and labels.shape == (16 * side, 16 * side, 1)
        assert np.bincount(labels.ravel()).min() >= smallest

    def test_are_cut_more_coarsely_where_a_byte_does_not_tell_them_apart(self, monkeypatch) -> None:
        picture = np.random.default_rng(0).integers(0, 256, (12, 12, 3), np.uint8).repeat(16, 0).repeat(16, 1)
        assert 40 < superpixels(picture).max() < MOST
        monkeypatch.setattr("toonify.preparing.superpixels.MOST", 40)
        assert 2 < superpixels(picture).max() < 40

    def test_are_filled_with_their_mean_colours(self) -> None:
        picture = np.array([[[0, 0, 0], [10, 20, 30], [9, 9, 9]]], np.uint8)
        labels = np.array([[[3], [3], [255]]], np.uint8)
        np.testing.assert_array_equal(filled(picture, labels), [[[5, 10, 15], [5, 10, 15], [9, 9, 9]]])


class TestDatasets:
    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_have_them_beside_the_photos_of_any_source(self, prepare, photos, cartoons, workers) -> None:
        arguments = ("--superpixels", "--count", "14", "--val-fraction", "0.2", "--workers", workers)
        assert prepare("photos", "cartoons", *arguments).exit_code == 0
        for split in ("train", "val"):
            seen, labels = (array(Path("dataset"), split, name) for name in ("photo", "superpixels"))
            np.testing.assert_array_equal(labels, [superpixels(photo) for photo in seen])
        found = manifest(Path("dataset"))
        assert found["arrays"] == {"superpixels": {"domain": "photo", "channels": 1}}
        assert found["request"]["superpixels"] is True
        assert found["counts"]["train"]["superpixels"] == found["counts"]["train"]["photo"]

    def test_have_none_unless_they_are_asked_for(self, prepare, photos, cartoons) -> None:
        prepare("photos", "cartoons", "-o", "plain")
        prepare("photos", "cartoons", "-o", "cut", "--superpixels")
        assert not list(Path("plain").rglob("superpixels*"))
        for name in ("photo", "cartoon", "smoothed"):
            plain, cut = (array(Path(folder), "train", name) for folder in ("plain", "cut"))
            np.testing.assert_array_equal(plain, cut)

    @pytest.mark.usefixtures("pictured")
    def test_show_them_and_say_so(self, prepare, photos, cartoons) -> None:
        prepare("photos", "cartoons", "--superpixels", "--count", "2", "--val-fraction", "0")
        photo, labels = (array(Path("dataset"), "train", name)[0] for name in ("photo", "superpixels"))
        cell = Image.fromarray(filled(photo, labels)).resize((192, 192), Image.Resampling.LANCZOS)
        np.testing.assert_array_equal(Image.open("dataset/preview.png").crop((208, 20, 400, 212)), cell)
        report = Path("dataset/report.html").read_text()
        assert "Further arrays" in report and "superpixels" in report

    @pytest.mark.usefixtures("pictured")
    def test_of_pairs_alone_have_those_of_the_pairs(self, prepare, offer, tmp_path: Path) -> None:
        for index in range(3):
            draw(tmp_path / "both" / f"{index}.png")
        offer("pairs", Pairs)
        assert prepare("both", "--source", "pairs", "--superpixels").exit_code == 0
        pairs, labels = (array(Path("dataset"), "train", name) for name in ("paired", "superpixels"))
        np.testing.assert_array_equal(labels, [superpixels(pair[..., :3].copy()) for pair in pairs])
        assert manifest(Path("dataset"))["arrays"]["superpixels"]["domain"] == "paired"


class Halves(Both):
    """A source with superpixels of its own: left and right."""

    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"photo": {"superpixels": 1}}

    def derive(self, domain: Domain, picture: np.ndarray) -> dict[str, np.ndarray]:
        labels = np.zeros((*picture.shape[:2], 1), np.uint8)
        labels[:, picture.shape[1] // 2 :] = 1
        return {"superpixels": labels}


class TestSources:
    @pytest.fixture(autouse=True)
    def halves(self, offer, tmp_path: Path) -> None:
        offer("halves", Halves)
        for index in range(3):
            draw(tmp_path / "both" / f"{index}.png")
            draw(tmp_path / "both" / f"{index}.jpg")

    @pytest.mark.usefixtures("pictured")
    def test_may_have_their_own(self, prepare) -> None:
        assert prepare("both", "--source", "halves").exit_code == 0
        labels = array(Path("dataset"), "train", "superpixels")
        assert (labels[:, :, :16] == 0).all() and (labels[:, :, 16:] == 1).all()

    def test_do_not_get_two_of_a_name(self, prepare) -> None:
        result = prepare("both", "--source", "halves", "--superpixels")
        assert result.exit_code == 1
        assert (
            "the source 'halves' of acme 1.0 declares the array 'superpixels', a name that is taken"
            in result.stderr
        )
