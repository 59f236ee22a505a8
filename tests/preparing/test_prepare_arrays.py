"""Sources that derive arrays of their own: in step with the pictures, whatever they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image
from prepared import Both, Pairs, array, draw, manifest

from toonify.plugins import Domain
from toonify.storage import DatasetManifest


class Scenes(Both):
    """A stranger's source: photos with a depth and a flow, cartoons with a second artist's hand."""

    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {
        "photo": {"depth": 1, "flow": 2},
        "cartoon": {"inverse": 3},
    }

    def derive(self, domain: Domain, picture: np.ndarray) -> dict[str, np.ndarray]:
        if domain == "cartoon":
            return {"inverse": 255 - picture}
        return {"depth": picture.max(-1, keepdims=True), "flow": picture[..., :2] // 2}


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path) -> None:
    for index in range(4):
        draw(tmp_path / "both" / f"{index}.png")
        draw(tmp_path / "both" / f"{index}.jpg")


@pytest.fixture
def refused(prepare, offer) -> Callable[..., str]:
    """What is said to a source that is not what it should be."""

    def refused(source: type, **attributes: Any) -> str:
        offer("odd", type("Odd", (source,), attributes))
        result = prepare("both", "--source", "odd")
        assert result.exit_code == 1
        assert not Path("dataset").exists()
        return result.stderr

    return refused


class TestArrays:
    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_lie_in_step_with_the_pictures_that_they_are_derived_from(
        self, prepare, offer, workers: str
    ) -> None:
        offer("scenes", Scenes)
        arguments = ("both", "--source", "scenes", "--count", "12", "--val-fraction", "0.3")
        assert prepare(*arguments, "--workers", workers).exit_code == 0
        for split in ("train", "val"):
            photo, cartoon = (array(Path("dataset"), split, name) for name in ("photo", "cartoon"))
            np.testing.assert_array_equal(array(Path("dataset"), split, "depth")[..., 0], photo.max(-1))
            np.testing.assert_array_equal(array(Path("dataset"), split, "flow"), photo[..., :2] // 2)
            np.testing.assert_array_equal(array(Path("dataset"), split, "inverse"), 255 - cartoon)

    def test_are_counted_and_listed_with_their_domain_and_channels(self, prepare, offer) -> None:
        offer("scenes", Scenes)
        assert prepare("both", "--source", "scenes", "--val-fraction", "0").exit_code == 0
        found = manifest(Path("dataset"))
        assert found["arrays"] == {
            "depth": {"domain": "photo", "channels": 1},
            "flow": {"domain": "photo", "channels": 2},
            "inverse": {"domain": "cartoon", "channels": 3},
        }
        assert found["counts"]["train"] == dict.fromkeys(
            ("photo", "depth", "flow", "cartoon", "smoothed", "inverse"), 4
        )
        assert DatasetManifest.read(Path("dataset")).array("flow").channels == 2

    def test_may_be_derived_from_pairs_too(self, prepare, offer) -> None:
        class Lit(Pairs):
            arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"paired": {"light": 1}}

            def derive(self, domain: Domain, picture: np.ndarray) -> dict[str, np.ndarray]:
                return {"light": picture[..., 1:2]}

        offer("lit", Lit)
        assert prepare("both", "--source", "lit").exit_code == 0
        pairs, light = (array(Path("dataset"), "train", name) for name in ("paired", "light"))
        np.testing.assert_array_equal(light[..., 0], pairs[..., 1])

    @pytest.mark.usefixtures("pictured")
    def test_are_on_the_contact_sheet(self, prepare, offer) -> None:
        offer("scenes", Scenes)
        prepare("both", "--source", "scenes", "--count", "1")
        depth, flow, inverse = (
            array(Path("dataset"), "train", name)[0] for name in ("depth", "flow", "inverse")
        )
        shown = {1: depth.repeat(3, -1), 2: flow[..., :1].repeat(3, -1), 5: inverse}
        sheet = Image.open("dataset/preview.png")
        for column, picture in shown.items():
            left = 8 + column * 200
            cell = Image.fromarray(picture).resize((192, 192), Image.Resampling.LANCZOS)
            np.testing.assert_array_equal(sheet.crop((left, 20, left + 192, 212)), cell)

    @pytest.mark.usefixtures("pictured")
    def test_of_labels_can_be_told_apart_on_the_contact_sheet(self, prepare, offer) -> None:
        class Halves(Scenes):
            arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"photo": {"half": 1}}

            def derive(self, domain: Domain, picture: np.ndarray) -> dict[str, np.ndarray]:
                half = np.zeros((*picture.shape[:2], 1), np.uint8)
                half[:, half.shape[1] // 2 :] = 2
                return {"half": half}

        offer("halves", Halves)
        prepare("both", "--source", "halves", "--count", "1")
        cell = np.asarray(Image.open("dataset/preview.png").crop((208, 20, 400, 212)))
        assert cell[:, :80].max() == 0
        assert cell[:, 112:].min() == 254

    def test_that_are_drawn_into_the_picture_do_not_reach_the_dataset(self, prepare, offer) -> None:
        class Careless(Scenes):
            def derive(self, domain: Domain, picture: np.ndarray) -> dict[str, np.ndarray]:
                derived = super().derive(domain, picture)
                picture[:] = 0
                return derived

        offer("scenes", Scenes)
        offer("careless", Careless)
        for name in ("scenes", "careless"):
            prepare("both", "--source", name, "-o", name)
        assert manifest(Path("scenes"))["content_hash"] == manifest(Path("careless"))["content_hash"]


class TestDeclarations:
    @pytest.mark.parametrize("name", ["photo", "smoothed", "heads", "features"])
    def test_of_a_name_that_is_taken_are_refused(self, refused, name: str) -> None:
        complaint = refused(Scenes, arrays={"photo": {name: 1}})
        assert f"the source 'odd' of acme 1.0 declares the array '{name}', a name that is taken" in complaint

    def test_of_one_name_twice_are_refused(self, refused) -> None:
        assert "'depth', a name that is taken" in refused(
            Scenes, arrays={"photo": {"depth": 1}, "cartoon": {"depth": 1}}
        )

    @pytest.mark.parametrize("name", ["../depth", "Depth", "", "a b"])
    def test_of_a_name_that_is_none_are_refused(self, refused, name: str) -> None:
        assert "lower-case letters, digits and underscores" in refused(Scenes, arrays={"photo": {name: 1}})

    @pytest.mark.parametrize("channels", [0, -1, 1.5, True])
    def test_of_no_channels_are_refused(self, refused, channels: object) -> None:
        complaint = refused(Scenes, arrays={"photo": {"depth": channels}})
        assert f"'depth' of {channels} channels; it needs one at least" in complaint

    def test_that_are_no_table_are_refused(self, refused) -> None:
        assert "the source 'odd' of acme 1.0 failed: AttributeError" in refused(
            Scenes, arrays={"photo": ["depth"]}
        )

    def test_of_pictures_that_the_source_does_not_give_are_refused(self, refused) -> None:
        complaint = refused(Scenes, arrays={"paired": {"depth": 1}})
        assert "the array 'depth' of paired pictures, which it does not give" in complaint


class TestPromises:
    def derive(self, **wrong: object) -> Callable[..., dict[str, object]]:
        """What `Scenes` derives, but for this."""
        return lambda source, domain, picture: {**Scenes.derive(source, domain, picture), **wrong}

    @pytest.mark.parametrize(
        ("depth", "found"),
        [
            (np.zeros((32, 32, 3), np.uint8), "uint8 (32, 32, 3)"),
            (np.zeros((32, 32), np.uint8), "uint8 (32, 32)"),
            (np.zeros((32, 32, 1), np.float32), "float32 (32, 32, 1)"),
            ([1, 2, 3], "list"),
        ],
    )
    def test_of_type_and_shape_are_held_to(self, refused, depth: object, found: str) -> None:
        complaint = refused(Scenes, derive=self.derive(depth=depth))
        assert (
            f"the source 'odd' of acme 1.0 gave {found} as the array 'depth', not uint8 (32, 32, 1)"
            in complaint
        )

    def test_of_names_are_held_to(self, refused) -> None:
        more = refused(Scenes, derive=self.derive(segments=np.zeros((32, 32, 1), np.uint8)))
        assert "not depth, flow" in more and "derived depth, flow, segments of" in more
        assert "derived no arrays of" in refused(Scenes, derive=lambda *_: {})

    def test_that_a_source_forgets_altogether_are_named(self, refused) -> None:
        complaint = refused(Both, arrays={"photo": {"depth": 1}})
        assert "the source 'odd' of acme 1.0 derived nothing of" in complaint
        assert "Odd derives no arrays" in complaint

    def test_broken_by_an_error_of_any_kind_name_the_picture(self, refused) -> None:
        complaint = refused(Scenes, derive=lambda *_: 1 // 0)
        assert "the source 'odd' of acme 1.0 derived nothing of" in complaint
        assert ".png: ZeroDivisionError: integer division or modulo by zero" in complaint


class Map(Pairs):
    """Draws where each pixel lies in the whole picture, at twice its size, and a label for each quarter."""

    whole: ClassVar[bool] = True
    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"paired": {"quarter": 1}}
    seen: ClassVar[list[tuple[int, ...]]] = []

    def pair(self, photo: np.ndarray) -> np.ndarray:
        self.seen.append(photo.shape)
        height, width = 2 * photo.shape[0], 2 * photo.shape[1]
        y, x = np.mgrid[:height, :width]
        place = np.stack([255 * x / width, 255 * y / height, 0 * x, 0 * x], -1).astype(np.uint8)
        return np.concatenate([photo.repeat(2, 0).repeat(2, 1), place], -1)

    def derive(self, domain: Domain, picture: np.ndarray) -> dict[str, np.ndarray]:
        y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
        right, low = 2 * x >= picture.shape[1], 2 * y >= picture.shape[0]
        return {"quarter": (100 * right + 50 * low).astype(np.uint8)[..., None]}


class TestWholePictures:
    @pytest.fixture
    def pairs(self, prepare, offer) -> tuple[np.ndarray, np.ndarray]:
        Map.seen.clear()
        offer("map", Map)
        arguments = ("both", "--source", "map", "--count", "24", "--val-fraction", "0")
        assert prepare(*arguments).exit_code == 0
        return tuple(array(Path("dataset"), "train", name) for name in ("paired", "quarter"))

    def test_are_what_the_source_sees(self, pairs) -> None:
        assert set(Map.seen) == {(48, 60, 3)}

    def test_are_cut_where_the_photograph_is_cut(self, pairs) -> None:
        found, _ = pairs
        x, y = found[..., 3].astype(float), found[..., 4].astype(float)
        assert (np.diff(x, axis=2) >= 0).all() and (np.diff(y, axis=1) >= 0).all()
        shares = np.ptp(x, axis=(1, 2)) / 255 * 60, np.ptp(y, axis=(1, 2)) / 255 * 48
        np.testing.assert_allclose(*shares, atol=2)  # squares of the picture, of 16 pixels and more
        assert 22 < shares[0].min() < 28 and shares[0].max() > 44

    def test_give_labels_that_are_not_mixed(self, pairs) -> None:
        found, quarters = pairs
        assert set(np.unique(quarters)) == {0, 50, 100, 150}
        right, low = found[..., 3] > 127, found[..., 4] > 127
        expected = (100 * right + 50 * low)[..., None]
        assert (quarters == expected).mean() > 0.93  # but for a pixel at the borders

    def test_may_not_come_back_in_another_shape(self, refused) -> None:
        def squeezed(source: Map, photo: np.ndarray) -> np.ndarray:
            return Map.pair(source, photo)[:, ::2]

        assert "gave uint8 (96, 60, 7) as a pair, not uint8 (48, 60, 7)" in refused(Map, pair=squeezed)
