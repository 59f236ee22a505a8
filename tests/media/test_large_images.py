"""Pictures too large to be held: read smaller, and written some rows at a time to the same effect."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import ExifTags, Image

from toonify.media import LargeImage, Picture, encode_picture, picture_size, read_picture

ABOUT = {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", "xmp": b"<x/>", "density": (300.0, 300.0)}


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are as many as may be held, and 5,000 pixels are large."""
    monkeypatch.setattr("toonify.media.large.image.LARGE", 5_000)
    monkeypatch.setattr("toonify.media.large.jpeg._STRIP", 1)
    monkeypatch.setattr("toonify.media.rows._BAND", 700)
    monkeypatch.setattr("toonify.media.rows._STRIP", 1_000)


def of_size(size: tuple[int, int]) -> LargeImage:
    return LargeImage(draw_picture((60, 45)), size)


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize("size", [(100, 64), (333, 128), (90, 130), (129, 257), (51, 7)])
def test_a_jpeg_in_strips_is_the_file_that_pillow_writes_of_the_whole(size):
    large = of_size(size)
    written = encode_picture(Picture(large, **ABOUT), "JPEG", quality=90)
    strips = [large.enlarged(top, min(top + 64, size[1])) for top in range(0, size[1], 64)]
    whole = Image.fromarray(np.concatenate([np.asarray(strip) for strip in strips]))
    expected = io.BytesIO()
    about = {"exif": ABOUT["exif"], "xmp": ABOUT["xmp"], "dpi": ABOUT["density"]}
    whole.save(expected, "JPEG", quality=90, subsampling=0, restart_marker_rows=1, **about)
    assert written == expected.getvalue()


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
@pytest.mark.parametrize("size", [(100, 64), (333, 129)])
def test_formats_without_loss_hold_each_pixel(file_format, size):
    large = of_size(size)
    written = encode_picture(Picture(large, density=(300.0, 300.0)), file_format)
    with Image.open(io.BytesIO(written)) as image:
        assert (image.format, image.mode, image.size) == (file_format, "RGB", size)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        difference = np.asarray(image, np.int16) - np.asarray(large.enlarged(0, size[1]))
    assert np.abs(difference).mean() < 0.5  # Pillow places parts of a picture to 0.03 pixels


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize("file_format", ["WEBP", "BMP"])
def test_other_formats_are_given_the_whole(file_format):
    written = encode_picture(Picture(of_size((100, 64))), file_format)
    with Image.open(io.BytesIO(written)) as image:
        assert image.size == (100, 64)


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize("orientation", [1, 2, 6, 8])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_large_jpeg_is_read_smaller_and_upright(orientation, mode):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = Path("a.jpg")
    draw_picture((320, 200)).convert(mode).save(path, exif=exif, quality=98, dpi=(300, 200))
    whole, picture = read_picture(path), read_picture(path, enough=(79, 50))
    assert picture_size(path) == (320, 200)
    assert picture_size(path, enough=(79, 50)) == (80, 50)
    assert isinstance(picture.image, LargeImage)
    assert picture.image.size == whole.image.size == ((200, 320) if orientation > 4 else (320, 200))
    assert (picture.density, picture.jpeg_quality) == (whole.density, 98)
    small = (40, 64) if orientation > 4 else (64, 40)
    seen, expected = (
        np.asarray(each.image.resize(small, Image.Resampling.LANCZOS)) for each in (picture, whole)
    )
    assert np.abs(seen.astype(np.int16) - expected).mean() < 3


@pytest.mark.usefixtures("_few")
def test_only_large_jpegs_are_and_only_where_that_is_enough():
    draw_picture((320, 200)).save("a.png")
    draw_picture((320, 200)).save("a.jpg")
    draw_picture((60, 40)).save("small.jpg")
    assert isinstance(read_picture(Path("a.jpg")).image, Image.Image)
    assert isinstance(read_picture(Path("small.jpg"), enough=(30, 20)).image, Image.Image)
    assert isinstance(read_picture(Path("a.png"), enough=(30, 20)).image, Image.Image)
    assert picture_size(Path("a.png"), enough=(30, 20)) == (320, 200)
