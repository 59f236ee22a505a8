"""Pictures read and written again: what is kept, and what happens on a full disk."""

from __future__ import annotations

import io
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from drawing import draw_picture
from PIL import ExifTags, Image
from written import SRGB, again

from toonify.errors import ToonifyError
from toonify.media import Picture, read_picture, save_picture

ORIENTATION = ExifTags.Base.Orientation


# What is kept


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_then_forgotten(tmp_path, orientation):
    upright = draw_picture((24, 16))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[ExifTags.Base.Make] = "Camera"
    stored.save(tmp_path / "a.png", exif=exif)
    picture = read_picture(tmp_path / "a.png")
    assert picture.image.tobytes() == upright.tobytes()
    written = again(picture, tmp_path / "b.jpg", "JPEG").getexif()
    assert ORIENTATION not in written
    assert written[ExifTags.Base.Make] == "Camera"


def test_orientation_in_xmp_does_not_turn_the_copy_a_second_time(tmp_path):
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    draw_picture((24, 16)).save(tmp_path / "a.jpg", xmp=xmp)
    picture = read_picture(tmp_path / "a.jpg")
    upright = picture.image.size  # (16, 24), but for older versions of Pillow, which ignore XMP
    for name, file_format in (("b.jpg", "JPEG"), ("b.png", "PNG"), ("b.tif", "TIFF"), ("b.webp", "WEBP")):
        save_picture(picture, tmp_path / name, file_format)
        assert read_picture(tmp_path / name).image.size == upright


def test_exif_keeps_what_describes_the_photograph(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Copyright] = "someone"
    exif[ExifTags.Base.ImageWidth] = 9999
    exif[ExifTags.IFD.Exif] = {0x829A: 0.004, 0xA002: 9999, 0xA003: 9999}
    exif[ExifTags.IFD.GPSInfo] = {1: "N"}
    draw_picture((24, 16)).save(tmp_path / "a.jpg", exif=exif)
    picture = read_picture(tmp_path / "a.jpg")
    for name, file_format in (("b.jpg", "JPEG"), ("b.png", "PNG"), ("b.tif", "TIFF"), ("b.webp", "WEBP")):
        written = again(picture, tmp_path / name, file_format).getexif()
        assert written[ExifTags.Base.Copyright] == "someone"
        assert written.get(ExifTags.Base.ImageWidth, 24) == 24
        if file_format != "TIFF":
            assert float(written.get_ifd(ExifTags.IFD.Exif)[0x829A]) == pytest.approx(0.004)
            assert 0xA002 not in written.get_ifd(ExifTags.IFD.Exif)
            assert written.get_ifd(ExifTags.IFD.GPSInfo)[1].startswith("N")


def test_a_thumbnail_of_the_old_picture_is_left_behind(tmp_path):
    thumbnail = io.BytesIO()
    draw_picture((16, 16)).save(thumbnail, "JPEG")
    first = struct.pack("<H", 1) + struct.pack("<HHI4s", 0x010F, 2, 4, b"Cam\0") + struct.pack("<I", 26)
    second = struct.pack("<H", 2)
    second += struct.pack("<HHII", 0x0201, 4, 1, 56) + struct.pack("<HHII", 0x0202, 4, 1, thumbnail.tell())
    block = (
        b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + second + struct.pack("<I", 0) + thumbnail.getvalue()
    )
    draw_picture((24, 16)).save(tmp_path / "a.jpg", exif=block)
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.getexif().get_ifd(ExifTags.IFD.IFD1)
    written = again(read_picture(tmp_path / "a.jpg"), tmp_path / "b.jpg", "JPEG")
    assert written.getexif()[ExifTags.Base.Make] == "Cam"
    assert not written.getexif().get_ifd(ExifTags.IFD.IFD1)


