"""Figures against values worked out by hand, and what may choose the best checkpoint."""

from __future__ import annotations

import math

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.training.metrics import FIGURES, check_best, measurable
from toonify.training.metrics.features import distance_moved, kernel_inception_distance, pooled
from toonify.training.metrics.image_metrics import (
    change_figures,
    edge_clarity,
    flatness,
    luminance,
    picture_changes,
)
from toonify.training.metrics.measurer import rates


def cubic(x: float, y: float) -> float:
    return (x * y + 1) ** 3


def test_kid_by_hand():
    # One feature, ±1 so that the scale is 1: within the made (0, 0, 0, 0) the kernel is 1 everywhere;
    # within the wanted (1, 1, -1, -1) it is 8 for 4 of the 12 ordered pairs and 0 for the others;
    # between them it is 1.
    made, wanted = np.zeros((4, 1)), np.array([[1.0], [1.0], [-1.0], [-1.0]])
    assert kernel_inception_distance(made, wanted)[0] == pytest.approx(1 + 4 * 8 / 12 - 2)


def test_kids_kernel_divides_by_the_number_of_features():
    made, wanted = np.zeros((4, 2)), np.ones((4, 2))
    # x·y / 2 is 1 within the wanted: 8; elsewhere the kernel is 1.
    assert kernel_inception_distance(made, wanted)[0] == pytest.approx(1 + 8 - 2)


def test_kid_leaves_out_a_pictures_kernel_with_itself():
    made, wanted = np.array([[2.0], [0], [0], [0]]), np.array([[1.0], [-1], [1], [-1]])
    within_made = 1.0  # 2 meets only 0s
    within_wanted = (4 * cubic(1, 1) + 8 * cubic(1, -1)) / 12
    between = (2 * cubic(2, 1) + 2 * cubic(2, -1) + 12 * 1) / 16
    expected = within_made + within_wanted - 2 * between
    assert kernel_inception_distance(made, wanted)[0] == pytest.approx(expected)


def test_kids_error_is_the_jackknifes():
    chance = np.random.default_rng(3)
    made, wanted = chance.normal(size=(4, 2)), chance.normal(size=(4, 2)) + 1
    _, error = kernel_inception_distance(made, wanted)
    scale = np.sqrt(np.mean(wanted**2))
    order = np.random.default_rng(0)
    first, second = order.permutation(4), order.permutation(4)
    left_out = []
    for group in range(4):
        x, y = made[first != group] / scale, wanted[second != group] / scale
        pairs = [
            [
                (float(a @ b) / 2 + 1) ** 3
                for i, a in enumerate(p)
                for j, b in enumerate(q)
                if p is not q or i != j
            ]
            for p, q in ((x, x), (y, y), (x, y))
        ]
        left_out.append(np.mean(pairs[0]) + np.mean(pairs[1]) - 2 * np.mean(pairs[2]))
    deviations = np.array(left_out) - np.mean(left_out)
    assert error == pytest.approx(math.sqrt(3 / 4 * np.sum(deviations**2)))


def test_kid_of_samples_of_one_distribution_is_0_within_its_error():
    chance = np.random.default_rng(0)
    scores = []
    for _ in range(50):
        kid, error = kernel_inception_distance(chance.normal(size=(64, 8)), chance.normal(size=(64, 8)))
        scores.append(kid / error)
    assert abs(np.mean(scores)) < 0.5
    assert np.mean(np.abs(scores) < 2) > 0.9


def test_kid_grows_with_the_distance_and_does_not_hang_on_the_features_scale():
    chance = np.random.default_rng(0)
    made, wanted = chance.normal(size=(64, 8)), chance.normal(size=(64, 8))
    kids = [kernel_inception_distance(made + shift, wanted)[0] for shift in (0, 0.5, 1)]
    assert kids == sorted(kids)
    assert kernel_inception_distance(100 * made, 100 * wanted)[0] == pytest.approx(kids[0])


def test_kid_survives_features_that_are_all_0():
    assert kernel_inception_distance(np.zeros((4, 3)), np.zeros((4, 3))) == (0, 0)


def test_kid_needs_four_pictures():
    with pytest.raises(ValueError, match="4 pictures"):
        kernel_inception_distance(np.zeros((3, 2)), np.zeros((9, 2)))


def test_features_are_pooled_by_their_mean_in_full_precision():
    features = np.zeros((1, 2, 2, 2), np.float16)
    features[0, :, :, 1] = [[60000, 60000], [60000, 60000]]
    np.testing.assert_array_equal(pooled(features), [[0, 60000]])
    assert pooled(features).dtype == np.float64


def test_luminance_weighs_the_channels_as_the_eye_does():
    colours = np.array([[[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]]], np.uint8)
    np.testing.assert_allclose(luminance(colours)[0, 0], [76.245, 149.685, 29.07, 255], rtol=1e-5)


def test_edge_clarity_is_the_mean_slope_of_the_clearest_pixels():
    # 20 × 20 pixels, 5 % are 20: a step of 100 levels gives a column of 20 pixels on each side a slope of
    # 50, a ramp of 6 levels a pixel elsewhere is not among them.
    light = np.zeros((1, 20, 20), np.float32)
    light[0, :, 10:] = 100
    assert edge_clarity(light) == pytest.approx([50])
    light[0, :, 12:] += 6 * np.arange(8)
    assert edge_clarity(light) == pytest.approx([50])


