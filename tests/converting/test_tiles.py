"""Windows cover a picture, and what is kept of them equals the whole, bit for bit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from drawing import draw_picture
from tiny_style import HALO, MULTIPLE

from toonify.converting import Converter, converter, tiles
from toonify.converting.tiles import longest_window, spans


@pytest.mark.parametrize(
    ("length", "halo", "multiple", "longest"),
    [
        *itertools.product([64, 72, 1000, 4096], [0, 3, 16], [8], [64, 72, 136]),
        (999, 7, 1, 100),
        (96 * 8, 96, 8, 100),  # a window must hold its halos, whatever was wished for
    ],
)
def test_windows_cover_an_axis_once(length, halo, multiple, longest):
    cover = spans(length, halo, multiple, longest)
    kept = [position for span in cover for position in range(span.keep_start, span.keep_stop)]
    assert kept == list(range(length))
    assert len({span.stop - span.start for span in cover}) == 1
    for span in cover:
        assert span.start % multiple == 0 == span.stop % multiple
        assert 0 <= span.start < span.stop <= length
        assert span.start == 0 or span.keep_start - span.start >= halo
        assert span.stop == length or span.stop - span.keep_stop >= halo


def test_windows_are_no_longer_than_wished_for_where_the_halo_allows():
    assert max(span.stop - span.start for span in spans(10_000, 96, 8, 1280)) <= 1280
    assert len(spans(1280, 96, 8, 1280)) == 1


def test_small_pictures_and_styles_without_a_halo_are_converted_whole():
    assert longest_window(1500, 1000, HALO) == 1500
    assert longest_window(20_000, 20_000, None) == 20_000
    assert longest_window(20_000, 20_000, HALO) < 2000


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 0)
    monkeypatch.setattr(tiles, "WINDOW", 64)


@pytest.mark.parametrize(
    "size", [(200, 136), (136, 200), (203, 141), (65, 333), (333, 65), (97, 16), (1, 150)]
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_tiles_equal_the_whole_bit_for_bit(style, monkeypatch, size, mode, strength):
    image = draw_picture(size).convert(mode)
    if mode == "RGBA":
        image.putalpha(draw_picture(size, 1).convert("L").point(lambda value: max(0, value - 90)))
    whole, tiled = image.copy(), image.copy()
    Converter(style).paint(whole, strength)
    monkeypatch.setattr(tiles, "WHOLE", 0)
    monkeypatch.setattr(tiles, "WINDOW", 64)
    Converter(style).paint(tiled, strength)
    assert np.array_equal(np.asarray(tiled), np.asarray(whole))
    assert not np.array_equal(np.asarray(tiled), np.asarray(image))


def test_a_halo_too_small_would_be_noticed(style, monkeypatch, small_tiles):
    image = draw_picture((200, 136))
    right, wrong = image.copy(), image.copy()
    Converter(style).paint(right)
    monkeypatch.setattr(converter, "spans", lambda length, halo, *rest: spans(length, 0, *rest))
    Converter(style).paint(wrong)
    assert not np.array_equal(np.asarray(right), np.asarray(wrong))


def test_the_network_sees_few_shapes(style, monkeypatch, small_tiles):
    seen = set()
    warm = Converter(style)
    run = warm.runtime.run
    monkeypatch.setattr(warm.runtime, "run", lambda picture: seen.add(picture.shape) or run(picture))
    warm.paint(draw_picture((501, 409)))
    assert len(seen) == 1
    ((_, height, width, _),) = seen
    assert max(height, width) <= 64
    assert (height % MULTIPLE, width % MULTIPLE) == (0, 0)


def test_copies_of_a_wide_picture_are_made_in_pieces(style, monkeypatch):
    image = draw_picture((300, 40))
    whole, pieces = image.copy(), image.copy()
    Converter(style).paint(whole)
    monkeypatch.setattr(converter, "_CHUNK", 7)
    Converter(style).paint(pieces)
    assert np.array_equal(np.asarray(pieces), np.asarray(whole))
