"""Files that are fine, and that Pillow alone would refuse or take for something else."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from deep_files import png
from drawing import chunk, draw_picture
from PIL import ExifTags, Image, ImageCms

from toonify.errors import ToonifyError
from toonify.media import Picture, glance, open_rgb, read_picture, save_picture
from toonify.media.png import SIGNATURE

COLOUR = (0x1234, 0x5678, 0x9ABC)


def deep(shape: tuple[int, ...]) -> np.ndarray:
    """Noise; the transparent colour in one pixel, and one that differs from it in the last bit beside it."""
    numbers = np.random.default_rng(3).integers(0, 65_536, shape, np.uint16)
    numbers[4, 4] = COLOUR if len(shape) == 3 else COLOUR[0]
    numbers[4, 5] = numbers[4, 4] ^ 1
    return numbers


@pytest.mark.parametrize("shape", [(12, 10, 3), (12, 10)])
def test_a_colour_of_sixteen_bits_is_transparent_where_all_of_them_match(tmp_path, shape):
    numbers = deep(shape)
    colour = COLOUR if len(shape) == 3 else COLOUR[:1]
    path = png(tmp_path / "a.png", numbers, chunk(b"tRNS", struct.pack(f">{len(colour)}H", *colour)))
    picture = read_picture(path)
    assert read_picture(path.read_bytes()).image.tobytes() == picture.image.tobytes()
    assert picture.image.mode == "RGBA"
    alpha = np.asarray(picture.image)[..., 3]
    assert alpha[4, 4] == 0 and alpha.sum() == 255 * (alpha.size - 1)
    upper = numbers if len(shape) == 3 else numbers[..., np.newaxis]
    assert np.abs(np.asarray(picture.image)[..., :3] - upper / 257.0).max() <= 1
    for read in (open_rgb(path), glance(path, 10)[0]):
        assert read.getpixel((4, 4)) == (255, 255, 255)
        assert read.getpixel((5, 4)) != (255, 255, 255)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_grey_of_few_bits_is_transparent_where_it_matches(tmp_path, bits):
    most = 2**bits - 1
    row = np.packbits(np.unpackbits(np.array([[0], [1], [most]], np.uint8), axis=1)[:, -bits:].ravel())
    (tmp_path / "a.png").write_bytes(
        SIGNATURE
        + chunk(b"IHDR", struct.pack(">2L5B", 3, 1, bits, 0, 0, 0, 0))
        + chunk(b"tRNS", struct.pack(">H", 1))
        + chunk(b"IDAT", zlib.compress(b"\0" + row.tobytes()))
        + chunk(b"IEND", b"")
    )
    found = np.asarray(read_picture(tmp_path / "a.png").image)[0]
    assert found[:, 0].tolist() == [0, 255 // most, 255]
    assert found[:, 3].tolist() == [255, 0, 255 * (bits > 1)]


def test_a_profile_that_a_format_cannot_hold_is_applied(tmp_path):
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = bytearray(linear)
    red, green = linear.index(b"rXYZ"), linear.index(b"gXYZ")
    swapped[red + 4 : red + 8], swapped[green + 4 : green + 8] = (
        linear[green + 4 : green + 8],
        linear[red + 4 : red + 8],
    )
    picture = Picture(Image.new("RGB", (8, 8), (255, 0, 0)), icc_profile=bytes(swapped))
    save_picture(picture, tmp_path / "a.bmp", "BMP")
    with Image.open(tmp_path / "a.bmp") as image:
        red, green, blue = image.getpixel((2, 2))
    assert green > 250 and red < 5 and blue < 5


@pytest.mark.parametrize("mode", ["L", "RGB", "I;16"])
@pytest.mark.parametrize(
    ("orientation", "turn"), [(3, Image.Transpose.ROTATE_180), (8, Image.Transpose.ROTATE_90)]
)
def test_an_uncompressed_tiff_is_upright(tmp_path, mode, orientation, turn):
    grey = draw_picture((64, 48)).convert("L")
    deep = Image.fromarray(np.asarray(grey, np.uint16) * 257)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    (deep if mode == "I;16" else grey.convert(mode)).save(tmp_path / "a.tif", exif=exif)
    for source in (tmp_path / "a.tif", (tmp_path / "a.tif").read_bytes()):
        np.testing.assert_array_equal(read_picture(source).image.getchannel("R"), grey.transpose(turn))


@pytest.mark.parametrize("name", ["a.jp2", "a.pgm", "a.ppm"])
def test_that_16_bits_are_not_kept_is_told(tmp_path, name):
    numbers = deep((40, 32))
    if name == "a.ppm":
        head = b"P6\n32 40\n65535\n"
        (tmp_path / name).write_bytes(head + np.stack([numbers] * 3, axis=2).astype(">u2").tobytes())
    else:
        Image.fromarray(numbers).save(tmp_path / name)
    assert read_picture(tmp_path / name).notes == ["16 bits a channel reduced to 8"]


def bitmap(path: Path, pixels: np.ndarray, *masks: int) -> Path:
    """A BMP with a header of version 4, and where in a pixel red, green, blue and alpha are."""
    height, width = pixels.shape[:2]
    bits, data = 8 * pixels[0, 0].nbytes, pixels.tobytes()
    header = struct.pack("<LllHHLLllLL", 108, width, -height, 1, bits, 3, len(data), 2835, 2835, 0, 0)
    header += struct.pack("<4L", *masks) + b"BGRs" + bytes(48)
    size = 14 + len(header)
    path.write_bytes(b"BM" + struct.pack("<LHHL", size + len(data), 0, 0, size) + header + data)
    return path


@pytest.mark.parametrize("filled", [False, True])
def test_alpha_that_nobody_filled_makes_nothing_transparent(tmp_path, filled):
    pixels = np.zeros((12, 10, 4), np.uint8)
    pixels[..., :3] = np.asarray(draw_picture((10, 12)))
    pixels[3, 2, 3] = 255 * filled
    bitmap(tmp_path / "a.bmp", pixels, 0xFF, 0xFF00, 0xFF0000, 0xFF000000)
    Image.fromarray(pixels).save(tmp_path / "a.tga")
    for path in (tmp_path / "a.bmp", tmp_path / "a.tga"):
        image = read_picture(path).image
        assert image.mode == ("RGBA" if filled else "RGB")
        np.testing.assert_array_equal(np.asarray(image)[..., :3], pixels[..., :3])
        seen = np.asarray(glance(path, 10)[0])
        np.testing.assert_array_equal(seen[3, 2], pixels[3, 2, :3])
        assert (seen == 255).all(axis=2).mean() > 0.9 if filled else (seen == pixels[..., :3]).all()


def test_a_bitmap_of_16_bits_a_pixel_has_no_more_than_8_a_channel(tmp_path):
    pixels = np.full((12, 10), 0xF800, np.uint16)
    picture = read_picture(bitmap(tmp_path / "a.bmp", pixels, 0xF800, 0x7E0, 0x1F, 0))
    assert picture.image.getpixel((0, 0)) == (255, 0, 0) and picture.notes == []


def heic(path: Path, **options: object) -> Path:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.from_pillow(draw_picture((64, 48)), **options).save(path, quality=95)
    return path


@pytest.mark.parametrize("name", ["a.heic", "a.HEIF", "a.jpg"])
def test_heic_is_read_whatever_its_name(tmp_path, name):
    heic(tmp_path / "b.heic").rename(tmp_path / name)
    picture = read_picture(tmp_path / name)
    assert picture.format == "HEIF" and picture.image.mode == "RGB"
    assert read_picture((tmp_path / name).read_bytes()).image.tobytes() == picture.image.tobytes()
    assert np.abs(np.asarray(picture.image).astype(int) - np.asarray(draw_picture((64, 48)))).mean() < 6


def test_heic_in_a_folder_is_converted(run, tmp_path):
    heic(tmp_path / "a.HEIC")
    Path("in").mkdir()
    (tmp_path / "a.HEIC").rename("in/a.HEIC")
    draw_picture((64, 48)).save("in/b.HEIC", "JPEG")
    result = run("convert", "in", "out", "--strength", 0)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.png", "b.jpg"]


def test_what_is_called_heic_is_written_as_what_it_holds(run):
    Path("in").mkdir()
    for number, file_format in enumerate(("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")):
        draw_picture((64, 48)).save(f"in/{number}.heic", file_format)
    result = run("convert", "in", "out", "--strength", 0)
    assert result.exit_code == 0, result.output
    assert "0.heic: written as JPEG" in result.output
    written = sorted(path.name for path in Path("out").iterdir())
    assert written == ["0.jpg", "1.png", "2.webp", "3.tif", "4.bmp", "5.png"]
    with Image.open("out/0.jpg") as image:
        assert image.format == "JPEG"


@pytest.mark.parametrize("main", [0, 1])
def test_of_heic_with_several_pictures_the_main_one_is_taken(tmp_path, main):
    pillow_heif = pytest.importorskip("pillow_heif")
    both = pillow_heif.from_pillow(Image.new("RGB", (64, 48), "red"))
    both.add_from_pillow(Image.new("RGB", (64, 48), "blue"))
    both.save(tmp_path / "a.heic", primary_index=main, quality=90)
    picture = read_picture(tmp_path / "a.heic")
    assert picture.notes == ["only the main picture"]
    red, _, blue = picture.image.getpixel((30, 20))
    assert (red > 200, blue > 200) == (not main, bool(main))


def test_heic_without_the_package_names_the_way_out(tmp_path, monkeypatch):
    from toonify.media import heif

    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    heif.teach_pillow.cache_clear()
    with pytest.raises(ToonifyError, match="a HEIC picture needs pillow-heif") as raised:
        read_picture(tmp_path / "a.jpg")
    assert raised.value.hint == 'Install it: pip install "toonify-gan[heif]"'


def test_heic_that_is_damaged_says_so(tmp_path):
    pytest.importorskip("pillow_heif")
    (tmp_path / "a.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40))
    with pytest.raises(ToonifyError, match="a HEIC picture that is damaged or cut short"):
        read_picture(tmp_path / "a.jpg")
