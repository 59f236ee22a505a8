"""Pictures of 16 bits a channel are read and written with all of them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from deep_files import big_endian_tiff, by_opencv, numbers_of, png
from drawing import chunk
from PIL import ExifTags, Image, ImageCms

from toonify.media import DeepImage, Picture, encode_picture, is_deep, read_picture, save_picture

NUMBERS = np.random.default_rng(5).integers(0, 65_536, (13, 11, 4), np.uint16)
UNCOMPRESSED, LZW, DEFLATE = ((259, kind) for kind in (1, 5, 8))

MAKERS = {
    "a.png": lambda path: png(path, NUMBERS[..., :3]),
    "alpha.png": lambda path: png(path, NUMBERS),
    "a.tif": lambda path: by_opencv(path, NUMBERS[..., :3], *UNCOMPRESSED),
    "lzw.tif": lambda path: by_opencv(path, NUMBERS[..., :3], *LZW),
    "deflate.tif": lambda path: by_opencv(path, NUMBERS[..., :3], *DEFLATE),
    "alpha.tif": lambda path: by_opencv(path, NUMBERS, *LZW),
    "mac.tif": lambda path: big_endian_tiff(path, NUMBERS[..., :3]),
}


def deep(path: Path) -> np.ndarray:
    image = read_picture(path, deep=True).image
    assert isinstance(image, DeepImage)
    return image.pixels


@pytest.mark.parametrize("name", MAKERS)
def test_all_bits_are_read(tmp_path, name):
    path = MAKERS[name](tmp_path / name)
    found = deep(path)
    assert is_deep(path)
    assert read_picture(path, deep=True).notes == []
    np.testing.assert_array_equal(found, NUMBERS[..., : found.shape[2]])
    assert found.shape[2] == (4 if "alpha" in name else 3)


UPRIGHT = {
    1: lambda lying: lying,
    2: lambda lying: lying[:, ::-1],
    3: lambda lying: lying[::-1, ::-1],
    4: lambda lying: lying[::-1],
    5: lambda lying: lying.transpose(1, 0, 2),
    6: lambda lying: np.rot90(lying, -1),
    7: lambda lying: lying[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90,
}
"""By the number of the orientation, as EXIF has it."""


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_whichever_way_it_lies_it_is_read_upright(tmp_path, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    lying = NUMBERS[..., :3]
    path = png(tmp_path / "a.png", lying, chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))
    np.testing.assert_array_equal(deep(path), UPRIGHT[orientation](lying))


def test_grey_becomes_three_channels(tmp_path):
    grey, alpha = NUMBERS[..., 0], NUMBERS[..., 1]
    expected = np.stack([grey] * 3, axis=2)
    Image.fromarray(grey).save(tmp_path / "a.tif")
    for path in (png(tmp_path / "a.png", grey), tmp_path / "a.tif"):
        np.testing.assert_array_equal(deep(path), expected)
    found = deep(png(tmp_path / "b.png", NUMBERS[..., :2]))
    np.testing.assert_array_equal(found, np.dstack([expected, alpha]))


@pytest.mark.parametrize("channels", [1, 3])
def test_one_transparent_colour_is_compared_with_all_bits(tmp_path, channels):
    numbers = NUMBERS[..., :channels].copy()
    numbers[4, 5] = numbers[4, 4] ^ 1
    colour = struct.pack(f">{channels}H", *numbers[4, 4])
    found = deep(png(tmp_path / "a.png", np.squeeze(numbers), chunk(b"tRNS", colour)))
    assert found[4, 4, 3] == 0 and (found[..., 3] == 65_535).sum() == found[..., 3].size - 1
    np.testing.assert_array_equal(found[..., :3], np.broadcast_to(numbers, (13, 11, 3)))


def test_an_interlaced_one_is_read(tmp_path):
    """Of one row, whose passes are its columns 0, 4, 2, 6, and then the odd ones."""
    row = NUMBERS[0, :8, :3]
    path = png(tmp_path / "a.png", row[np.newaxis])
    whole = path.read_bytes()
    passes = [row[[0]], row[[4]], row[[2, 6]], row[1::2]]
    data = zlib.compress(b"".join(b"\0" + one.astype(">u2").tobytes() for one in passes))
    head = struct.pack(">2L5B", 8, 1, 16, 2, 0, 0, 1)
    path.write_bytes(whole[:8] + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b""))
    np.testing.assert_array_equal(deep(path), row[np.newaxis])


@pytest.mark.parametrize("turn", range(1, 9))
def test_it_is_turned_as_one_of_8_bits(tmp_path, turn):
    exif = Image.Exif()
    exif[0x0112] = turn
    shallow = (NUMBERS[..., :3] >> 8).astype(np.uint8)
    Image.fromarray(shallow).save(tmp_path / "a.png", exif=exif)
    path = png(tmp_path / "b.png", NUMBERS[..., :3], chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))
    expected = np.asarray(read_picture(tmp_path / "a.png").image)
    np.testing.assert_array_equal(deep(path) >> 8, expected)


def test_unless_asked_8_bits_are_read_with_a_note(tmp_path):
    picture = read_picture(MAKERS["a.png"](tmp_path / "a.png"))
    assert isinstance(picture.image, Image.Image)
    assert picture.notes == ["16 bits a channel reduced to 8"]


@pytest.mark.parametrize("name", ["a.jpg", "a.gif", "cmyk.tif", "float.tif"])
def test_what_has_no_16_bits_is_read_as_ever(tmp_path, name):
    mode = {"cmyk.tif": "CMYK", "float.tif": "F"}.get(name, "L")
    Image.new(mode, (8, 6)).save(tmp_path / name)
    assert not is_deep(tmp_path / name)
    if mode != "F":
        assert isinstance(read_picture(tmp_path / name, deep=True).image, Image.Image)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("size", [(13, 11), (1, 1), (1, 300), (300, 1)])
@pytest.mark.parametrize("channels", [3, 4])
def test_all_bits_are_written(tmp_path, suffix, size, channels):
    numbers = np.random.default_rng(1).integers(0, 65_536, (*size, channels), np.uint16)
    path = tmp_path / f"a.{suffix}"
    save_picture(Picture(DeepImage(numbers)), path, {"png": "PNG", "tif": "TIFF"}[suffix])
    np.testing.assert_array_equal(numbers_of(path), numbers)
    np.testing.assert_array_equal(deep(path), numbers)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_large_one_is_written_band_by_band(tmp_path, suffix, monkeypatch):
    monkeypatch.setattr("toonify.media.bands.PIXELS", 100)
    monkeypatch.setattr("toonify.media.writing_in_rows._STRIP", 300)
    slope = np.arange(64 * 48 * 3, dtype=np.uint16).reshape(64, 48, 3) * 7
    save_picture(Picture(DeepImage(slope)), tmp_path / f"a.{suffix}", {"png": "PNG", "tif": "TIFF"}[suffix])
    np.testing.assert_array_equal(numbers_of(tmp_path / f"a.{suffix}"), slope)
    np.testing.assert_array_equal(deep(tmp_path / f"a.{suffix}"), slope)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_what_is_written_about_it_is_as_with_8_bits(tmp_path, suffix):
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x8298] = "Camera", "One", "© nobody"
    about = {
        "icc_profile": ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        "exif": exif.tobytes(),
        "xmp": b"<x:xmpmeta>someone</x:xmpmeta>",
        "density": (300.0, 200.0),
        "made_by": "toonify 1 {}",
    }
    file_format = {"png": "PNG", "tif": "TIFF"}[suffix]
    images = {"deep": DeepImage(NUMBERS), "shallow": DeepImage(NUMBERS).eight_bits()}
    for name, image in images.items():
        save_picture(Picture(image, **about), tmp_path / f"{name}.{suffix}", file_format)
    first, second = (read_picture(tmp_path / f"{name}.{suffix}", deep=True) for name in images)
    for field in ("icc_profile", "exif", "xmp", "density"):
        assert getattr(first, field) == getattr(second, field) != None  # noqa: E711
    with Image.open(tmp_path / f"deep.{suffix}") as image:
        assert image.getexif()[0x000B] == "toonify 1 {}"


def test_formats_of_8_bits_get_the_nearest(tmp_path):
    picture = Picture(DeepImage(NUMBERS[..., :3].copy()))
    save_picture(picture, tmp_path / "a.bmp", "BMP")
    with Image.open(tmp_path / "a.bmp") as image:
        np.testing.assert_array_equal(np.asarray(image), np.rint(NUMBERS[..., :3] / 257))


def test_bytes_stay_deep():
    written = encode_picture(Picture(DeepImage(NUMBERS), format="TIFF"))
    np.testing.assert_array_equal(read_picture(written, deep=True).image.pixels, NUMBERS)


def test_an_array_of_it_is_a_copy_only_where_one_is_asked_for():
    image = DeepImage(NUMBERS.copy())
    np.array(image)[:] = 0
    np.testing.assert_array_equal(image.pixels, NUMBERS)
    assert np.shares_memory(np.asarray(image), image.pixels)


@pytest.mark.parametrize("size", [(9, 7), (40, 31)])
@pytest.mark.parametrize("alpha", [False, True])
def test_it_is_resized_as_pillow_does(size, alpha):
    smooth = np.add.outer(np.linspace(0, 30_000, 126), np.linspace(0, 30_000, 33))
    numbers = np.dstack([smooth, smooth[::-1], smooth[:, ::-1], 30_000 + smooth / 2])[..., : 3 + alpha]
    image = DeepImage(numbers.astype(np.uint16))
    for how, box in ((Image.Resampling.LANCZOS, None), (Image.Resampling.BICUBIC, (0, 55.25, 33, 64.5))):
        made = image.resize(size, how, box=box, reducing_gap=3.0)
        shallow = image.eight_bits().resize(size, how, box=box, reducing_gap=3.0)
        difference = np.asarray(made.eight_bits()).astype(int) - np.asarray(shallow)
        assert np.abs(difference).max() <= (6 if alpha else 1)  # Pillow rounds colours times alpha
        plane = Image.fromarray(image.pixels[..., 0].astype(np.float32))
        exact = np.asarray(plane.resize(size, how, box=box, reducing_gap=3.0))
        assert alpha or np.abs(made.pixels[..., 0] - exact).max() <= 0.5


def test_what_is_transparent_lends_nobody_its_colour():
    numbers = np.full((8, 8, 4), 65_535, np.uint16)
    numbers[:, :4] = 0
    made = DeepImage(numbers).resize((4, 4), Image.Resampling.LANCZOS).pixels
    assert (made[..., :3][made[..., 3] > 0] == 65_535).all() and (made[..., 3] == 0).any()
