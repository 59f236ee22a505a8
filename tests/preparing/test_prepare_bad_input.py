"""What `toonify prepare` says to requests and files that are not as they should be."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from drawing import png_of_nothing
from failing_disks import full_beyond
from PIL import Image
from prepared import array, contents, draw, drawing, manifest, reasons
from typer.testing import Result

from toonify.errors import INTERRUPTED
from toonify.preparing import pipeline


def refused(result: Result, *words: str, exit_code: int = 2) -> None:
    """No traceback, at most two lines, no dataset, and the words that help."""
    assert result.exit_code == exit_code, result.output
    assert isinstance(result.exception, SystemExit)
    assert 1 <= len(result.stderr.strip().splitlines()) <= 2, result.stderr
    for word in words:
        assert word in result.stderr
    assert not Path("dataset/dataset.json").exists()


class TestFolders:
    def test_a_file_in_place_of_a_folder(self, prepare, photos: Path, cartoons: Path) -> None:
        refused(prepare(photos / "0.png", cartoons), "0.png is not a folder")

    def test_an_empty_folder(self, prepare, cartoons: Path) -> None:
        Path("empty").mkdir()
        refused(prepare("empty", cartoons), "empty holds no pictures", "JPEG, PNG", exit_code=1)
        assert not Path("dataset.part").exists()

    def test_a_folder_without_pictures(self, prepare, cartoons: Path) -> None:
        Path("texts").mkdir()
        Path("texts/readme.txt").write_text("hello")
        refused(
            prepare("texts", cartoons),
            "texts holds no pictures (1 file left aside: 1 .txt)",
            exit_code=1,
        )

    def test_photos_alone(self, prepare, photos: Path) -> None:
        refused(prepare(photos), "needs a folder of cartoons", "toonify prepare PHOTOS CARTOONS")

    def test_a_folder_that_is_a_loop(self, prepare, cartoons: Path) -> None:
        Path("loop").symlink_to("loop")
        refused(prepare("loop", cartoons), "there is no file or folder loop")

    def test_an_unknown_source(self, prepare, photos: Path, cartoons: Path) -> None:
        refused(prepare(photos, cartoons, "--source", "foldr"), "Did you mean 'folder'?")


def test_pictures_that_are_all_too_small(prepare, photos: Path, cartoons: Path) -> None:
    refused(prepare(photos, cartoons, "--size", "4096"), "too small", "Give a smaller --size", exit_code=1)


@pytest.mark.parametrize(
    "option",
    [
        ("--size", "0"),
        ("--size", "100000"),
        ("--crop", "middle"),
        ("--count", "0"),
        ("--val-fraction", "1"),
        ("--val-fraction", "-0.1"),
        ("--val-fraction", "nan"),
        ("--source-option", "nonsense"),
    ],
)
def test_an_option_that_makes_no_sense(
    prepare, photos: Path, cartoons: Path, option: tuple[str, str]
) -> None:
    refused(prepare(photos, cartoons, *option), *option)


class TestOutput:
    @pytest.mark.parametrize("output", ["photos", "photos/dataset", "cartoons/a/b", ".", "link"])
    def test_in_the_way_of_the_pictures(self, prepare, photos: Path, cartoons: Path, output: str) -> None:
        Path("link").symlink_to(photos)
        before = contents(photos)
        refused(prepare(photos, cartoons, "-o", output, "--overwrite"), "must not lie in each other")
        assert contents(photos) == before

    @pytest.mark.parametrize("output", ["drawn/dataset", "old"])
    def test_in_the_way_of_the_drawings(self, prepare, photos: Path, cartoons: Path, output: str) -> None:
        prepare(photos, cartoons, "-o", "old")
        drawn = Path("old/drawn" if output == "old" else "drawn")
        draw(drawn / "more" / "0.png")
        draw(drawn / "1.png", width=61)
        before = contents(Path())
        request = (photos, "--source", "paired", "--source-option", f"drawings={drawn}")
        said = "would remove drawn" if output == "old" else f"{drawn} must not lie in each other"
        refused(prepare(*request, "-o", output, "--overwrite"), said)
        assert contents(Path()) == before

    def test_exists(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "-o", "made")
        before = contents(Path("made"))
        refused(prepare(photos, cartoons, "-o", "made", "--seed", "1"), "made exists", "--overwrite")
        assert contents(Path("made")) == before

    def test_exists_and_is_replaced(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons)
        assert prepare(photos, cartoons, "--seed", "1", "--overwrite").exit_code == 0
        assert manifest(Path("dataset"))["request"]["seed"] == 1
        assert {path.name for path in Path().iterdir()} == {"photos", "cartoons", "dataset"}

    @pytest.mark.parametrize(
        "stranger", ["run/run.json", "notes.txt", "train/run/run.json", "val/beach.png", ".git"]
    )
    def test_holds_more_than_a_dataset(self, prepare, photos: Path, cartoons: Path, stranger: str) -> None:
        prepare(photos, cartoons, "-o", "made")
        there = Path("made", stranger)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text("precious")
        shown = "/".join(stranger.split("/")[:-1] if "run" in stranger else [stranger])
        result = prepare(photos, cartoons, "-o", "made", "--overwrite")
        refused(result, f"replacing it would remove {shown}\n", "Move that")
        assert there.read_text() == "precious"

    @pytest.mark.parametrize("litter", [".DS_Store", "train/Thumbs.db"])
    def test_is_replaced_with_what_desktops_leave(
        self, prepare, photos: Path, cartoons: Path, litter: str
    ) -> None:
        prepare(photos, cartoons)
        Path("dataset", litter).touch()
        assert prepare(photos, cartoons, "--overwrite").exit_code == 0

    def test_is_an_empty_folder(self, prepare, photos: Path, cartoons: Path) -> None:
        Path("dataset").mkdir()
        assert prepare(photos, cartoons).exit_code == 0

    def test_is_a_strangers_folder(self, prepare, photos: Path, cartoons: Path) -> None:
        draw(Path("holiday/beach.png"))
        refused(
            prepare(photos, cartoons, "-o", "holiday", "--overwrite"), "holiday exists and is not a dataset"
        )
        assert Path("holiday/beach.png").exists()

    def test_is_a_file(self, prepare, photos: Path, cartoons: Path) -> None:
        Path("thesis").write_text("precious")
        refused(
            prepare(photos, cartoons, "-o", "thesis", "--overwrite"), "thesis exists and is not a dataset"
        )
        assert Path("thesis").read_text() == "precious"

    def test_has_a_stranger_where_it_would_be_built(self, prepare, photos: Path, cartoons: Path) -> None:
        draw(Path("dataset.part/beach.png"))
        refused(prepare(photos, cartoons), "dataset.part is in the way")
        assert Path("dataset.part/beach.png").exists()

    def test_is_below_a_file(self, prepare, photos: Path, cartoons: Path) -> None:
        Path("thesis").write_text("precious")
        refused(prepare(photos, cartoons, "-o", "thesis/dataset"), "cannot be made", exit_code=1)


class TestFullDisk:
    @pytest.fixture
    def room_for(self, monkeypatch):
        """`room_for(400_000)`: a disk with so many bytes free."""
        usage = shutil.disk_usage(".")
        return lambda free: monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))

    def test_is_told_at_once_where_the_dataset_is_certain_not_to_fit(
        self, prepare, photos: Path, cartoons: Path, room_for
    ) -> None:
        room_for(400_000)
        said = "the dataset would take 0.5 MB, and dataset has room for 0.4 MB", "Give a smaller --count"
        refused(prepare(photos, cartoons, "--count", "50"), *said, exit_code=1)
        assert not Path("dataset.part").exists()
        assert prepare(photos, cartoons, "--count", "50", "--dry-run").exit_code == 0
        assert prepare(photos, cartoons, "--count", "40").exit_code == 0
        room_for(20_000)
        assert prepare(photos, cartoons, "-o", "once", "--count", "50", "--crop", "center").exit_code == 0

    def test_is_not_told_of_a_file_system_that_does_not_say_how_much_is_free(
        self, prepare, photos: Path, cartoons: Path, monkeypatch
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=0, free=0))
        assert prepare(photos, cartoons, "--count", "13").exit_code == 0

    def test_is_not_told_of_what_is_there_already(
        self, prepare, photos: Path, cartoons: Path, room_for
    ) -> None:
        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "write_survey", stop)  # once all shards are there
            assert prepare(photos, cartoons, "--count", "50").exit_code == INTERRUPTED
        room_for(20_000)
        assert prepare(photos, cartoons, "--count", "50").exit_code == 0

    def test_is_told_in_two_lines_and_leaves_no_dataset(self, prepare, photos: Path, cartoons: Path) -> None:
        with full_beyond(20_000):
            result = prepare(photos, cartoons)
        refused(result, "photo-00000.npy cannot be written: file too large", "same command", exit_code=1)
        assert not Path("dataset").exists()
        left = {path.name for path in Path("dataset.part").rglob("*") if path.is_file()}
        assert left == {"progress.json", "survey.jsonl"}

    @pytest.mark.usefixtures("pictured")
    @pytest.mark.parametrize(
        ("room", "file"),
        [
            (1_500, "survey.jsonl"),
            (20_000, "train/photo-00000.npy"),
            (80_000, "report.html"),
            (200_000, "preview.png"),
        ],
    )
    def test_is_told_in_every_part_of_the_work(
        self, prepare, photos: Path, cartoons: Path, room: int, file: str
    ) -> None:
        with full_beyond(room):
            result = prepare(photos, cartoons)
        refused(
            result, f"{file} cannot be written: file too large", "give the same command again", exit_code=1
        )

    def test_does_not_hurt_what_is_replaced(self, prepare, photos: Path, cartoons: Path) -> None:
        prepare(photos, cartoons, "-o", "made")
        before = contents(Path("made"))
        with full_beyond(20_000):
            assert prepare(photos, cartoons, "-o", "made", "--overwrite", "--seed", "1").exit_code == 1
        assert contents(Path("made")) == before

    @pytest.mark.usefixtures("pictured")
    @pytest.mark.parametrize(
        "room",
        [
            pytest.param(room, marks=[pytest.mark.slow] * (room not in (9_000, 81_000)))
            for room in range(0, 100_000, 9_000)
        ],
    )
    def test_then_the_same_command_continues(self, prepare, photos: Path, cartoons: Path, room: int) -> None:
        with full_beyond(room):
            result = prepare(photos, cartoons)
        if result.exit_code:
            refused(result, exit_code=1)
            assert prepare(photos, cartoons).exit_code == 0
        prepare(photos, cartoons, "-o", "expected")
        assert contents(Path("dataset")) == contents(Path("expected"))


class TestFilesThatCannotBeUsed:
    def test_are_listed_with_a_reason_and_do_not_stop_the_rest(
        self, prepare, photos: Path, cartoons: Path
    ) -> None:
        (photos / "text.jpg").write_text("not a picture")
        (photos / "nothing.png").write_bytes(b"")
        draw(photos / "dot.png", 1, 1)
        draw(photos / "narrow.png", 400, 15)
        (photos / "huge.png").write_bytes(png_of_nothing(30_000, 30_000))
        (photos / "header.png").write_bytes(png_of_nothing(30_000, 30_000)[:40])
        (photos / "dangling.jpg").symlink_to("nowhere.jpg")
        (photos / "loop.jpg").symlink_to("loop.jpg")
        (photos / "folder.jpg").mkdir()
        os.mkfifo(photos / "pipe.jpg")
        cut_short(photos / "cut.jpg")
        result = prepare(photos, cartoons)
        assert result.exit_code == 0, result.output
        found = reasons(Path("dataset"))
        assert found.pop("cut.jpg").startswith("damaged or cut short")
        assert found == {
            "text.jpg": "not a picture in a known format",
            "nothing.png": "empty",
            "dot.png": "too small: the short side is under 16 pixels",
            "narrow.png": "too small: the short side is under 16 pixels",
            "header.png": "not a picture in a known format",
            "huge.png": "too large: 30000 x 30000 is 900 megapixels, the limit is 500",
            "dangling.jpg": "no such file or directory",
            "loop.jpg": "too many levels of symbolic links",
            "pipe.jpg": "not a regular file",
        }
        counts = manifest(Path("dataset"))["counts"]
        assert counts["train"]["photo"] + counts["val"]["photo"] == 12
        assert "10 files were left out" in result.stdout
        assert "2  not a picture in a known format" in result.stdout

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_include_those_without_permission(self, prepare, photos: Path, cartoons: Path) -> None:
        (photos / "0.png").chmod(0)
        assert prepare(photos, cartoons).exit_code == 0
        assert reasons(Path("dataset")) == {"0.png": "permission denied"}

    @pytest.mark.parametrize("suffix", [".png", ".jpg"])
    def test_include_damaged_ones_that_can_be_decoded(
        self, prepare, photos: Path, cartoons: Path, suffix
    ) -> None:
        path = photos / f"damaged{suffix}"
        drawing("damaged", 120, 90).save(path)
        data = bytearray(path.read_bytes())
        middle = len(data) * 2 // 3
        data[middle : middle + 40] = bytes(255 - byte for byte in data[middle : middle + 40])
        path.write_bytes(data)
        assert prepare(photos, cartoons).exit_code == 0
        assert reasons(Path("dataset"))[path.name].startswith("damaged")

    def test_may_have_names_of_any_bytes(self, prepare, photos: Path, cartoons: Path) -> None:
        Path(os.fsdecode(os.fsencode(photos) + b"/\xff[red].jpg")).write_text("not a picture")
        result = prepare(photos, cartoons)
        assert result.exit_code == 0, result.output
        assert list(reasons(Path("dataset"))) == [os.fsdecode(b"\xff[red].jpg")]
        assert "[red].jpg" in result.stdout

    def test_are_an_error_when_there_is_nothing_else(self, prepare, cartoons: Path) -> None:
        draw(Path("bad/dot.png"), 1, 1)
        for index in range(3):
            Path(f"bad/{index}.jpg").write_text("not a picture")
        result = prepare("bad", cartoons)
        refused(
            result,
            "none of the 4 pictures in bad can be used: not a picture in a known format (3 of them)",
            exit_code=1,
        )

    def test_are_not_told_as_several_when_there_is_one(self, prepare, cartoons: Path) -> None:
        draw(Path("bad/dot.png"), 1, 1)
        refused(prepare("bad", cartoons), "the only picture in bad cannot be used: too small", exit_code=1)


def cut_short(path: Path) -> None:
    draw(path, 200, 200)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


class TestUnusualPictures:
    """Each at the right size already, so that the pixels can be compared."""

    def only(self, prepare, tmp_path: Path, cartoons: Path) -> np.ndarray:
        result = prepare(tmp_path / "odd", cartoons, "--val-fraction", "0", "--reject", "none")
        assert result.exit_code == 0, result.output
        (picture,) = array(tmp_path / "dataset", "train", "photo")
        return picture

    @pytest.fixture
    def odd(self, tmp_path: Path) -> Path:
        (tmp_path / "odd").mkdir()
        return tmp_path / "odd"

    def test_cmyk(self, prepare, odd: Path, tmp_path: Path, cartoons: Path) -> None:
        Image.new("CMYK", (32, 32), (0, 255, 255, 0)).save(odd / "red.jpg", quality=100)
        picture = self.only(prepare, tmp_path, cartoons)
        assert np.abs(picture.astype(int) - (255, 0, 0)).max() < 20

    def test_16_bit_grey(self, prepare, odd: Path, tmp_path: Path, cartoons: Path) -> None:
        ramp = np.linspace(0, 65535, 32).astype(np.uint16)[None].repeat(32, 0)
        Image.fromarray(ramp).save(odd / "ramp.png")
        picture = self.only(prepare, tmp_path, cartoons)
        np.testing.assert_allclose(picture[0, :, 0], np.linspace(0, 255, 32), atol=1)

    def test_palette_with_transparency_lies_on_white(
        self, prepare, odd: Path, tmp_path: Path, cartoons: Path
    ) -> None:
        image = Image.new("P", (32, 32), 0)
        image.putpalette([255, 0, 0, 0, 0, 255])
        image.paste(1, (16, 0, 32, 32))
        image.save(odd / "half.png", transparency=0)
        picture = self.only(prepare, tmp_path, cartoons)
        assert tuple(picture[8, 8]) == (255, 255, 255)
        assert tuple(picture[8, 24]) == (0, 0, 255)

    def test_the_first_frame_of_an_animation(
        self, prepare, odd: Path, tmp_path: Path, cartoons: Path
    ) -> None:
        frames = [Image.new("RGB", (32, 32), colour) for colour in ("lime", "red")]
        frames[0].save(odd / "moving.gif", save_all=True, append_images=frames[1:])
        assert tuple(self.only(prepare, tmp_path, cartoons)[0, 0]) == (0, 255, 0)

    def test_lying_on_its_side(self, prepare, odd: Path, tmp_path: Path, cartoons: Path) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        image = drawing("side", 32, 32)
        image.save(odd / "side.png", exif=exif)
        np.testing.assert_array_equal(self.only(prepare, tmp_path, cartoons), np.asarray(image.rotate(-90)))

    def test_smaller_than_the_size_is_enlarged(
        self, prepare, odd: Path, tmp_path: Path, cartoons: Path
    ) -> None:
        drawing("small", 20, 16).save(odd / "small.png")
        assert self.only(prepare, tmp_path, cartoons).shape == (32, 32, 3)


def test_the_pictures_are_never_touched(prepare, photos: Path, cartoons: Path, tmp_path: Path) -> None:
    shutil.copytree(photos, tmp_path / "copy")
    prepare(photos, cartoons)
    assert contents(photos) == contents(tmp_path / "copy")
