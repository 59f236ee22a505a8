"""The paired source: photographs and drawings of the same names."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toonify import PrepareRequest, prepare, testing
from toonify.datasets.filters import INK, laid
from toonify.datasets.paired import Paired
from toonify.datasets.separation import separated
from toonify.errors import USAGE, ToonifyError


def save(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two photographs, one in a sub-folder, and their drawings, of another size."""
    photos, drawings = tmp_path / "photos", tmp_path / "drawings"
    save(photos / "a.png", (200, 0, 0))
    save(photos / "people" / "b.jpg", (0, 200, 0))
    save(drawings / "a.jpg", (0, 0, 200), (32, 24))
    save(drawings / "people" / "b.png", (200, 200, 0), (128, 96))
    return photos, drawings


def stroke(ground: float = 0.8, ink: float = 0.05) -> np.ndarray:
    """A warm area, with a vertical stroke of three pixels."""
    drawing = np.full((48, 48, 3), (ground, 0.9 * ground, 0.7 * ground), np.float32)
    drawing[:, 20:23] = ink
    return drawing


class TestSource:
    def test_it_keeps_the_promises_of_a_source(self, folders):
        photos, drawings = folders
        testing.check_dataset(Paired(str(drawings)), photos)

    def test_a_photograph_meets_the_drawing_of_its_name_whatever_the_suffix(self, folders):
        photos, drawings = folders
        source = Paired(str(drawings))
        first, second = source.items("paired", photos)
        for item, photo, drawing in ((first, (200, 0, 0), (0, 0, 200)), (second, (0, 200, 0), (200, 200, 0))):
            pair = source.pair_of(item, np.asarray(source.open(item)))
            assert np.abs(pair[..., :3].astype(int) - photo).max() <= 4
            assert np.abs(pair[..., 3:6].astype(int) - drawing).max() <= 4
            assert not pair[..., 6].any()

    def test_of_several_drawings_of_its_name_the_one_with_its_suffix_is_that_of_a_photograph(self, folders):
        photos, drawings = folders
        save(photos / "a.jpg", (0, 0, 0))
        save(drawings / "a.png", (9, 9, 9))
        items = Paired(str(drawings)).items("paired", photos)
        beside = {item.identity: [path.name for path in item.beside] for item in items}
        assert beside == {"a.jpg": ["a.jpg"], "a.png": ["a.png"], "people/b.jpg": ["b.png"]}

    def test_a_pair_has_the_size_of_the_smaller_picture_and_never_more_than_longest(self, folders):
        photos, drawings = folders
        save(drawings / "a.jpg", (0, 0, 0), (400, 300))
        save(photos / "a.png", (0, 0, 0), (800, 600))
        for longest, size in ((2048, (300, 400)), (128, (96, 128))):
            source = Paired(str(drawings), longest=longest)
            first, second = source.items("paired", photos)
            assert source.pair_of(first, np.asarray(source.open(first))).shape == (*size, 7)
            assert source.pair_of(second, np.asarray(source.open(second))).shape == (48, 64, 7)

    def test_a_photograph_is_opened_at_the_size_of_its_pair_so_crops_hold_no_fewer_pixels(self, folders):
        photos, drawings = folders
        save(photos / "a.png", (0, 0, 0), (800, 600))
        first, second = Paired(str(drawings)).items("paired", photos)
        assert Paired(str(drawings)).open(first).size == (32, 24)
        assert Paired(str(drawings)).open(second).size == (64, 48)

    def test_names_are_the_same_in_either_unicode_form(self, tmp_path):
        name = "Zoë"
        save(tmp_path / "photos" / f"{unicodedata.normalize('NFC', name)}.png", (9, 9, 9))
        save(tmp_path / "drawings" / f"{unicodedata.normalize('NFD', name)}.png", (9, 9, 9))
        source = Paired(str(tmp_path / "drawings"))
        (item,) = source.items("paired", tmp_path / "photos")
        assert source.open(item).size == (64, 48)

    def test_a_drawing_lies_as_its_photograph_does_whatever_exif_says_of_either(self, folders):
        photos, drawings = folders
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by a quarter
        Image.new("RGB", (48, 64)).save(drawings / "a.jpg", exif=exif)
        source = Paired(str(drawings))
        first, _ = source.items("paired", photos)
        assert source.pair_of(first, np.asarray(source.open(first))).shape == (48, 64, 7)

    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (lambda folder: (folder / "a.jpg").unlink(), "no drawing of its name"),
            (
                lambda folder: save(folder / "a.webp", (0, 0, 0)),
                "more than one drawing of its name: a.jpg, a.webp",
            ),
            (
                lambda folder: save(folder / "a.jpg", (0, 0, 0), (32, 32)),
                "its drawing has another shape: 32 x 32, not 64 x 48",
            ),
            (
                lambda folder: save(folder / "a.jpg", (0, 0, 0), (4096, 4096)),
                "its drawing has another shape: 4096 x 4096, not 64 x 48",
            ),
            (
                lambda folder: save(folder / "a.jpg", (0, 0, 0), (16, 12)),
                "too small: the short side is under 16 pixels",
            ),
            (lambda folder: (folder / "a.jpg").write_bytes(b"no JPEG"), "its drawing cannot be used: "),
        ],
        ids=["none", "two", "shape", "large", "small", "broken"],
    )
    def test_a_photograph_without_a_usable_drawing_is_left_out_and_named(self, folders, spoil, reason):
        photos, drawings = folders
        spoil(drawings)
        result = prepare(
            PrepareRequest(
                photos,
                output=photos.parent / "dataset",
                source="paired",
                source_options={"drawings": drawings},
                size=32,
                reject=(),
                count=2,
                val_fraction=0,
                workers=1,
            )
        )
        (rejected,) = result.rejected
        assert rejected["picture"] == "a.png"
        assert reason in rejected["reason"]
        assert str(photos.parent) not in (photos.parent / "dataset" / "dataset.json").read_text()
        pairs = np.load(photos.parent / "dataset" / "train" / "paired-00000.npy")
        assert pairs.shape == (2, 32, 32, 7)
        assert np.abs(pairs[..., 3:6].astype(int) - (200, 200, 0)).max() <= 4

    def test_it_is_an_error_if_nothing_fits_together(self, tmp_path):
        save(tmp_path / "photos" / "a.png", (0, 0, 0))
        save(tmp_path / "drawings" / "b.png", (0, 0, 0))
        with pytest.raises(ToonifyError, match=r"no picture in .* has a drawing of its name in") as raised:
            Paired(str(tmp_path / "drawings")).items("paired", tmp_path / "photos")
        assert raised.value.exit_code == USAGE

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            ({"drawings": "photos/people/.."}, "photos and as drawings"),
            ({"lines": "photos"}, "photos and as lines"),
            ({"lines": "drawings"}, "drawings and as lines"),
        ],
        ids=["drawings", "lines", "both"],
    )
    def test_it_is_an_error_if_one_folder_is_given_twice(self, folders, given, told):
        photos, drawings = folders
        source = Paired(**{"drawings": drawings, **{name: photos.parent / it for name, it in given.items()}})
        with pytest.raises(ToonifyError, match=f"is given as {told}") as raised:
            source.items("paired", photos)
        assert raised.value.exit_code == USAGE

    def test_it_is_an_error_if_there_is_no_drawing_that_can_be_read(self, tmp_path):
        (tmp_path / "a.psd").write_bytes(b"8BPS")
        with pytest.raises(ToonifyError, match=r"the option drawings .* is a folder without pictures: "):
            Paired(str(tmp_path))

    def test_it_is_an_error_if_the_option_is_empty(self):
        with pytest.raises(ToonifyError, match="drawings of the source 'paired' is empty"):
            Paired("")

    @pytest.mark.parametrize("option", ["drawings", "lines"])
    def test_it_is_an_error_if_the_drawings_or_lines_are_no_folder(self, folders, option):
        given = {"drawings": folders[1], option: folders[1] / "nothing"}
        with pytest.raises(ToonifyError, match=f"the option {option} of the source 'paired' is no folder"):
            Paired(**given)


