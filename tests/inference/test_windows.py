"""Windows cover a picture, and bands give its original pixels while it is drawn over."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from toonify.inference import tiles
from toonify.inference.tiles import HALOS, bands, longest_window, spans, windows

HALO = 16


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


def test_windows_of_a_wide_halo_are_so_many_halos_long():
    assert [longest_window(20_000, 20_000, 448, halos) for halos in HALOS] == [1792, 2240, 2688, 3136, 3584]


def test_windows_of_a_picture_reach_beyond_it_where_it_must_be_padded():
    rows, columns = windows((61, 9), HALO, 8)
    assert [(span.start, span.stop) for span in rows] == [(0, 32)]
    assert [(span.start, span.stop) for span in columns] == [(0, 64)]


@pytest.mark.parametrize("chunk", [4096, 7])
def test_bands_hold_the_original_though_the_picture_is_drawn_over(monkeypatch, chunk):
    monkeypatch.setattr(tiles, "CHUNK", chunk)
    original = np.random.default_rng(0).integers(0, 256, (203, 40, 3), np.uint8)
    picture = original.copy()

    def read(box):
        left, top, right, bottom = box
        return picture[top:bottom, left:right]

    rows = spans(208, HALO, 8, 64)
    assert len(rows) > 2
    for row, band in zip(rows, bands(read, (40, 203), 3, rows, np.uint8), strict=True):
        assert np.array_equal(band, original[row.start : row.stop])
        picture[row.keep_start : row.keep_stop] = 0
    assert not picture.any()