def test_exif_too_large_for_a_jpeg_loses_the_makers_note_first(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Camera"
    exif[ExifTags.IFD.Exif] = {0x927C: b"x" * 70_000, 0x829A: 0.004}
    draw_picture((24, 16)).save(tmp_path / "a.png", exif=exif)
    written = again(read_picture(tmp_path / "a.png"), tmp_path / "b.jpg", "JPEG").getexif()
    assert written[ExifTags.Base.Make] == "Camera"
    assert set(written.get_ifd(ExifTags.IFD.Exif)) == {0x829A}


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_damaged_exif_block_does_not_cost_the_picture(tmp_path):
    draw_picture((24, 16)).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xee" * 40)
    assert again(read_picture(tmp_path / "a.jpg"), tmp_path / "b.jpg", "JPEG").size == (24, 16)


def test_an_rgb_profile_stays_with_its_numbers(tmp_path):
    draw_picture((24, 16)).save(tmp_path / "a.png", icc_profile=SRGB)
    picture = read_picture(tmp_path / "a.png")
    assert picture.icc_profile == SRGB
    for name, file_format in (("b.jpg", "JPEG"), ("b.png", "PNG"), ("b.tif", "TIFF"), ("b.webp", "WEBP")):
        assert again(picture, tmp_path / name, file_format).info["icc_profile"] == SRGB


def test_alpha_is_kept_where_the_format_can_and_laid_over_white_where_not(tmp_path):
    image = draw_picture((24, 16)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((24, 16)))
    image.save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert (
        again(picture, tmp_path / "b.webp", "WEBP").getchannel("A").tobytes()
        == image.getchannel("A").tobytes()
    )
    picture.image.putpixel((0, 0), (0, 0, 0, 0))
    assert again(picture, tmp_path / "b.bmp", "BMP").getpixel((0, 0)) == (255, 255, 255)


def test_jpeg_is_written_with_every_pixels_own_colour(tmp_path):
    written = again(Picture(draw_picture((24, 16))), tmp_path / "b.jpg", "JPEG")
    assert [component[1:3] for component in written.layer] == [(1, 1)] * 3


def test_what_was_read_belongs_to_the_picture_alone(tmp_path):
    draw_picture((24, 16)).save(tmp_path / "a.bmp")
    before = (tmp_path / "a.bmp").read_bytes()
    picture = read_picture(tmp_path / "a.bmp")
    picture.image.paste((1, 2, 3), (0, 0, 24, 16))
    assert picture.image.getpixel((5, 5)) == (1, 2, 3)
    assert (tmp_path / "a.bmp").read_bytes() == before


# Writing


def test_a_full_disk_is_named_and_nothing_is_left(tmp_path, monkeypatch):
    save_picture(Picture(draw_picture((24, 16))), tmp_path / "a.png", "PNG")
    before = (tmp_path / "a.png").read_bytes()
    full = OSError(28, "No space left on device")
    monkeypatch.setattr("os.replace", raise_(full))
    with pytest.raises(ToonifyError, match="cannot be written: no space left on device"):
        save_picture(Picture(draw_picture((24, 16), 1)), tmp_path / "a.png", "PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == before


def raise_(error: Exception):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_the_systems_own_word_for_a_full_disk_reaches_the_user(tmp_path, monkeypatch, file_format):
    monkeypatch.setattr("toonify.media.writing.Part.path", Path("/dev/full"))
    monkeypatch.setattr(Path, "unlink", lambda path: None)
    with pytest.raises(ToonifyError, match="cannot be written: no space left on device"):
        save_picture(Picture(draw_picture((64, 64))), tmp_path / "a", file_format)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("encoding error 1", "too large for the memory of this machine"),  # WebP's, as of what follows
        (
            "encoding error 5: Image size exceeds WebP limit",
            "encoding error 5: Image size exceeds WebP limit",
        ),
        ("Failed to encode image: Out of memory", "too large for the memory of this machine"),  # AVIF's
    ],
)
def test_what_an_encoder_says_is_not_taken_for_a_damaged_file(tmp_path, monkeypatch, told, why):
    monkeypatch.setattr(Image.Image, "save", raise_(OSError(told)))
    with pytest.raises(ToonifyError) as raised:
        save_picture(Picture(draw_picture((24, 16))), tmp_path / "a.webp", "WEBP")
    assert raised.value.message == f"cannot be written: {why}"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ToonifyError, match="cannot be written: no such file or directory"):
        save_picture(Picture(draw_picture((24, 16))), tmp_path / "no" / "a.png", "PNG")


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    path = tmp_path / ("a" * 251 + ".png")
    save_picture(Picture(draw_picture((24, 16))), path, "PNG")
    assert path.exists()


def test_a_format_that_cannot_hold_the_size_says_so(tmp_path):
    with pytest.raises(ToonifyError, match="20000 x 2 is too large for WEBP: at most 16383 a side"):
        save_picture(Picture(Image.new("RGB", (20_000, 2))), tmp_path / "a.webp", "WEBP")


def test_many_threads_read_and_write_at_once(tmp_path):
    def copy(number: int) -> bytes:
        draw_picture((24, 16), number).save(tmp_path / f"{number}.png")
        picture = read_picture(tmp_path / f"{number}.png")
        save_picture(picture, tmp_path / "same.png", "PNG")
        return picture.image.tobytes()

    with ThreadPoolExecutor(8) as pool:
        copies = list(pool.map(copy, range(40)))
    assert copies == [draw_picture((24, 16), number).tobytes() for number in range(40)]
    assert not list(tmp_path.glob(".*"))
