"""Pictures too large to be held: read smaller, and written some rows at a time to the same effect."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import ExifTags, Image, PngImagePlugin
from written import SRGB

from toonify.errors import ToonifyError
from toonify.media import LargeImage, Picture, encode_picture, least_memory, read_picture, reading_memory
from toonify.media.memory import BYTES_OF_STRIPS
from toonify.media.png import SIGNATURE, png_chunks, write_chunk

ABOUT = {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", "xmp": b"<x/>", "density": (300.0, 300.0)}


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are as many as may be held, and 5,000 pixels are large."""
    monkeypatch.setattr("toonify.media.bands.LARGE", 5_000)
    monkeypatch.setattr("toonify.media.large.reading.LARGE_BY_ROWS", 5_000)
    monkeypatch.setattr("toonify.media.bands.PIXELS", 700)
    monkeypatch.setattr("toonify.media.writing_in_rows._STRIP", 1_000)


def of_size(size: tuple[int, int]) -> LargeImage:
    return LargeImage(draw_picture((60, 45)), size)


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize("halved", [False, True])
@pytest.mark.parametrize("size", [(100, 64), (333, 128), (90, 130), (249, 257), (720, 7)])
def test_a_jpeg_in_strips_is_the_file_that_pillow_writes_of_the_whole(size, halved):
    large = LargeImage(draw_picture((20, 15)), size)
    written = encode_picture(Picture(large, colours_halved=halved, **ABOUT), "JPEG")
    high = 128 if halved else 64
    strips = [large.enlarged(top, min(top + high, size[1])) for top in range(0, size[1], high)]
    whole = Image.fromarray(np.concatenate([np.asarray(strip) for strip in strips]))
    expected = io.BytesIO()
    about = {"exif": ABOUT["exif"], "xmp": ABOUT["xmp"], "dpi": ABOUT["density"]}
    sampling = 2 if halved else 0
    whole.save(expected, "JPEG", quality=95, subsampling=sampling, restart_marker_rows=1, **about)
    assert written == expected.getvalue()


@pytest.mark.parametrize("halved", [False, True])
def test_a_jpeg_of_usual_size_is_the_file_that_pillow_writes(halved):
    large, expected = LargeImage(draw_picture((60, 45)), (120, 90)), io.BytesIO()  # not much wider
    large.enlarged(0, 90).save(expected, "JPEG", quality=95, subsampling=0)
    assert encode_picture(Picture(large, colours_halved=halved), "JPEG") == expected.getvalue()


@pytest.mark.parametrize("size", [(600, 450), (401, 299)])
def test_halved_colours_are_enlarged_to_half_the_size_and_look_the_same(size):
    about = {**ABOUT, "icc_profile": SRGB}
    picture = Picture(LargeImage(draw_picture((60, 45)), size), colours_halved=True, **about)
    seen = read_picture(encode_picture(picture, "JPEG"))
    assert (seen.image.size, seen.colours_halved, seen.jpeg_quality) == (size, True, 95)
    assert (seen.xmp, seen.density, seen.icc_profile) == (b"<x/>", (300.0, 300.0), SRGB)
    whole = np.asarray(picture.image.enlarged(0, size[1]), np.float32)
    assert np.square(np.asarray(seen.image) - whole).mean() < 255**2 / 10**4  # 40 dB


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


