"""`toonify prepare`: from folders of pictures to a dataset."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from prepared import Pairs, array, contents, draw, drawing, manifest, sizes

from toonify import __version__
from toonify.preparing import PrepareRequest
from toonify.preparing import prepare as prepare_dataset
from toonify.preparing.edges import smooth_edges


class TestFolders:
    def test_every_file_becomes_one_picture(self, prepare, photos: Path, cartoons: Path) -> None:
        result = prepare(photos, cartoons)
        assert result.exit_code == 0, result.output
        assert "dataset is ready: train with  toonify train dataset\n" in result.stdout
        dataset = Path("dataset")
        assert sizes(dataset) == {"photo": 12, "cartoon": 6, "smoothed": 6}
        assert manifest(dataset)["rejected"] == []
        assert {path.name for path in dataset.iterdir()} == {
            "dataset.json",
            "preview.png",
            "report.html",
            "survey.csv",
            "train",
            "val",
        }
        assert not Path("dataset.part").exists()

    def test_the_command_to_train_can_be_typed_where_the_folder_has_a_blank(self, prepare, photos, cartoons):
        assert "toonify train 'my set'\n" in prepare(photos, cartoons, "-o", "my set").stdout

    def test_pictures_are_those_of_the_files(self, prepare, tmp_path: Path, cartoons: Path) -> None:
        """At the right size already, a picture goes through unchanged."""
        for name in ("one.png", "two.png", "three.png"):
            draw(tmp_path / "photos" / name, 32, 32)
        prepare("photos", cartoons, "--val-fraction", "0")
        found = {picture.tobytes() for picture in array(Path("dataset"), "train", "photo")}
        assert found == {drawing(name, 32, 32).tobytes() for name in ("one.png", "two.png", "three.png")}

    def test_smoothed_is_cartoon_with_smooth_edges(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons)
        for split in ("train", "val"):
            pairs = zip(
                array(Path("dataset"), split, "cartoon"),
                array(Path("dataset"), split, "smoothed"),
                strict=True,
            )
            for cartoon, smoothed in pairs:
                np.testing.assert_array_equal(smoothed, smooth_edges(cartoon))
                assert (smoothed != cartoon).any()

    def test_manifest_describes_the_shards(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "--seed", "7")
        found = manifest(Path("dataset"))
        digest = hashlib.sha256()
        for split, arrays in found["shards"].items():
            for name, shards in arrays.items():
                assert sum(shard["count"] for shard in shards) == found["counts"][split][name] > 0
                for shard in shards:
                    stored = np.load(Path("dataset", shard["file"]), mmap_mode="r")
                    assert stored.shape == (shard["count"], 32, 32, 3)
                    assert stored.dtype == np.uint8
                    digest.update(Path("dataset", shard["file"]).read_bytes())
        assert found["content_hash"] == digest.hexdigest()
        assert found["request"] == {
            "photos": "photos",
            "cartoons": "cartoons",
            "source": "folder",
            "source_options": {},
            "size": 32,
            "crop": "random",
            "tone": "none",
            "superpixels": False,
            "count": None,
            "val_fraction": 0.05,
            "reject": ["flat"],
            "seed": 7,
        }
        assert found["plugins"] == {"datasets/folder": f"toonify-gan {__version__}"}
        assert found["arrays"] == {}

    def test_dataset_knows_nothing_of_where_it_was_made(
        self, prepare, photos: Path, cartoons: Path, tmp_path: Path
    ) -> None:
        prepare(photos, cartoons, "-o", tmp_path / "elsewhere")
        assert str(tmp_path) not in (tmp_path / "elsewhere" / "dataset.json").read_text()

    def test_json_report(self, prepare, photos: Path, cartoons: Path) -> None:
        (photos / "broken.jpg").write_text("not a picture")
        report = json.loads(prepare(photos, cartoons, "--json").stdout)
        assert report["output"] == "dataset"
        assert report["counts"] == manifest(Path("dataset"))["counts"]
        assert report["rejected"] == manifest(Path("dataset"))["rejected"] != []
        assert report["seconds"] > 0

    def test_python_users_get_the_same(self, photos: Path, cartoons: Path, prepare, tmp_path: Path) -> None:
        prepare(photos, cartoons)
        report = prepare_dataset(PrepareRequest(photos, cartoons, tmp_path / "python", size=32, workers=1))
        assert report.exit_code == 0
        assert contents(report.output) == contents(tmp_path / "dataset")


class TestSameBytes:
    def test_for_the_same_request(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "-o", "first", "--count", "20")
        prepare(photos, cartoons, "-o", "second", "--count", "20")
        assert contents(Path("first")) == contents(Path("second"))

    def test_for_any_number_of_workers(self, prepare, photos: Path, cartoons: Path) -> None:
        (photos / "broken.jpg").write_text("not a picture")
        prepare(photos, cartoons, "-o", "one", "--count", "40")
        assert prepare(photos, cartoons, "-o", "three", "--count", "40", "--workers", "3").exit_code == 0
        assert contents(Path("one")) == contents(Path("three"))

    def test_not_for_another_seed(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "-o", "first")
        prepare(photos, cartoons, "-o", "second", "--seed", "1")
        first, second = manifest(Path("first")), manifest(Path("second"))
        assert first["content_hash"] != second["content_hash"]
        assert first["counts"] == second["counts"]


class TestCount:
    def test_fewer_than_files_takes_a_sample(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "--count", "5")
        assert sizes(Path("dataset")) == {"photo": 5, "cartoon": 5, "smoothed": 5}

    def test_more_than_files_takes_further_crops(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "--count", "50", "--val-fraction", "0.1")
        assert manifest(Path("dataset"))["counts"] == {
            "train": {"photo": 45, "cartoon": 45, "smoothed": 45},
            "val": {"photo": 5, "cartoon": 5, "smoothed": 5},
        }
        pictures = {picture.tobytes() for picture in array(Path("dataset"), "train", "photo")}
        assert len(pictures) > 40

    def test_is_reached_although_files_are_rejected(self, prepare, photos: Path, cartoons: Path) -> None:
        for index in range(20):
            (photos / f"broken{index}.jpg").write_text("not a picture")
        prepare(photos, cartoons, "--count", "12", "--val-fraction", "0.3")
        assert sizes(Path("dataset"))["photo"] == 12

    def test_cannot_be_reached_with_centre_crops(self, prepare, photos: Path, cartoons: Path) -> None:
        result = prepare(photos, cartoons, "--count", "50", "--crop", "center", "--val-fraction", "0")
        assert "only 12 of 50 photo pictures (train): each file gives one" in result.stderr
        assert sizes(Path("dataset")) == {"photo": 12, "cartoon": 6, "smoothed": 6}

    def test_of_one_is_training(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "--count", "1")
        assert manifest(Path("dataset"))["counts"]["train"] == {"photo": 1, "cartoon": 1, "smoothed": 1}


class TestSplits:
    def test_a_file_is_never_in_both(self, prepare, tmp_path: Path, cartoons: Path) -> None:
        """Each file has one colour: the colours of train and val do not meet."""
        for index in range(10):
            picture = Image.new("RGB", (80, 60), (index * 20, 255 - index * 20, 7))
            (tmp_path / "flat").mkdir(exist_ok=True)
            picture.save(tmp_path / "flat" / f"{index}.png")
        prepare("flat", cartoons, "--count", "60", "--val-fraction", "0.4", "--reject", "none")
        train = {tuple(picture[0, 0]) for picture in array(Path("dataset"), "train", "photo")}
        val = {tuple(picture[0, 0]) for picture in array(Path("dataset"), "val", "photo")}
        assert train and val and not train & val
        assert len(train | val) == 10

    def test_one_usable_file_is_for_training(self, prepare, tmp_path: Path, cartoons: Path) -> None:
        """Whichever side its name would put it on."""
        for name in "abcdefgh":
            folder = tmp_path / name
            draw(folder / f"{name}.png")
            (folder / "broken.jpg").write_text("not a picture")
            assert prepare(folder, cartoons, "-o", f"{name}.dataset", "--val-fraction", "0.5").exit_code == 0
            counts = manifest(Path(f"{name}.dataset"))["counts"]
            assert (counts["train"]["photo"], counts["val"]["photo"]) == (1, 0)


@pytest.mark.usefixtures("pictured")
class TestPreview:
    def cell(self, column: int) -> np.ndarray:
        """The first row's picture in a column."""
        left, top = 8 + column * 200, 20
        return np.asarray(Image.open("dataset/preview.png").crop((left, top, left + 192, top + 192)))

    def enlarged(self, picture: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(picture).resize((192, 192), Image.Resampling.LANCZOS))

    def test_has_a_row_for_each_of_up_to_eight_pictures(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "--val-fraction", "0", "-o", "many")
        prepare(photos, cartoons, "--val-fraction", "0", "-o", "few", "--count", "2")
        many, few = (Image.open(Path(name, "preview.png")) for name in ("many", "few"))
        assert many.width == few.width == 3 * 200 + 8
        assert many.height - few.height == 6 * 200

    def test_shows_photo_cartoon_and_smoothed(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "--count", "1")
        for column, name in enumerate(("photo", "cartoon", "smoothed")):
            (picture,) = array(Path("dataset"), "train", name)
            np.testing.assert_array_equal(self.cell(column), self.enlarged(picture))

    def test_shows_the_parts_of_a_pair(self, prepare, offer, photos: Path) -> None:
        offer("pairs", Pairs)
        prepare(photos, "--source", "pairs", "--count", "1")
        (pair,) = array(Path("dataset"), "train", "paired")
        photo, colour, ink = pair[..., :3], pair[..., 3:6], pair[..., 6:]
        assert 0 < ink.mean() < 255
        composed = np.where(ink == 255, np.uint8([15, 10, 18]), colour)
        for column, part in enumerate((photo, colour, 255 - ink.repeat(3, -1), composed)):
            np.testing.assert_array_equal(self.cell(column), self.enlarged(part))
