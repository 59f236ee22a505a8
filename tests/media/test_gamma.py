"""PNG whose colours are told by an exponent (gAMA) and chromaticities (cHRM), as viewers show it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from deep_files import png
from drawing import chunk, draw_picture
from PIL import Image, ImageCms
from written import SRGB, again

import toonify
from toonify.media import Animation, LargeImage, glance, icc, open_rgb, primaries, read_picture

SIZE = (64, 48)
D65 = (0.3127, 0.3290)
USUAL = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
ADOBE_RGB = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
PRO_PHOTO = (0.3457, 0.3585, 0.734699, 0.265301, 0.159597, 0.840403, 0.036598, 0.000105)
PICTURE = draw_picture(SIZE, 3)


def told(exponent: float | None = None, places: tuple[float, ...] = ()) -> bytes:
    """The chunks that say so."""
    first = chunk(b"gAMA", struct.pack(">L", round(exponent * 1e5))) if exponent is not None else b""
    second = chunk(b"cHRM", struct.pack(">8L", *(round(place * 1e5) for place in places))) if places else b""
    return first + second


def written(image: Image.Image, *chunks: bytes, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    data = file.getvalue()
    return data[:33] + b"".join(chunks) + data[33:]


def by_littlecms(image: Image.Image, exponent: float, places: tuple[float, ...]) -> np.ndarray:
    """What a profile of the same numbers makes of it."""
    white, *colours = zip(places[::2], places[1::2], strict=True)
    to_d50 = primaries.adapting(primaries.xyz(*white), np.array((0.9642, 1.0, 0.8249)))
    columns = (to_d50 @ primaries.light_of(colours, white)).T
    tags = {b"desc": icc._text("x"), b"cprt": icc._text("x"), b"wtpt": icc._colour(0.9642, 1, 0.8249)}
    for letter, column in zip("rgb", columns, strict=True):
        tags[f"{letter}XYZ".encode()] = icc._colour(*column)
        tags[f"{letter}TRC".encode()] = b"para" + struct.pack(">4xHxx", 0) + icc._fixed(1 / exponent)
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc._written(tags)))
    exactly = ImageCms.Flags.NOOPTIMIZE
    shown = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), flags=exactly)
    return np.asarray(shown).astype(int)


@pytest.mark.parametrize("exponent", [1.0, 0.55556, 0.45455])
@pytest.mark.parametrize("places", [USUAL, ADOBE_RGB, PRO_PHOTO], ids=["usual", "Adobe RGB", "ProPhoto"])
def test_numbers_are_what_they_stand_for(exponent, places):
    picture = read_picture(written(PICTURE, told(exponent, places)))
    if exponent == 0.45455 and places is USUAL:
        wanted = np.asarray(PICTURE).astype(int)
    else:
        wanted = by_littlecms(PICTURE, exponent, places)
    assert np.abs(np.asarray(picture.image) - wanted).max() <= 1
    assert picture.icc_profile is None and picture.notes == []


@pytest.mark.parametrize(
    "chunks",
    [
        told(0.45455),
        told(0.45),
        told(1 / 2.2, (0.31269, 0.32899, 0.63999, 0.33001, 0.3, 0.6, 0.15, 0.05999)),
        told(0.0),
        told(20_000.0),
        told(places=(0.0,) * 8),
        told(places=(*D65, *(0.3, 0.3) * 3)),
        told(places=(0.9, 0.01, *USUAL[2:])),
        chunk(b"sRGB", b"\0") + told(1.0, ADOBE_RGB),
        chunk(b"cICP", bytes([1, 13, 0, 1])) + told(1.0, ADOBE_RGB),
        told(1.0, ADOBE_RGB) + chunk(b"iCCP", b"a\0\0" + zlib.compress(SRGB)),
    ],
    ids=[
        "usual",
        "about",
        "rounded",
        "none",
        "absurd",
        "black",
        "a point",
        "no white",
        "sRGB",
        "cICP",
        "iCCP",
    ],
)
def test_what_says_srgb_or_nonsense_leaves_every_bit(chunks):
    picture = read_picture(written(PICTURE, chunks))
    assert picture.image.tobytes() == PICTURE.tobytes()


def test_of_a_profile_that_is_damaged_they_take_the_place():
    data = written(PICTURE, told(1.0), chunk(b"iCCP", b"a\0\0noise"))
    assert np.asarray(read_picture(data).image).mean() > np.asarray(PICTURE).mean() + 20


def test_a_text_of_the_same_name_is_not_taken_for_it():
    data = written(PICTURE, chunk(b"tEXt", b"gamma\0" + b"1.0"), chunk(b"tEXt", b"chromaticity\0x"))
    assert read_picture(data).image.tobytes() == PICTURE.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_of_all_kinds_and_alpha_stays(mode):
    image = PICTURE.convert(mode)
    if "A" in mode:
        image.putalpha(Image.linear_gradient("L").resize(SIZE))
    found = read_picture(written(image, told(1.0))).image
    assert found.mode == ("RGBA" if "A" in mode else "RGB")
    wanted = by_littlecms(image.convert("RGB"), 1.0, USUAL)
    assert np.abs(np.asarray(found)[..., :3] - wanted).max() <= 1
    if "A" in mode:
        assert found.getchannel("A").tobytes() == image.getchannel("A").tobytes()


def test_what_is_one_colour_is_transparent_by_its_stored_number():
    image = Image.new("RGB", SIZE, (40, 40, 40))
    image.putpixel((3, 2), (10, 10, 10))
    found = read_picture(written(image, told(1.0), transparency=(10, 10, 10))).image
    assert [found.getpixel(at)[3] for at in ((3, 2), (0, 0))] == [0, 255]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_sixteen_bits_keep_all_of_them(tmp_path, channels):
    ramp = np.linspace(0, 65_535, 48 * 64).astype(np.uint16).reshape(48, 64, 1)
    numbers = ramp[..., 0] if channels == 1 else np.repeat(ramp, channels, axis=2)
    png(tmp_path / "a.png", numbers, told(1.0))
    deep = np.asarray(read_picture(tmp_path / "a.png", deep=True).image)
    light = ramp[..., 0] / 65_535
    wanted = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 65_535
    assert np.abs(deep[..., 0] - wanted).max() < 1
    if channels == 4:
        np.testing.assert_array_equal(deep[..., 3], numbers[..., 3])
    eight = np.asarray(read_picture(tmp_path / "a.png").image)
    assert np.abs(eight[..., 0] - wanted / 257)[wanted > 20_000].max() < 2


def test_training_and_pages_see_the_same(tmp_path):
    (tmp_path / "a.png").write_bytes(written(PICTURE, told(1.0, ADOBE_RGB)))
    picture = read_picture(tmp_path / "a.png")
    assert open_rgb(tmp_path / "a.png").tobytes() == picture.image.tobytes()
    assert glance(tmp_path / "a.png", 48)[0].tobytes() == picture.image.tobytes()
    with again(picture, tmp_path / "b.png", "PNG") as image:
        assert image.tobytes() == picture.image.tobytes() and "gamma" not in image.info


def test_large_ones_too(monkeypatch, tmp_path: Path):
    monkeypatch.setattr("toonify.media.large.reading.LARGE_BY_ROWS", 5_000)
    monkeypatch.setattr("toonify.media.bands.PIXELS", 625)
    (tmp_path / "a.png").write_bytes(written(Image.new("RGB", (320, 200), (20, 60, 100)), told(1.0)))
    whole, large = read_picture(tmp_path / "a.png"), read_picture(tmp_path / "a.png", enough=(40, 25))
    assert isinstance(large.image, LargeImage)
    assert large.image.enlarged(0, 1).getpixel((0, 0)) == whole.image.getpixel((0, 0))


def test_animations_and_images_in_memory_too():
    frames = [PICTURE, draw_picture(SIZE, 4)]
    moving = written(frames[0], told(1.0), save_all=True, append_images=frames[1:])
    for frame, image in zip(Animation.of(moving).frames(), frames, strict=True):
        assert np.abs(np.asarray(frame.image) - by_littlecms(image, 1.0, USUAL)).max() <= 1
    with Image.open(io.BytesIO(written(PICTURE, told(1.0)))) as image:
        drawn = toonify.convert(image, strength=0)
    assert np.abs(np.asarray(drawn) - by_littlecms(PICTURE, 1.0, USUAL)).max() <= 1
    assert "gamma" not in drawn.info  # which would say so of the cartoon
