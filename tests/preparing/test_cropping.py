"""Which square of a picture is used."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from toonify.errors import ToonifyError
from toonify.preparing.cropping import Box, choose_box, cut
from toonify.preparing.unusable import check


def box(width: int, height: int, index: int, identity: str = "cat.jpg", *, seed: int = 0) -> Box:
    return choose_box(width, height, 64, "random", seed, identity, index)


def side(box: Box) -> int:
    assert box[2] - box[0] == box[3] - box[1]
    return box[2] - box[0]


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (64, 64), (40, 90), (4000, 65)])
def test_every_crop_is_a_square_inside_the_picture(width: int, height: int) -> None:
    for index in range(200):
        left, top, right, bottom = box(width, height, index)
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert 32 <= side((left, top, right, bottom)) <= min(width, height)


def test_center_is_the_largest_square_in_the_middle() -> None:
    assert choose_box(300, 201, 64, "center", 0, "cat.jpg", 0) == (49, 0, 250, 201)


def test_the_first_crop_is_a_largest_square() -> None:
    assert {side(box(300, 200, 0, f"{name}.jpg")) for name in range(50)} == {200}


def test_the_first_crops_lie_all_along_the_long_side() -> None:
    lefts = [box(300, 200, 0, f"{name}.jpg")[0] for name in range(300)]
    assert min(lefts) < 10 and max(lefts) > 90
    assert 40 < np.mean(lefts) < 60


def test_further_crops_see_all_scales_equally_often() -> None:
    """Log-uniform: as many between 64 and 256 as between 256 and 1024."""
    logs = [math.log(side(box(1500, 1024, index)) / 64) / math.log(16) for index in range(1, 2001)]
    counts, _ = np.histogram(logs, bins=4, range=(0, 1))
    assert counts.sum() == 2000
    assert counts.min() > 430 and counts.max() < 570


@pytest.mark.parametrize(
    ("short", "smallest"), [(1024, 64), (128, 64), (100, 50), (64, 32), (40, 32), (32, 32)]
)
def test_further_crops_are_enlarged_only_where_the_picture_is_small(short: int, smallest: int) -> None:
    sides = [side(box(2 * short, short, index)) for index in range(1, 1001)]
    assert smallest <= min(sides) <= smallest * 1.02
    assert short * 0.98 - 1 <= max(sides) <= short


def test_a_crop_depends_on_seed_identity_and_number_alone() -> None:
    assert box(1500, 1024, 3) == box(1500, 1024, 3) == (643, 400, 822, 579)
    assert (
        len({box(1500, 1024, 3), box(1500, 1024, 4), box(1500, 1024, 3, seed=1), box(1500, 1024, 3, "b")})
        == 4
    )


def test_a_picture_under_half_the_size_is_refused() -> None:
    check((32, 500), 64)
    with pytest.raises(ToonifyError, match="too small: the short side is under 32 pixels"):
        check((500, 31), 64)
    with pytest.raises(ToonifyError, match="under 33 pixels"):
        check((32, 500), 65)


def test_a_crop_of_the_right_size_is_copied_exactly() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (80, 90, 3), np.uint8)
    found = np.asarray(cut(Image.fromarray(picture), (10, 5, 74, 69), 64))
    np.testing.assert_array_equal(found, picture[5:69, 10:74])


@pytest.mark.parametrize("side", [48, 64, 130, 700])
def test_resizing_keeps_gradients_in_place(side: int) -> None:
    ramp = np.linspace(0, 255, side)[None, :, None].repeat(side, 0).repeat(3, 2)
    found = np.asarray(cut(Image.fromarray(np.rint(ramp).astype(np.uint8)), (0, 0, side, side), 64), float)
    centres = (np.arange(64) + 0.5) / 64 * side - 0.5
    expected = np.clip(centres / (side - 1), 0, 1) * 255
    assert np.abs(found[30, :, 0] - expected)[3:-3].max() <= 1.5
