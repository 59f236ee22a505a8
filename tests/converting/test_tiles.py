"""What is converted in tiles equals the whole, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import draw_picture
from tiny_style import MULTIPLE

from toonify.converting import Converter, tiled
from toonify.inference import tiles
from toonify.inference.tiles import HALOS, spans
from toonify.media import decoding_memory


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 0)
    monkeypatch.setattr(tiles, "WINDOW", 64)
    monkeypatch.setattr(tiled, "usable_memory", lambda: 0)  # or windows are longer


@pytest.mark.parametrize(
    "size", [(200, 136), (136, 200), (203, 141), (65, 333), (333, 65), (97, 16), (1, 150)]
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_tiles_equal_the_whole_bit_for_bit(style, monkeypatch, size, mode, strength):
    image = draw_picture(size).convert(mode)
    if mode == "RGBA":
        image.putalpha(draw_picture(size, 1).convert("L").point(lambda value: max(0, value - 90)))
    whole = Converter(style).convert(image, strength)
    monkeypatch.setattr(tiles, "WHOLE", 0)
    monkeypatch.setattr(tiles, "WINDOW", 64)
    monkeypatch.setattr(tiled, "usable_memory", lambda: 0)  # or windows are longer
    in_tiles = Converter(style).convert(image, strength)
    assert np.array_equal(np.asarray(in_tiles), np.asarray(whole))
    assert not np.array_equal(np.asarray(in_tiles), np.asarray(image))


def test_a_halo_too_small_would_be_noticed(style, monkeypatch, small_tiles):
    image = draw_picture((200, 136))
    right = Converter(style).convert(image)
    monkeypatch.setattr(tiles, "spans", lambda length, halo, *rest: spans(length, 0, *rest))
    wrong = Converter(style).convert(image)
    assert not np.array_equal(np.asarray(right), np.asarray(wrong))


@pytest.mark.parametrize(("memory", "halos"), [(0, HALOS[0]), (2**40, HALOS[-1])])
def test_with_more_memory_windows_are_longer_and_drawings_the_same(style, monkeypatch, memory, halos):
    image = draw_picture((501, 409))
    whole = Converter(style).convert(image)
    monkeypatch.setattr(tiles, "WINDOW", 0)
    monkeypatch.setattr(tiles, "WHOLE", 0)
    monkeypatch.setattr(tiled, "usable_memory", lambda: memory)
    converter, sides = Converter(style), set()
    run = converter.runtime.run
    monkeypatch.setattr(
        converter.runtime, "run", lambda picture, controls: sides.update(picture.shape[1:3]) or run(picture)
    )
    assert np.array_equal(np.asarray(converter.convert(image)), np.asarray(whole))
    halo = converter.style.manifest.halo
    assert (halos - 1) * halo < max(sides) <= halos * halo


def test_the_network_sees_few_shapes(style, monkeypatch, small_tiles):
    seen = set()
    warm = Converter(style)
    run = warm.runtime.run
    monkeypatch.setattr(
        warm.runtime, "run", lambda picture, controls: seen.add(picture.shape) or run(picture)
    )
    warm.convert(draw_picture((501, 409)))
    assert len(seen) == 1
    ((_, height, width, _),) = seen
    assert max(height, width) <= 64
    assert (height % MULTIPLE, width % MULTIPLE) == (0, 0)


def test_tiles_bound_the_memory_and_wholes_do_not(style, whole_style):
    tiled, whole = Converter(style), Converter(whole_style)
    small, large = (10_000, 10_000), (20_000, 20_000)
    assert tiled.memory_needed(large) - tiled.memory_needed(small) == decoding_memory((1, 300_000_000))
    assert whole.memory_needed(large) == pytest.approx(4 * whole.memory_needed(small), rel=0.01)


def test_copies_of_a_wide_picture_are_made_in_pieces(style, monkeypatch):
    image = draw_picture((300, 40))
    whole = Converter(style).convert(image)
    monkeypatch.setattr(tiles, "CHUNK", 7)
    pieces = Converter(style).convert(image)
    assert np.array_equal(np.asarray(pieces), np.asarray(whole))
