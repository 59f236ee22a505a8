"""Photographs of 16 bits a channel are drawn, mixed and written with all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from deep_files import by_opencv, numbers_of, png
from drawing import chunk
from onnx import helper
from PIL import Image
from tiny_style import make_style, model_of

import toonify
from toonify.converting import Converter, tiled
from toonify.inference import tiles
from toonify.media import DeepImage, read_picture

SLOPE = np.linspace(4_000, 61_000, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint16)
"""A smooth gradient of more colours than 8 bits have."""

CORNER = """
    from toonify.plugins import Painter

    class Corner(Painter):
        def paint(self, photo, cartoon, controls):
            painted = cartoon.copy()
            painted[:8, :8] = 100
            return painted
"""


@pytest.fixture(scope="module")
def negative(tmp_path_factory) -> Path:
    """A style that draws the negative."""
    model = model_of([helper.make_node("Neg", ["picture"], ["cartoon"])], [], **{"": 17})
    return make_style(tmp_path_factory.mktemp("styles") / "negative", halo=0, multiple=1, model=model)


@pytest.fixture
def drawn(run, negative):
    """`drawn(path, "b.png", "--strength", 0.5)`: the numbers of what was written, and what was said."""

    def convert(
        photo: Path, cartoon: str, *options: object, style: Path = negative
    ) -> tuple[np.ndarray, str]:
        done = run("convert", photo, cartoon, "--style", style, *options)
        assert done.exit_code == 0, done.output
        return numbers_of(Path(cartoon)), done.stdout

    return convert


@pytest.fixture(params=["a.png", "a.tif"])
def photo(request, tmp_path) -> Path:
    return by_opencv(tmp_path / "photo" / request.param, SLOPE)


@pytest.fixture(autouse=True)
def _folder(tmp_path) -> None:
    (tmp_path / "photo").mkdir()


def test_no_bit_is_lost_on_the_way(drawn, photo):
    found, said = drawn(photo, photo.name)
    np.testing.assert_array_equal(found, 65_535 - SLOPE)
    assert "bits" not in said


def test_nor_where_it_is_cut_into_tiles(drawn, photo, monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 100)
    monkeypatch.setattr(tiles, "WINDOW", 32)
    monkeypatch.setattr(tiled, "usable_memory", lambda: 0)  # or windows are longer
    np.testing.assert_array_equal(drawn(photo, photo.name)[0], 65_535 - SLOPE)


def test_strength_mixes_with_all_bits(drawn, photo):
    np.testing.assert_array_equal(drawn(photo, f"none-{photo.name}", "--strength", 0)[0], SLOPE)
    quarter = np.rint(SLOPE + (65_535 - 2.0 * SLOPE) * 0.25)
    assert np.abs(drawn(photo, photo.name, "--strength", 0.25)[0] - quarter).max() <= 1


@pytest.mark.parametrize("strength", [1, 0.25])
def test_a_drawing_is_enlarged_with_all_bits(drawn, photo, strength):
    found, _ = drawn(photo, photo.name, "--detail", 32, "--strength", strength)
    inner = np.s_[4:-4, 4:-4]
    expected = SLOPE + (65_535 - 2.0 * SLOPE) * strength
    assert np.abs(found[inner] - expected[inner]).max() < 60
    assert len(np.unique(found)) > 2_000


def test_what_is_fully_transparent_stays(drawn, tmp_path):
    alpha = np.full((48, 64, 1), 40_000, np.uint16)
    alpha[:20] = 0
    numbers = np.concatenate([SLOPE, alpha], axis=2)
    for options in ((), ("--detail", 32)):
        found, _ = drawn(png(tmp_path / "a.png", numbers), f"b{len(options)}.png", *options)
        np.testing.assert_array_equal(found[..., 3:], alpha)
        np.testing.assert_array_equal(found[:20], numbers[:20])
        assert (found[24:, :, :3] != numbers[24:, :, :3]).all()


def test_a_colour_of_16_bits_that_is_transparent(drawn, tmp_path):
    numbers = SLOPE.copy()
    numbers[4, 4] = 257
    numbers[4, 5] = 256
    found, _ = drawn(png(tmp_path / "a.png", numbers, chunk(b"tRNS", b"\1\1" * 3)), "b.png")
    assert found[4, 4].tolist() == [257, 257, 257, 0]
    assert found[4, 5].tolist() == [65_279, 65_279, 65_279, 65_535]


def test_grey_is_drawn_in_colours(drawn, tmp_path):
    found, _ = drawn(png(tmp_path / "a.png", SLOPE[..., 0]), "b.png")
    np.testing.assert_array_equal(found, np.stack([65_535 - SLOPE[..., 0]] * 3, axis=2))


def test_a_format_of_8_bits_says_what_is_lost(drawn, photo):
    found, said = drawn(photo, "b.jpg")
    assert found.dtype == np.uint8
    assert "16 bits a channel reduced to 8" in said


def test_beside_what_a_painter_paints_all_bits_stay(drawn, install, negative, photo):
    install("acme", {"painters": {"corner": "acme:Corner"}}, acme=CORNER)
    model = model_of([helper.make_node("Neg", ["picture"], ["cartoon"])], [], **{"": 17})
    style = make_style(negative.with_name("cornered"), halo=0, multiple=1, model=model, painter="corner")
    found, _ = drawn(photo, photo.name, style=style)
    assert (found[:8, :8] == 100 * 257).all()
    np.testing.assert_array_equal(found[8:], 65_535 - SLOPE[8:])
    only, _ = drawn(photo, f"faces-{photo.name}", "--faces-only", style=style)
    np.testing.assert_array_equal(only[10:], SLOPE[10:])
    assert (only[:6, :6] == 100 * 257).all()


def test_a_comparison_has_8_bits(drawn, photo):
    drawn(photo, photo.name, "--compare")
    both = numbers_of(Path(photo.name).with_suffix(f".compare{photo.suffix}"))
    assert both.dtype == np.uint8
    assert np.abs(both[:, :64] - SLOPE / 257).max() <= 1
    assert np.abs(both[:, -64:] - (65_535 - SLOPE) / 257).max() <= 1


def test_bytes_give_bytes_of_as_many_bits(negative, photo):
    cartoon = toonify.convert(photo.read_bytes(), negative)
    np.testing.assert_array_equal(read_picture(cartoon, deep=True).image.pixels, 65_535 - SLOPE)
    image = toonify.convert(photo, negative)
    assert isinstance(image, Image.Image)


def test_arrays_keep_all_bits_too(negative):
    np.testing.assert_array_equal(toonify.convert(SLOPE, negative), 65_535 - SLOPE)
    np.testing.assert_array_equal(toonify.convert(SLOPE[..., 0], negative), 65_535 - SLOPE[..., 0])
    assert np.abs(toonify.convert(SLOPE / 65_535, negative) - (1 - SLOPE / 65_535)).max() < 1e-9


@pytest.mark.parametrize(("name", "detail"), [("style", 0), ("negative", 32)])
def test_a_style_draws_the_same_with_8_bits_and_16(request, name, detail):
    shallow = (SLOPE / 257 + 0.5).astype(np.uint8)
    deep = DeepImage(shallow.astype(np.uint16) * 257)
    converter = Converter(request.getfixturevalue(name), detail=detail)
    expected = np.asarray(converter.convert(Image.fromarray(shallow)))
    difference = np.asarray(converter.convert(deep).eight_bits()).astype(int) - expected
    assert np.abs(difference).max() <= 1
