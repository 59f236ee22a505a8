"""Large pictures are drawn smaller where asked for, and come out at their own size."""

import json

import numpy as np
import pytest
from drawing import draw_picture
from PIL import Image
from tiny_style import make_style

from toonify.converting import Converter
from toonify.converting.detail import composite, drawing_size, reduce


@pytest.mark.parametrize(
    ("size", "detail", "drawn"),
    [
        ((4000, 3000), 1000, (1155, 866)),  # as many pixels as the square
        ((20_000, 5_000), 1000, (2000, 500)),  # a panorama keeps its shape
        ((60_000, 900), 544, (18_133, 272)),  # and is not reduced to a line
        ((100, 4_000), 64, (32, 1280)),
        ((640, 480), 1000, (640, 480)),  # not enlarged unless the style says so
        ((4000, 3000), 0, (4000, 3000)),
        ((40_000, 1), 32, (40_000, 1)),
    ],
)
def test_a_drawing_has_the_pixels_of_the_square(size, detail, drawn):
    assert drawing_size(size, detail) == drawn


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        ((200, 150), (400, 300)),  # not further
        ((800, 600), (1155, 866)),  # to as many pixels as the square
        ((4000, 3000), (1155, 866)),
        ((8000, 400), (8000, 400)),  # the shape of a panorama enlarges nothing
        ((1, 1), (2, 2)),
    ],
)
def test_small_pictures_are_drawn_enlarged_where_the_style_says_so(size, drawn):
    assert drawing_size(size, 1000, enlarge=2) == drawn
    assert drawing_size(size, 0, enlarge=2) == size  # every pixel, and no more


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_bands_have_no_seams(monkeypatch, mode):
    drawing = draw_picture((70, 43)).convert(mode)
    layers = []
    for rows in (130, 13, 7):
        monkeypatch.setattr("toonify.media.bands.PIXELS", 210 * rows)
        image = draw_picture((210, 130)).convert(mode)
        composite(image, drawing, 1.0)
        layers.append(np.asarray(image).astype(int))
    at_once, thirteen, seven = layers
    assert np.abs(thirteen - seven).max() <= 1
    assert np.abs(at_once - seven).mean() < 0.5  # Pillow places parts of a picture to 0.03 pixels


def test_strength_mixes_the_enlarged_drawing_with_the_photograph():
    photo, drawing = Image.new("RGB", (64, 64), (200, 100, 0)), Image.new("RGB", (32, 32), (0, 0, 100))
    composite(photo, drawing, 0.25)
    assert photo.getpixel((30, 30)) == (150, 75, 25)


def test_transparency_is_kept_at_full_detail():
    photo = Image.new("RGBA", (64, 64), (10, 20, 30, 0))
    photo.paste((200, 0, 0, 255), (0, 0, 33, 64))
    composite(photo, reduce(photo, (32, 32)), 1.0)
    assert photo.getpixel((50, 5)) == (10, 20, 30, 0)
    assert photo.getpixel((32, 5))[3] == 255
    assert photo.getpixel((5, 5)) == (200, 0, 0, 255)


def test_a_large_picture_is_drawn_smaller_and_a_small_one_as_it_is(style):
    small, large = draw_picture((40, 48)), draw_picture((160, 192))
    full, coarse = Converter(style), Converter(style, detail=64)
    assert same(full.convert(small), coarse.convert(small))
    drawn = coarse.convert(large)
    assert drawn.size == large.size
    assert not same(full.convert(large), drawn)
    smaller = reduce(large, drawing_size(large.size, 64))
    by_hand = large.copy()
    composite(by_hand, full.convert(smaller), 1.0)
    assert same(by_hand, drawn)


def test_the_style_says_at_what_size_it_draws_best(tmp_path):
    make_style(tmp_path / "style")
    card = tmp_path / "style" / "style.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"detail": 64}))
    assert Converter(tmp_path / "style").detail == 64
    assert Converter(tmp_path / "style", detail=0).detail == 0


def test_a_small_picture_is_drawn_enlarged_and_keeps_its_size(style, tmp_path):
    make_style(tmp_path / "style")
    card = tmp_path / "style" / "style.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"detail": 64, "enlarge": 1.5}))
    small = draw_picture((32, 40))
    drawn = Converter(tmp_path / "style").convert(small)
    by_hand = small.copy()
    composite(by_hand, Converter(style).convert(reduce(small, (48, 60))), 1.0)
    assert drawn.size == small.size
    assert same(drawn, by_hand)
    assert not same(drawn, Converter(style).convert(small))


@pytest.mark.parametrize("detail", ["1", "31", "-5"])
def test_a_senseless_detail_is_refused(run, picture_file, style, tmp_path, detail):
    photo = picture_file(tmp_path / "a.png")
    result = run("convert", photo, tmp_path / "b.png", "--style", style, "--detail", detail)
    assert result.exit_code == 2
    assert not (tmp_path / "b.png").exists()


def test_a_damaged_card_is_refused(run, picture_file, tmp_path):
    make_style(tmp_path / "style")
    card = tmp_path / "style" / "style.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"detail": 7}))
    photo = picture_file(tmp_path / "a.png")
    result = run("convert", photo, tmp_path / "b.png", "--style", tmp_path / "style")
    assert result.exit_code == 1
    assert "detail should be 0, or 32 to 32768, not 7" in result.output


def same(one, other):
    return np.array_equal(np.asarray(one), np.asarray(other))