class TestLayers:
    @pytest.fixture
    def lines(self, folders) -> Path:
        """Lines of two photographs, among the drawings: black ones on white, and some that show through."""
        folder = folders[1] / "lines"
        (folder / "people").mkdir(parents=True)
        for name, ground, stroke in (
            ("a.png", (255, 255, 255), (0, 0, 0)),
            ("people/b.png", (0, 0, 0, 0), (0, 0, 0, 128)),
        ):
            image = Image.new("RGB" if len(ground) == 3 else "RGBA", (64, 48), ground)
            image.paste(stroke, (20, 0, 23, 48))
            image.save(folder / name)
        return folder

    def test_lines_of_their_own_are_the_ink_and_drawings_the_colours_below_it(self, folders, lines):
        photos, drawings = folders
        source = Paired(str(drawings), str(lines))
        testing.check_dataset(source, photos)
        first, second = source.items("paired", photos)
        pair = source.pair_of(first, np.asarray(source.open(first)))
        assert pair.shape == (24, 32, 7)
        assert np.abs(pair[..., 3:6].astype(int) - (0, 0, 200)).max() <= 4
        assert np.abs(pair[:, 9:13, 6].astype(int) - (0, 255, 133, 0)).max() <= 2  # three pixels, reduced
        pair = source.pair_of(second, np.asarray(source.open(second)))
        assert np.abs(pair[:, 20:23, 3:6].astype(int) - (200, 200, 0)).max() <= 4
        assert np.abs(pair[:, 20:23, 6].astype(int) - 133).max() <= 2

    @pytest.mark.parametrize(
        ("spoil", "reason"),
        [
            (lambda folder: (folder / "a.png").unlink(), "no picture of lines of its name"),
            (
                lambda folder: save(folder / "a.png", (0, 0, 0), (32, 32)),
                "its picture of lines has another shape: 32 x 32, not 64 x 48",
            ),
        ],
        ids=["none", "shape"],
    )
    def test_a_photograph_without_usable_lines_is_named(self, folders, lines, spoil, reason):
        photos, drawings = folders
        spoil(lines)
        source = Paired(str(drawings), str(lines))
        first, _ = source.items("paired", photos)
        with pytest.raises(ToonifyError, match=reason):
            source.open(first)


class TestSeparation:
    def test_a_stroke_becomes_ink_and_what_it_crosses_goes_on_below_it(self):
        colours, ink = separated(stroke())
        assert ink[:, 20:23].min() > 0.9
        assert ink[:, :18].max() == ink[:, 26:].max() == 0
        assert np.abs(colours - stroke()[0, 0]).max() < 0.05

    def test_laid_over_each_other_they_are_the_drawing(self):
        drawing = stroke(ink=0.3)
        colours, ink = separated(drawing)
        assert 0 < ink[24, 21] < 1
        assert np.abs(laid(colours, ink, INK) - drawing).mean() < 0.01

    @pytest.mark.parametrize("picture", ["area", "shade", "light"])
    def test_dark_areas_soft_shades_and_bright_strokes_are_no_ink(self, picture):
        drawing = stroke()
        if picture == "area":
            drawing[:, 10:38] = 0.05
        elif picture == "shade":
            drawing[:, 20:23] = 0.72 * drawing[0, 0]
        else:
            drawing = stroke(ground=0.2, ink=1.0)
        colours, ink = separated(drawing)
        assert ink.max() < 0.05
        assert np.abs(colours - drawing).max() < 0.05
