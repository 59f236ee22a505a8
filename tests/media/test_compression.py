"""Drawings are written quickly, and hardly larger than a library's own settings would make them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from toonify.media import Picture, save_picture
from toonify.media.compression import png_options


def drawing() -> Image.Image:
    """Flat areas whose tones change a little, as networks draw them."""
    rng = np.random.default_rng(0)
    areas = rng.integers(40, 216, (6, 8, 3), np.uint8)
    large = np.asarray(Image.fromarray(areas).resize((384, 288), Image.Resampling.BILINEAR), np.int16)
    return Image.fromarray((large + rng.integers(0, 2, large.shape)).astype(np.uint8))


def letters() -> Image.Image:
    """The same shapes again and again."""
    page = Image.new("RGB", (384, 288), "white")
    draw = ImageDraw.Draw(page)
    for row in range(0, 288, 12):
        draw.text((4, row), "the same letters, again and again, " * 2, fill="black")
    return page


def blank_in_the_middle() -> Image.Image:
    page = letters()
    page.paste("white", (0, 100, 384, 188))
    return page


def size(image: Image.Image, **options: int) -> int:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.tell()


@pytest.mark.parametrize("image", [drawing(), letters(), blank_in_the_middle(), drawing().crop((0, 0, 1, 1))])
def test_pngs_are_as_small_as_by_pillows_own_choice(image: Image.Image) -> None:
    assert size(image, **png_options(image)) < 1.1 * size(image)


def test_what_repeats_is_found_where_there_are_letters_alone() -> None:
    assert "compress_type" in png_options(drawing())
    assert "compress_type" not in png_options(letters())
    assert "compress_type" not in png_options(blank_in_the_middle())


def test_tiffs_hold_differences_and_all_that_describes_them(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    save_picture(Picture(drawing(), exif=exif.tobytes()), tmp_path / "a.tif", "TIFF")
    drawing().save(tmp_path / "plain.tif", compression="tiff_lzw")

    with Image.open(tmp_path / "a.tif") as written:
        assert np.array_equal(np.asarray(written), np.asarray(drawing()))
        assert written.getexif()[0x010F] == "a camera"
    assert (tmp_path / "a.tif").stat().st_size < 0.9 * (tmp_path / "plain.tif").stat().st_size
