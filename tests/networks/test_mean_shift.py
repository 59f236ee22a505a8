"""Neighbouring palettes agree on their colours, and keep apart what is apart."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from core_ml import core_ml_program

from toonify.networks.mean_shift import RADIUS, ROUNDS, MeanShift
from toonify.networks.standard_layers import in_standard_layers


@pytest.fixture(scope="module")
def palettes() -> np.ndarray:
    """Of two paints: the first light on the left and dark on the right, the second grey all over; noisy."""
    palette = np.zeros((2, 12, 16, 6), np.float32)
    palette[:, :, :8, :3], palette[:, :, 8:, :3] = 0.8, -0.8
    return palette + np.random.default_rng(0).normal(0, 0.05, palette.shape).astype(np.float32)


def shifted(palettes: np.ndarray, bandwidth: float = 0.3) -> np.ndarray:
    return MeanShift(bandwidth)(palettes).numpy()


def test_what_is_near_becomes_one_tone_and_what_is_far_stays_apart(palettes):
    flat = shifted(palettes)
    for area in (np.s_[:, :, :8, :3], np.s_[:, :, 8:, :3], np.s_[..., 3:]):
        assert flat[area].std() < 0.3 * palettes[area].std()
        np.testing.assert_allclose(flat[area].mean(), palettes[area].mean(), atol=0.01)


def test_a_narrow_bandwidth_leaves_palettes_as_they_are(palettes):
    np.testing.assert_allclose(shifted(palettes, 1e-3), palettes, atol=1e-6)


def test_the_border_is_no_colour(palettes):
    one = np.broadcast_to(palettes[:1, :1, :1], (1, 4, 4, 6))
    np.testing.assert_allclose(shifted(one, 1.0), one, atol=1e-6)


def test_it_reaches_as_far_as_it_says():
    palette = np.zeros((1, 1, 40, 3), np.float32)
    palette[0, 0, 20] = 0.1
    reached = np.flatnonzero(shifted(palette, 1.0).max((0, 1, 3)))
    assert (reached[0], reached[-1]) == (20 - RADIUS * ROUNDS, 20 + RADIUS * ROUNDS)


def test_paints_do_not_look_at_each_other(palettes):
    alone = shifted(palettes[..., :3])
    np.testing.assert_allclose(shifted(palettes)[..., :3], alone, atol=1e-6)


def test_in_layers_of_keras_alone_it_does_the_same(palettes):
    given = keras.Input((None, None, 6))
    standard = in_standard_layers(keras.Model(given, MeanShift(0.3)(given)))
    assert not [layer for layer in standard.layers if type(layer).__module__.startswith("toonify")]
    np.testing.assert_allclose(standard(palettes), shifted(palettes), atol=1e-6)


def test_core_ml_has_its_operators():
    ct = pytest.importorskip("coremltools")
    # The passes take long, and are tested with whole styles.
    program = core_ml_program(MeanShift(0.3), pass_pipeline=ct.PassPipeline.EMPTY)
    assert {each.op_type for each in program.operations} >= {"exp", "real_div"}
