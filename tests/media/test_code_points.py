"""Pictures that name their colours by numbers (ITU-T H.273) instead of a profile: HEIC, AVIF, PNG."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import deep_files
import numpy as np
import pytest
from drawing import draw_picture
from PIL import Image, ImageCms, features
from written import SRGB, again

import toonify
from toonify.media import Animation, DeepImage, glance, open_rgb, read_picture
from toonify.media.nclx import nclx_of
from toonify.media.png import SIGNATURE, write_chunk

SRGB_BY_NUMBERS, P3, BT2020 = (1, 13), (12, 13), (9, 13)
PQ, HLG = (9, 16), (9, 18)
GREEN = (40, 200, 40)
GREEN_IN_SRGB = {SRGB_BY_NUMBERS: (40, 200, 40), P3: (0, 204, 0), BT2020: (0, 211, 0)}
WHITE = {PQ: 0.58, HLG: 0.75}
"""What stands for diffuse white, 203 cd/m² (ITU-R BT.2408)."""

KINDS = ["a.heic", "a.avif", "a.png"]


def save(path: Path, image: Image.Image, told: tuple[int, int], profile: bytes | None = None) -> Path:
    """A picture whose file says so of its primaries and transfer."""
    if path.suffix == ".heic":
        pillow_heif = pytest.importorskip("pillow_heif")
        colours = {"color_primaries": told[0], "transfer_characteristics": told[1], "matrix_coefficients": 0}
        pillow_heif.from_pillow(image).save(path, quality=-1, chroma=444, **colours)
    elif path.suffix == ".avif":
        if not features.check("avif"):
            pytest.skip("this Pillow writes no AVIF")
        image.save(path, quality=100, subsampling="4:4:4", icc_profile=profile)
        data = path.read_bytes()
        place = data.index(b"colrnclx") + 8
        path.write_bytes(data[:place] + struct.pack(">2H", *told) + data[place + 4 :])
    else:
        image.save(path, icc_profile=profile)
        marked(path, told)
    return path


def marked(path: Path, told: tuple[int, int]) -> Path:
    """The same PNG, with a chunk that says so."""
    data = path.read_bytes()
    chunk = io.BytesIO()
    write_chunk(chunk, b"cICP", bytes([*told, 0, 1]))
    header = len(SIGNATURE) + 25
    path.write_bytes(data[:header] + chunk.getvalue() + data[header:])
    return path


def grey(share: float) -> Image.Image:
    return Image.new("RGB", (64, 48), (round(255 * share),) * 3)


def colour(image: Image.Image) -> tuple[int, ...]:
    return image.getpixel((30, 20))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("told", GREEN_IN_SRGB)
def test_a_wide_gamut_is_shown_as_it_is(tmp_path, name, told):
    source = save(tmp_path / name, Image.new("RGB", (64, 48), GREEN), told)
    picture = read_picture(source)
    assert colour(picture.image) == pytest.approx(GREEN, abs=2)
    assert (picture.icc_profile is None) == (told == SRGB_BY_NUMBERS)
    assert picture.notes == []
    wanted = pytest.approx(GREEN_IN_SRGB[told], abs=3)
    assert colour(again(picture, tmp_path / "b.bmp", "BMP")) == wanted
    assert colour(open_rgb(source)) == wanted
    assert colour(glance(source, 48)[0]) == wanted
    with again(picture, tmp_path / "b.jpg", "JPEG") as image:
        assert image.info.get("icc_profile") == picture.icc_profile


def test_the_profile_of_display_p3_is_apples(tmp_path):
    picture = read_picture(save(tmp_path / "a.png", grey(0.5), P3))
    profile = ImageCms.ImageCmsProfile(io.BytesIO(picture.icc_profile))
    assert ImageCms.getProfileDescription(profile) == "Display P3\n"
    found = [getattr(profile.profile, f"{name}_colorant")[0] for name in ("red", "green", "blue")]
    apples = [(0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407)]
    assert np.abs(np.subtract(found, apples)).max() < 1e-4
    assert ImageCms.isIntentSupported(profile, 0, ImageCms.Direction.INPUT) == 1


@pytest.mark.parametrize(("name", "counts"), [("a.avif", True), ("a.png", False)])
def test_beside_a_profile(tmp_path, name, counts):
    source = save(tmp_path / name, Image.new("RGB", (64, 48), GREEN), P3, SRGB)
    assert (read_picture(source).icc_profile == SRGB) == counts


@pytest.mark.parametrize("name", ["a.avif", "a.png"])
def test_high_dynamic_range_is_that_beside_a_profile_too(tmp_path, name):
    picture = read_picture(save(tmp_path / name, grey(WHITE[PQ]), PQ, SRGB))
    assert 205 < colour(picture.image)[1] < 225 and picture.icc_profile is None


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("told", WHITE)
def test_high_dynamic_range_is_tone_mapped(tmp_path, name, told):
    sources = [
        save(tmp_path / f"{number}{name}", grey(share), told)
        for number, share in enumerate((0, WHITE[told], 1))
    ]
    pictures = [read_picture(source) for source in sources]
    black, white, brightest = (colour(picture.image)[1] for picture in pictures)
    assert black < 3 and 205 < white < 225 and brightest > 250
    transfer = {PQ: "PQ", HLG: "HLG"}[told]
    assert pictures[0].notes == [f"high dynamic range ({transfer}) tone-mapped to the usual one"]
    assert pictures[0].icc_profile is None
    assert colour(open_rgb(sources[1]))[1] == colour(glance(sources[1], 48)[0])[1] == white


def test_so_it_is_with_ten_bits(run):
    pillow_heif = pytest.importorskip("pillow_heif")
    pixels = np.full((48, 64, 3), round(WHITE[PQ] * 65_535), np.uint16)
    picture = pillow_heif.from_bytes(mode="RGB;16", size=(64, 48), data=pixels.tobytes())
    picture.save("a.heic", quality=-1, color_primaries=9, transfer_characteristics=16)
    result = run("convert", "a.heic", "b.png", "--strength", 0)
    assert result.exit_code == 0, result.output
    assert "a.heic: high dynamic range (PQ) tone-mapped to the usual one" in result.stdout
    with Image.open("b.png") as image:
        assert 205 < colour(image)[1] < 225 and "icc_profile" not in image.info


def test_of_ten_bits_in_the_usual_range_it_is_told_that_eight_are_left(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    pixels = np.full((48, 64, 3), 30_000, np.uint16)
    picture = pillow_heif.from_bytes(mode="RGB;16", size=(64, 48), data=pixels.tobytes())
    picture.save(tmp_path / "a.heic", quality=-1, color_primaries=1, transfer_characteristics=13)
    assert read_picture(tmp_path / "a.heic").notes == ["10 bits a channel reduced to 8"]


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bits_are_tone_mapped_with_all_of_them(tmp_path, channels):
    levels = np.linspace(0, 65_535, 64 * 48).astype(np.uint16).reshape(48, 64, 1)
    pixels = np.repeat(levels, channels, axis=2)
    deep_files.png(tmp_path / "a.png", pixels)
    picture = read_picture(marked(tmp_path / "a.png", PQ), deep=True)
    assert isinstance(picture.image, DeepImage)
    found = np.asarray(picture.image)
    assert (np.diff(found[..., 1].ravel().astype(int)) >= 0).all()  # no banding
    assert len(np.unique(found[..., 1])) > 2000
    assert found[..., :3].max() == 65_535 and found.min() == 0
    if channels == 4:
        np.testing.assert_array_equal(found[..., 3], pixels[..., 3])
    eight = np.asarray(read_picture(tmp_path / "a.png").image).astype(int)
    assert np.abs(eight[..., 1] - found[..., 1] / 257).max() < 6


@pytest.mark.parametrize("told", WHITE)
def test_greys_grow_brighter_step_by_step(tmp_path, told):
    ramp = Image.linear_gradient("L").convert("RGB")
    greys = np.asarray(read_picture(save(tmp_path / "a.png", ramp, told)).image).astype(int)
    assert np.ptp(greys, axis=2).max() <= 4
    steps = np.diff(greys[:, 0, 1])
    assert steps.min() >= -1 and steps.max() <= 6


def test_primaries_of_high_dynamic_range_count(tmp_path):
    image = Image.new("RGB", (64, 48), (115, 130, 115))
    greens = {}
    for primaries in (1, 9, 12, 2):
        greens[primaries] = colour(read_picture(save(tmp_path / "a.png", image, (primaries, 16))).image)
    reds = {primaries: green[0] for primaries, green in greens.items()}
    assert reds[1] > reds[12] > reds[9] == reds[2]  # the wider the gamut, the less red is in its green


def test_what_is_transparent_stays_so(tmp_path):
    image = draw_picture((64, 48)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((64, 48)))
    found = read_picture(save(tmp_path / "a.png", image, HLG)).image
    assert found.getchannel("A").tobytes() == image.getchannel("A").tobytes()


def test_of_animations_too(converted_animation):
    animation = Animation.of(converted_animation(P3))
    assert ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(animation.icc_profile)))
    source = converted_animation(PQ)
    animation = Animation.of(source)
    assert animation.notes == ("high dynamic range (PQ) tone-mapped to the usual one",)
    assert [205 < colour(frame.image)[1] < 225 for frame in animation.frames()] == [True, True]


@pytest.fixture
def converted_animation(tmp_path):
    def make(told: tuple[int, int]) -> Path:
        frames = [grey(WHITE[PQ]), grey(WHITE[PQ] + 0.01)]
        frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:], duration=100)
        return marked(tmp_path / "a.png", told)

    return make


def test_of_images_in_memory_too(tmp_path):
    pytest.importorskip("pillow_heif").register_heif_opener()
    with Image.open(save(tmp_path / "a.heic", Image.new("RGB", (64, 48), GREEN), P3)) as image:
        drawn = toonify.convert(image, strength=0)
    assert "Display P3" in ImageCms.getProfileDescription(
        ImageCms.ImageCmsProfile(io.BytesIO(drawn.info["icc_profile"]))
    )
    with Image.open(save(tmp_path / "a.heic", grey(WHITE[PQ]), PQ)) as image:
        drawn = toonify.convert(image, strength=0)
    assert 205 < colour(drawn)[1] < 225
    assert "nclx_profile" not in drawn.info  # which would say so of the cartoon


@pytest.mark.parametrize("length", [2**63, 2**64 - 1])
def test_a_box_inside_that_is_said_to_be_longer_than_any_file_tells_nothing(length):
    free = struct.pack(">L4sQ", 1, b"free", length - 64)
    assert nclx_of(struct.pack(">L4sQL", 1, b"meta", length, 0) + free) is None


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_boxes_that_are_damaged_cost_no_more_than_what_they_tell(tmp_path, place):
    source = save(tmp_path / "a.avif", Image.new("RGB", (64, 48), GREEN), P3)
    data = bytearray(source.read_bytes())
    begin = data.index(b"ipma") - 4
    data[begin + place] ^= 0xFF
    source.write_bytes(data)
    try:
        picture = read_picture(source)
    except toonify.ToonifyError:  # libavif looks at these boxes, too
        return
    assert picture.image.size == (64, 48)