def test_edge_clarity_takes_both_directions_and_each_picture_by_itself():
    light = np.zeros((3, 20, 20), np.float32)
    down, across = np.mgrid[:20, :20]
    light[1] = 3 * down + 4 * across
    light[2] = 4 * down
    assert edge_clarity(light) == pytest.approx([0, 5, 4])


def test_flatness_is_the_share_of_even_patches():
    # Of 2 × 3 patches: two of one colour, one with noise of ±1.9 levels, three with ±2.1.
    noise = np.where(np.indices((8, 8)).sum(0) % 2, 1.0, -1.0).astype(np.float32)
    light = np.full((1, 16, 24), 100, np.float32)
    light[0, :8, :8] += 1.9 * noise
    light[0, 8:] += 2.1 * np.tile(noise, 3)
    assert flatness(light) == pytest.approx([0.5])


def test_flatness_leaves_out_what_is_no_whole_patch():
    light = np.zeros((1, 12, 8), np.float32)
    light[0, 8:] = np.random.default_rng(0).uniform(0, 255, (4, 8))
    assert flatness(light) == pytest.approx([1])


def test_what_became_of_photographs_that_are_kept_or_inverted_or_lost():
    photos = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype(np.uint8)
    noise = np.random.default_rng(1).integers(0, 256, photos.shape)

    def figures(drawings: np.ndarray) -> dict[str, float]:
        return change_figures(picture_changes(drawings.astype(np.float32), photos))

    assert figures(photos) == pytest.approx({"change": 0, "likeness": 1, "contrast": 1})
    assert figures(photos / 2 + 64) == pytest.approx(
        {"change": np.abs(photos / 2 - 64).mean(), "likeness": 1, "contrast": 0.5}, rel=1e-5
    )
    assert figures(255.0 - photos)["likeness"] == pytest.approx(-1)
    assert abs(figures(noise)["likeness"]) < 0.1
    assert figures(np.full_like(photos, 100))["contrast"] == pytest.approx(0, abs=1e-6)


def test_the_least_change_counts():
    photos = np.full((2, 8, 8, 3), 100, np.uint8)
    figures = change_figures(picture_changes(photos + np.float32(0.01), photos))
    assert figures["change"] == pytest.approx(0.01, rel=1e-3)
    assert (figures["likeness"], figures["contrast"]) == (
        1,
        1,
    )  # photos of one colour have no light to change


def test_the_distance_from_ones_own_photographs_is_none_where_nothing_was_changed():
    chance = np.random.default_rng(0)
    photos, cartoons = chance.normal(size=(16, 4)), chance.normal(size=(16, 4)) + 2
    assert distance_moved(photos, photos, cartoons) == 0
    assert distance_moved(cartoons, photos, cartoons) == pytest.approx(
        kernel_inception_distance(photos, cartoons)[0], rel=0.2
    )
    half = (photos + cartoons) / 2
    assert 0 < distance_moved(half, photos, cartoons) < distance_moved(cartoons, photos, cartoons)


def test_content_is_not_said_to_be_better_the_less_it_is():
    assert "less is better" in FIGURES["kid"].words
    assert "less is better" not in FIGURES["content"].words and "not a goal" in FIGURES["content"].words


def test_rates_are_shares_above_the_losss_boundary():
    logits = {
        "real": np.array([0.4, 0.6, 2.0, -1.0]),
        "smoothed": np.array([0.1, 0.2]),
        "generated": np.array([-1.0, 0.0]),
    }
    assert rates(logits, 0.0) == {"real": 0.75, "smoothed": 1.0, "generated": 0.0}
    assert rates(logits, 0.5) == {"real": 0.5, "smoothed": 0.0, "generated": 0.0}


def test_a_critics_boundary_lies_between_its_means():
    logits = {"real": np.array([10.0, 12.0]), "smoothed": np.array([9.0, 7.0]), "generated": np.array([5.0])}
    assert rates(logits, None) == {"real": 1.0, "smoothed": 0.5, "generated": 0.0}  # 8


def test_what_can_be_measured_follows_from_what_there_is():
    light = ("change", "likeness", "contrast")
    assert measurable(["photos", "cartoons"]) == (*light, "clarity", "flatness")
    assert measurable(["photos", "backbone"]) == ("content", *light)
    assert measurable(["photos", "cartoons", "backbone"]) == (
        "content",
        "kid",
        "kid_error",
        "kid_of_photos",
        "kid_from_photos",
        *light,
        "clarity",
        "flatness",
    )
    assert measurable(["pairs", "photos"]) == light
    assert measurable(["pairs", "heads"]) == ("target", "target_of_photos", "colour", "ink")
    every = {part for figure in FIGURES.values() for part in figure.needs}
    assert measurable(every) == tuple(FIGURES)


def test_the_best_is_chosen_by_a_figure_that_ranks():
    check_best("kid", ["photos", "cartoons", "backbone"])
    with pytest.raises(ToonifyError, match=r"called 'kids'. Did you mean 'kid'?") as caught:
        check_best("kids", ["photos", "cartoons", "backbone"])
    assert "content" in caught.value.hint and "kid_error" not in caught.value.hint
    with pytest.raises(ToonifyError, match="called 'generated'"):
        check_best("generated", ["photos", "cartoons", "discriminator"])


def test_the_best_is_chosen_by_a_figure_that_the_run_can_measure():
    with pytest.raises(
        ToonifyError, match="cannot measure 'kid': it has no cartoons and no backbone"
    ) as caught:
        check_best("kid", ["photos", "pairs", "heads"])
    assert caught.value.hint == "Choices: target, colour, ink."
