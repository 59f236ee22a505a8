"""Finding and reading pictures: what becomes RGB, and what is refused."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture, png_of_nothing
from PIL import ExifTags, Image, ImageCms, ImageOps
from written import SRGB, again

from toonify.errors import ToonifyError
from toonify.media import (
    as_rgb,
    decoding_memory,
    glance,
    least_memory,
    open_rgb,
    read_picture,
)


def reason(path: Path, **options) -> str:
    with pytest.raises(ToonifyError) as raised:
        read_picture(path, **options)
    assert str(path) not in raised.value.message
    return raised.value.message


# What becomes RGB


def test_grey_becomes_rgb(tmp_path):
    Image.new("L", (8, 8), 77).save(tmp_path / "a.jpg")
    assert read_picture(tmp_path / "a.jpg").image.getpixel((0, 0)) == (77, 77, 77)


def test_black_and_white_becomes_rgb(tmp_path):
    Image.new("1", (8, 8), 1).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").image.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_whichever_way_a_picture_lies_it_is_read_upright(tmp_path, orientation, name):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    draw_picture((40, 30)).save(tmp_path / name, exif=exif)
    with Image.open(tmp_path / name) as image:
        upright = np.asarray(ImageOps.exif_transpose(image), int)
    seen = np.asarray(read_picture(tmp_path / name).image)
    assert np.abs(seen - upright).max() <= 3  # decoders of JPEG round differently


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_grey_is_scaled_not_clipped(tmp_path, name):
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 128 * 257)
    image.putpixel((1, 0), 65535)
    image.save(tmp_path / name)
    picture = read_picture(tmp_path / name)
    assert [picture.image.getpixel((x, 0)) for x in (0, 1)] == [(128,) * 3, (255,) * 3]
    assert picture.notes == ["16 bits a channel reduced to 8"]


def test_16_bit_grey_that_is_dark_stays_dark(tmp_path):
    Image.new("I;16", (2, 1), 200).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").image.getpixel((0, 0)) == (1, 1, 1)


def test_cmyk_becomes_srgb_and_loses_its_profile(tmp_path):
    Image.new("CMYK", (8, 8), (255, 0, 0, 0)).save(
        tmp_path / "a.jpg", icc_profile=SRGB[:16] + b"CMYK" + SRGB[20:]
    )
    picture = read_picture(tmp_path / "a.jpg")
    red, green, blue = picture.image.getpixel((4, 4))
    assert red < 40 < green
    assert blue > 200
    assert "icc_profile" not in again(picture, tmp_path / "b.jpg", "JPEG").info


def test_lab_becomes_srgb(tmp_path):
    lab = ImageCms.profileToProfile(
        Image.new("RGB", (8, 8), (200, 40, 40)),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    lab.save(tmp_path / "a.tif")
    red, green, blue = read_picture(tmp_path / "a.tif").image.getpixel((4, 4))
    assert abs(red - 200) + abs(green - 40) + abs(blue - 40) < 12


def test_a_palette_with_transparency_becomes_rgba(tmp_path):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((3, 3), 1)
    image.save(tmp_path / "a.png", transparency=0)
    picture = read_picture(tmp_path / "a.png")
    assert picture.image.getpixel((0, 0)) == (255, 0, 0, 0)
    assert picture.image.getpixel((3, 3)) == (0, 255, 0, 255)
    assert again(picture, tmp_path / "b.png", "PNG").mode == "RGBA"


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_colour_becomes_alpha(tmp_path, mode):
    colour = 9 if mode == "L" else (9, 9, 9)
    Image.new(mode, (8, 8), colour).save(tmp_path / "a.png", transparency=colour)
    assert read_picture(tmp_path / "a.png").image.getpixel((0, 0)) == (9, 9, 9, 0)


def test_an_animation_gives_its_first_frame_and_a_note(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    picture = read_picture(tmp_path / "a.gif")
    red, green, blue = picture.image.getpixel((0, 0))[:3]
    assert red > 250 > 5 > green + blue
    assert picture.notes == ["only the first frame"]


def test_a_two_picture_jpeg_of_a_phone_is_a_jpeg(tmp_path):
    draw_picture((24, 16)).save(
        tmp_path / "a.jpg", "MPO", save_all=True, append_images=[draw_picture((24, 16), 1)]
    )
    picture = read_picture(tmp_path / "a.jpg")
    assert (picture.image.size, picture.notes) == ((24, 16), [])


def test_floating_point_pixels_are_refused(tmp_path):
    Image.new("F", (8, 8), 0.5).save(tmp_path / "a.tif")
    assert reason(tmp_path / "a.tif") == "holds floating-point numbers, which are not read"


def test_training_sees_colours_in_srgb_and_transparency_as_white(tmp_path):
    Image.new("RGBA", (8, 8), (10, 20, 30, 0)).save(tmp_path / "a.png", icc_profile=SRGB)
    image = open_rgb(tmp_path / "a.png")
    assert (image.mode, image.getpixel((0, 0))) == ("RGB", (255, 255, 255))


def test_as_rgb_gives_rgb_itself():
    image = draw_picture((8, 8))
    assert as_rgb(image)[0] is image


# What is refused


def test_text_is_no_picture(tmp_path):
    (tmp_path / "a.jpg").write_text("dear diary")
    assert reason(tmp_path / "a.jpg") == "not a picture in a known format"


def test_an_empty_file_is_no_picture(tmp_path):
    (tmp_path / "a.jpg").touch()
    assert reason(tmp_path / "a.jpg") == "empty"


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_a_file_cut_short_is_not_half_converted(tmp_path, file_format):
    whole = io.BytesIO()
    draw_picture((64, 64)).save(whole, file_format)
    (tmp_path / "a.jpg").write_bytes(whole.getvalue()[: whole.tell() * 2 // 3])
    assert reason(tmp_path / "a.jpg").split(" (")[0] in (
        "damaged or cut short",
        "not a picture in a known format",
    )


def test_a_header_that_promises_too_much_is_refused_before_decoding(tmp_path):
    (tmp_path / "a.png").write_bytes(png_of_nothing(30_000, 30_000))
    assert reason(tmp_path / "a.png") == "too large: 30000 x 30000 is 900 megapixels, the limit is 500"


def test_pillows_own_lower_limit_stays_in_force_for_everyone_else(tmp_path):
    before = Image.MAX_IMAGE_PIXELS
    (tmp_path / "a.png").write_bytes(png_of_nothing(15_000, 15_000))
    assert "damaged or cut short" in reason(tmp_path / "a.png")
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    assert reason(tmp_path / "a.jpg") == "not a regular file"


def test_a_film_that_is_called_like_a_picture(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\x1aE\xdf\xa3" + bytes(1000))
    assert reason(tmp_path / "a.jpg") == "a film that is called like a picture"


def test_a_file_that_is_not_there(tmp_path):
    assert reason(tmp_path / "a.jpg") == "no such file or directory"


def test_a_link_to_itself(tmp_path):
    (tmp_path / "a.jpg").symlink_to(tmp_path / "a.jpg")
    assert "levels of symbolic links" in reason(tmp_path / "a.jpg")


# A glance


@pytest.mark.parametrize("mode", ["RGB", "1", "L", "P", "RGBA", "I;16", "CMYK"])
@pytest.mark.parametrize("size", [(640, 480), (333, 702)])
def test_a_large_picture_is_glanced_at_band_by_band_to_the_same_effect(tmp_path, monkeypatch, mode, size):
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    image = Image.new("I;16", size, 30_000) if mode == "I;16" else draw_picture(size).convert(mode)
    image.save(path)
    whole, _ = glance(path, 40)
    monkeypatch.setattr("toonify.media.bands.LARGE", 10_000)
    monkeypatch.setattr("toonify.media.bands.PIXELS", 50 * size[0])
    small, told = glance(path, 40)
    assert told == size
    assert 40 <= min(small.size) <= 160
    factor = min(size) // 80
    expected = np.asarray(whole.reduce(factor), np.int16)
    assert small.size == (expected.shape[1], expected.shape[0])
    assert np.abs(expected - np.asarray(small)).max() <= 1


def test_a_glance_at_a_large_picture_is_upright(tmp_path, monkeypatch):
    exif = Image.Exif()
    exif[274] = 6
    draw_picture((640, 480)).save(tmp_path / "a.png", exif=exif)
    whole, size = glance(tmp_path / "a.png", 40)
    monkeypatch.setattr("toonify.media.bands.LARGE", 10_000)
    monkeypatch.setattr("toonify.media.bands.PIXELS", 1_250)
    small, told = glance(tmp_path / "a.png", 40)
    assert size == told == (480, 640)
    difference = np.asarray(small, np.int16) - np.asarray(whole.resize(small.size, Image.Resampling.BOX))
    assert np.abs(difference).mean() < 2


def test_32_bit_numbers_are_scaled_as_a_whole_however_large(tmp_path, monkeypatch):
    image = Image.new("I", (200, 200), 3)
    image.putpixel((0, 0), 60_000)
    image.save(tmp_path / "a.tif")
    monkeypatch.setattr("toonify.media.bands.LARGE", 100)
    small, _ = glance(tmp_path / "a.tif", 40)
    assert small.getpixel((100, 150)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("mode", "orientation", "bytes_a_pixel"),
    [("RGB", 1, 4), ("RGBA", 1, 4), ("L", 1, 5), ("1", 1, 5), ("RGB", 6, 8)],
)
def test_what_a_picture_takes_is_known_without_decoding_it(
    tmp_path, monkeypatch, mode, orientation, bytes_a_pixel
):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    draw_picture((40, 30)).convert(mode).save(tmp_path / "a.png", exif=exif)
    draw_picture((40, 30)).convert(mode).save(tmp_path / "b.png")

    def decoding(*arguments: object) -> None:
        raise AssertionError("it is decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoding)
    assert least_memory(tmp_path / "a.png") == 40 * 30 * bytes_a_pixel
    assert least_memory(tmp_path / "b.png") <= decoding_memory((40, 30))


def test_a_program_keeps_its_guard_against_large_pictures(tmp_path):
    """Pillow's documentation advises to make an error of this warning; toonify is imported after that."""
    program = """
import warnings
from PIL import Image
warnings.simplefilter("error", Image.DecompressionBombWarning)
import toonify.media
Image.MAX_IMAGE_PIXELS = 100
try:
    Image.open("a.png")
except Image.DecompressionBombWarning:
    print("kept")
"""
    Image.new("L", (12, 12)).save(tmp_path / "a.png")
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout.split() == [b"kept"]
