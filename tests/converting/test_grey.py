"""Photographs without colours, in styles whose card says `keeps_grey`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import Image
from tiny_style import CONTROLS, controlled_network, make_style

import toonify
from toonify.converting import Converter
from toonify.converting.grey import has_no_colours, is_grey
from toonify.media import DeepImage


def painted_style(folder: Path, *, keeps_grey: bool) -> Path:
    """A style that draws nothing where its control `colour` is 0, as the tiny one does with `gain`."""
    model = controlled_network()
    model.graph.input[1].name = model.graph.node[-3].input[1] = "colour"
    controls = {"colour": CONTROLS["gain"], "shift": CONTROLS["shift"]}
    return make_style(folder, model=model, controls=controls, keeps_grey=keeps_grey)


@pytest.fixture
def keeping(tmp_path) -> Path:
    return painted_style(tmp_path / "keeping", keeps_grey=True)


@pytest.fixture
def grey() -> Image.Image:
    return draw_picture((96, 64)).convert("L").convert("RGB")


def test_a_grey_photograph_is_drawn_without_colour(keeping, grey):
    drawn = toonify.convert(grey, keeping, controls={"shift": 0.5})
    assert drawn.getextrema() == ((191, 191),) * 3  # half as light again, and nothing else


def test_not_so_one_with_a_spot_of_colour(keeping, grey):
    grey.putpixel((95, 63), (200, 100, 100))
    assert np.ptp(np.asarray(toonify.convert(grey, keeping))) > 100


def test_nor_in_a_style_that_does_not_say_so(tmp_path, grey):
    drawn = toonify.convert(grey, painted_style(tmp_path / "painting", keeps_grey=False))
    assert np.ptp(np.asarray(drawn)) > 100


def test_nor_in_one_without_the_control(tmp_path, grey):
    assert np.ptp(np.asarray(toonify.convert(grey, make_style(tmp_path / "a", keeps_grey=True)))) > 100


def test_of_a_film_it_goes_frame_by_frame(keeping, grey):
    converter = Converter(keeping)
    assert np.ptp(converter.draw(np.asarray(grey))) == 0
    assert np.ptp(converter.draw(np.asarray(draw_picture((96, 64))))) > 100


GREY = np.arange(64, dtype=np.uint8).reshape(8, 8, 1).repeat(3, 2)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (GREY, True),
        (GREY + np.uint8([0, 8, 0]), True),  # as a codec of films rounds it
        (GREY + np.uint8([0, 9, 0]), False),
        (np.dstack([GREY + np.uint8([90, 0, 0]), GREY[..., :1] * 0]), True),  # colours that nobody sees
        (np.dstack([GREY + np.uint8([9, 0, 0]), GREY[..., :1] * 0 + 1]), False),
        (GREY * np.uint16(257) + np.uint16([0, 2056, 0]), True),
        (GREY * np.uint16(257) + np.uint16([0, 2057, 0]), False),
    ],
)
def test_what_is_grey(pixels, expected):
    assert has_no_colours(pixels) == expected


@pytest.mark.parametrize("row", [0, 63, 64, 199])
def test_a_picture_is_grey_if_all_of_it_is(row):
    deep = np.full((200, 3, 3), 30_000, np.uint16)
    whole = np.full((200, 3, 3), 128, np.uint8)
    assert is_grey(Image.fromarray(whole))
    assert is_grey(DeepImage(deep))
    deep[row, 2, 1], whole[row, 2, 1] = 50_000, 200
    assert not is_grey(Image.fromarray(whole))
    assert not is_grey(DeepImage(deep))