@pytest.mark.parametrize("by", [1, 2, 4, 8])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_of_any_size_is_read_as_small_as_will_do(by, mode):
    draw_picture((333, 200)).convert(mode).save("a.jpg")
    large = read_picture(Path("a.jpg"), enough=(333 // by, 200 // by)).image
    assert isinstance(large, LargeImage) and large.size == (333, 200)
    with Image.open("a.jpg") as expected:
        expected.draft(None, (333 // by, 200 // by))  # by 1 it stays as it is
        seen = large.resize(expected.size, Image.Resampling.NEAREST)
        np.testing.assert_array_equal(seen, expected.convert("RGB"))


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize("orientation", [1, 2, 6, 8])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_large_jpeg_is_read_smaller_and_upright(orientation, mode):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = Path("a.jpg")
    draw_picture((320, 200)).convert(mode).save(path, exif=exif, quality=98, dpi=(300, 200))
    whole, picture = read_picture(path), read_picture(path, enough=(79, 50))
    assert isinstance(picture.image, LargeImage)
    assert picture.image.size == whole.image.size == ((200, 320) if orientation > 4 else (320, 200))
    assert (picture.density, picture.jpeg_quality) == (whole.density, 98)
    small = (40, 64) if orientation > 4 else (64, 40)
    seen, expected = (
        np.asarray(each.image.resize(small, Image.Resampling.LANCZOS)) for each in (picture, whole)
    )
    assert np.abs(seen.astype(np.int16) - expected).mean() < 3


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize(
    ("mode", "bits"),
    [
        ("1", 1),
        ("L", 2),
        ("L", 4),
        ("L", 8),
        ("I;16", 16),
        ("RGB", 8),
        ("P", 1),
        ("P", 2),
        ("P", 4),
        ("P", 8),
    ],
)
@pytest.mark.parametrize(("size", "few"), [((320, 200), True), ((320, 200), False), ((131, 77), True)])
def test_a_large_png_is_read_by_rows_to_the_same_effect(monkeypatch, mode, bits, size, few):
    picture = draw_picture(size)
    image = picture.quantize(2**bits) if mode == "P" else picture.convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image, np.uint16) * 257)
    image.save("a.png", bits=bits, dpi=(300, 200))
    expected = read_picture(Path("a.png"))
    enough = (size[0] // 4, size[1] // 4)
    if not few:
        monkeypatch.setattr("toonify.media.bands.PIXELS", size[0] * size[1] // 8)
    seen = read_picture(Path("a.png"), enough=enough)
    assert isinstance(seen.image, LargeImage)
    assert seen.image.size == size
    small = expected.image.reduce(4)
    np.testing.assert_array_equal(seen.image.resize(small.size, Image.Resampling.NEAREST), small)
    assert (seen.density, seen.notes, seen.format) == (expected.density, expected.notes, "PNG")


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize(
    ("mode", "compression"),
    [("RGB", kind) for kind in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")]
    + [(mode, "tiff_lzw") for mode in ("1", "L", "P", "CMYK", "LAB", "I;16")]
    + [("1", "group3"), ("1", "group4"), ("L", None), ("I;16", None)],
)
@pytest.mark.parametrize("size", [(320, 200), (131, 77)])
def test_a_large_tiff_is_read_by_strips_to_the_same_effect(monkeypatch, mode, compression, size):
    monkeypatch.setattr("PIL.TiffImagePlugin.STRIP_SIZE", 3_000)
    picture = draw_picture(size)
    image = picture.quantize(64) if mode == "P" else picture.convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image, np.uint16) * 257)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = 8, "Camera"
    image.save("a.tif", compression=compression, dpi=(300, 200), exif=exif)
    expected, enough = read_picture(Path("a.tif")), (size[0] // 4, size[1] // 4)
    seen = read_picture(Path("a.tif"), enough=enough)
    assert isinstance(seen.image, LargeImage)
    assert seen.image.size == expected.image.size == size[::-1]
    stored = expected.image.transpose(Image.Transpose.ROTATE_270).reduce(4)
    small = stored.transpose(Image.Transpose.ROTATE_90)
    np.testing.assert_array_equal(seen.image.resize(small.size, Image.Resampling.NEAREST), small)
    assert (seen.density, seen.exif, seen.notes) == (expected.density, expected.exif, expected.notes)


@pytest.mark.usefixtures("_few")
def test_what_is_written_about_a_large_png_is_kept_also_what_stands_behind_its_pixels():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = 6, "Camera"
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", "<x/>")
    texts.add_text("Comment", "y" * 2**21, zip=True)
    draw_picture((320, 200)).save("a.png", exif=exif, icc_profile=SRGB, dpi=(300, 200), pnginfo=texts)
    chunks = [*png_chunks(Path("a.png").read_bytes())]
    behind = sorted(chunk for chunk in chunks if chunk[0] in (b"eXIf", b"zTXt"))
    with open("b.png", "wb") as file:
        file.write(SIGNATURE)
        for chunk in [*(chunk for chunk in chunks[:-1] if chunk not in behind), *behind, chunks[-1]]:
            write_chunk(file, *chunk)
    expected, picture = read_picture(Path("b.png")), read_picture(Path("b.png"), enough=(40, 25))
    assert isinstance(picture.image, LargeImage) and picture.image.size == (200, 320)
    assert (picture.exif, picture.xmp, picture.density) == (expected.exif, b"<x/>", expected.density)
    assert picture.notes == expected.notes == ["text left out, too long"]
    assert picture.icc_profile == expected.icc_profile == SRGB


@pytest.mark.usefixtures("_few")
def test_a_large_png_that_ends_too_early_is_damaged():
    draw_picture((320, 200)).save("a.png")
    chunks = [*png_chunks(Path("a.png").read_bytes())]
    with open("b.png", "wb") as file:
        file.write(SIGNATURE)
        for name, data in chunks:
            write_chunk(
                file, name, zlib.compress(zlib.decompress(data)[:100_000]) if name == b"IDAT" else data
            )
    with pytest.raises(ToonifyError, match="damaged or cut short"):
        read_picture(Path("b.png"), enough=(40, 25))


@pytest.mark.usefixtures("_few")
@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.png", "RGBA", {}),
        ("a.png", "RGB", {"transparency": (1, 2, 3)}),
        ("a.png", "P", {"transparency": 3}),
        ("a.tif", "RGBA", {}),
        ("a.tif", "LA", {}),
        ("a.webp", "RGB", {}),
    ],
)
def test_others_are_read_as_they_are(name, mode, options):
    draw_picture((320, 200)).convert(mode).save(name, **options)
    assert not isinstance(read_picture(Path(name), enough=(30, 20)).image, LargeImage)
    assert not isinstance(read_picture(Path(name)).image, LargeImage)


@pytest.mark.usefixtures("_few")
def test_16_bits_are_kept_where_they_are_asked_for():
    numbers = np.arange(320 * 200, dtype=np.uint16).reshape(200, 320)
    Image.fromarray(numbers).save("a.png")
    picture = read_picture(Path("a.png"), deep=True, enough=(40, 25))
    np.testing.assert_array_equal(np.asarray(picture.image)[..., 0], numbers)


@pytest.mark.usefixtures("_few")
def test_what_reading_takes_is_known_beforehand():
    size = width, height = 320, 200
    for name, options in (
        ("a.jpg", {}),
        ("b.jpg", {"progressive": True, "subsampling": 0}),
        ("c.jpg", {"progressive": True, "subsampling": 2}),
        ("a.webp", {}),
    ):
        draw_picture(size).save(name, **options)
    drafted, progressive, halved, whole = (
        reading_memory(Path(name), enough=(80, 50)) for name in ("a.jpg", "b.jpg", "c.jpg", "a.webp")
    )
    assert progressive - drafted == 6 * width * height  # two bytes for each coefficient
    assert halved - drafted == 3 * width * height  # colours have a quarter of them
    assert reading_memory(Path("a.jpg")) == reading_memory(Path("c.jpg")) == 8 * width * height
    assert whole == 17 * width * height  # WebP's decoder holds all of it several times
    assert reading_memory(Path("b.jpg")) == least_memory(Path("b.jpg")) == 10 * width * height
    assert drafted == 8 * (80 * 50 + width * height) < BYTES_OF_STRIPS
