"""Another form of a network must draw what the network draws."""

from __future__ import annotations

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.inference.padding import drawn_with_margin
from toonify.inference.verification import TOLERANCE, compare, make_probes, tile_difference

MULTIPLE = 8


def original(pictures: np.ndarray) -> np.ndarray:
    """Takes multiples of 8 alone, and mixes what is far apart."""
    assert {side % MULTIPLE for side in pictures.shape[1:3]} == {0}
    return (pictures[:, ::-1, ::-1] + pictures) / 2


@pytest.fixture(scope="module")
def probes():
    return make_probes(original, MULTIPLE)


def test_the_original_is_as_it_is_itself(probes):
    assert compare(original, probes[:-1], "it").largest == 0


def test_the_last_probe_must_be_padded(probes):
    *even, odd = probes
    assert odd.odd and not any(probe.odd for probe in even)
    assert (
        compare(lambda pictures: drawn_with_margin(original, pictures, MULTIPLE), probes, "it").largest == 0
    )
    # Padding with zeros, say, does not pass.
    with pytest.raises(ToonifyError, match="it draws something other than the style"):
        compare(lambda pictures: pictures, [odd], "it")


def test_the_largest_difference_is_told(probes):
    difference = compare(lambda pictures: original(pictures) + TOLERANCE / 2, probes[:-1], "it").largest
    assert difference == pytest.approx(TOLERANCE / 2, rel=0.01)


@pytest.mark.parametrize(
    ("factor", "told"),
    [(0.9, r"the difference is 0\.\d+ of 2, and 0\.001"), (np.nan, "the difference is nan")],
    ids=["something else", "no numbers"],
)
def test_what_draws_something_else_is_refused(probes, factor, told):
    def other(pictures):
        return original(pictures) * np.float32(factor)

    with pytest.raises(ToonifyError, match=f"in X it draws something other than the model: {told}") as caught:
        compare(other, probes[:-1], "in X it", original="the model", hint="Look there.")
    assert caught.value.hint == "Look there."


def test_another_shape_is_refused(probes):
    told = r"it draws pictures of \(1, 96, 64, 1\) where the style draws"
    with pytest.raises(ToonifyError, match=told) as caught:
        compare(lambda p: original(p)[..., :1], probes[:-1], "it", hint="Look there.")
    assert caught.value.hint == "Look there."


def test_an_original_that_fails_says_so():
    def broken(pictures):
        raise ToonifyError("it is broken")

    with pytest.raises(ToonifyError, match="it is broken"):
        make_probes(broken, MULTIPLE)


def shifted(rows: int, columns: int):
    """Draws what is so many pixels below and to the right, black beyond the sides."""

    def draw(pictures: np.ndarray) -> np.ndarray:
        height, width = pictures.shape[1:3]
        margins = [(0, 0), (abs(rows),) * 2, (abs(columns),) * 2, (0, 0)]
        wide = np.pad(pictures, margins)
        top, left = abs(rows) + rows, abs(columns) + columns
        return wide[:, top : top + height, left : left + width]

    return draw


@pytest.mark.parametrize("reach", [(5, 0), (-5, 0), (0, 5), (0, -5), (3, -3)])
@pytest.mark.parametrize("multiple", [1, 2, 8])
def test_tiles_are_the_whole_where_the_halo_is_large_enough_and_only_there(reach, multiple):
    draw, needed = shifted(*reach), max(map(abs, reach))
    for halo in (needed, needed + 1, 40):
        assert tile_difference(draw, halo, multiple) == 0
    short = needed - 1 if multiple < needed else 0  # halos are rounded up to the grid
    if -(-short // multiple) * multiple < needed:
        assert tile_difference(draw, short, multiple) > 0.1


def test_what_depends_on_the_whole_picture_has_no_halo():
    assert tile_difference(lambda pictures: pictures - pictures.mean((1, 2), keepdims=True), 100, 4) > 0.01
