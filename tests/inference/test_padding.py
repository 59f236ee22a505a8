"""Pictures become as large as a network needs them by their own mirror image."""

from __future__ import annotations

import numpy as np
import pytest

from toonify.inference.padding import drawn_with_margin, mirror, padded_side


@pytest.mark.parametrize(
    ("side", "multiple", "padded"), [(1, 1, 32), (33, 1, 33), (33, 8, 40), (64, 64, 64), (65, 64, 128)]
)
def test_sides_are_padded_to_the_grid_and_never_too_short(side, multiple, padded):
    assert padded_side(side, multiple) == padded


def test_the_margin_is_the_mirror_image_at_the_lower_and_right_side():
    picture = np.array([[[1], [2], [3]]])
    assert mirror(picture, 1, 5)[..., 0].tolist() == [[1, 2, 3, 3, 2]]
    assert mirror(picture, 2, 3)[..., 0].tolist() == [[1, 2, 3], [1, 2, 3]]


def test_a_margin_longer_than_the_picture_goes_back_and_forth():
    assert mirror(np.array([[[1], [2]]]), 1, 7)[..., 0].tolist() == [[1, 2, 2, 1, 1, 2, 2]]


def test_what_is_large_enough_is_not_copied():
    picture = np.zeros((4, 4, 3))
    assert mirror(picture, 4, 4) is picture


def test_a_network_draws_pictures_of_any_size():
    sizes = []

    def draw(pictures):
        sizes.append(pictures.shape)
        return pictures + 1

    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 45, 9, 3))
    np.testing.assert_array_equal(drawn_with_margin(draw, pictures, 8), pictures + 1)
    assert sizes == [(2, 48, 32, 3)]
