"""Both sides of each game, against values worked out by hand from its paper."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from toonify.losses.gan import GAN
from toonify.losses.hinge import Hinge
from toonify.losses.lsgan import LSGAN
from toonify.losses.wgan import WGAN
from toonify.losses.wgan_gp import WGANGP
from toonify.networks import build_discriminator
from toonify.plugins import ToonifyError, create
from toonify.training.engines.tensorflow import TensorFlowEngine


def logits(*values: float) -> np.ndarray:
    """(2, 1, n/2, 1)"""
    return np.array(values, "float32").reshape(2, 1, -1, 1)


REAL, SMOOTHED, DRAWN = logits(2, 0), logits(-1, 1), logits(3, -3)


def test_gan_is_binary_cross_entropy_and_adds_the_kinds_of_fakes():
    def real(logit):
        return -math.log(1 / (1 + math.exp(-logit)))

    def fake(logit):
        return -math.log(1 - 1 / (1 + math.exp(-logit)))

    expected = (real(2) + real(0)) / 2 + (fake(-1) + fake(1)) / 2 + (fake(3) + fake(-3)) / 2
    assert float(GAN().discriminator(REAL, SMOOTHED, DRAWN)) == pytest.approx(expected, rel=1e-6)
    assert float(GAN().generator(DRAWN)) == pytest.approx((real(3) + real(-3)) / 2, rel=1e-6)


def test_gan_starts_at_log_2_for_each_kind_when_it_knows_nothing():
    nothing = logits(0, 0)
    assert float(GAN().discriminator(nothing, nothing, nothing)) == pytest.approx(3 * math.log(2))


def test_gan_stays_finite_where_a_sigmoid_would_round_to_1():
    certain = logits(200, 200)
    assert float(GAN().discriminator(-certain, certain)) == pytest.approx(400)


def test_lsgan_is_half_the_squared_distance_to_1_and_0():
    # real: ½ · mean(1, 1) = ½; smoothed: ½ · mean(1, 1) = ½; drawn: ½ · mean(9, 9) = 4.5
    assert float(LSGAN().discriminator(REAL, SMOOTHED, DRAWN)) == pytest.approx(0.5 + 0.5 + 4.5)
    # ½ · mean((3 - 1)², (-3 - 1)²) = ½ · (4 + 16) / 2
    assert float(LSGAN().generator(DRAWN)) == pytest.approx(5)


def test_lsgan_does_not_squash_logits():
    assert float(LSGAN().generator(logits(1, 1))) == 0
    assert float(LSGAN().generator(logits(11, 11))) == pytest.approx(50)


@pytest.mark.parametrize("loss", [WGAN(), WGANGP()])
def test_a_critics_loss_is_the_difference_of_mean_scores(loss):
    # mean of fakes (0 + 0) / 2 - mean of reals 1
    assert float(loss.discriminator(REAL, SMOOTHED, DRAWN)) == pytest.approx(-1)
    assert float(loss.generator(logits(3, -1))) == pytest.approx(-1)


@pytest.mark.parametrize("fakes", [1, 3])
def test_it_cannot_be_lowered_by_shifting_every_score(fakes):
    before = WGAN().discriminator(REAL, *[DRAWN] * fakes)
    after = WGAN().discriminator(REAL + 100, *[DRAWN + 100] * fakes)
    assert float(after) == pytest.approx(float(before), abs=1e-4)


def test_wgan_clips_every_weight_of_the_critic():
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    for weight in critic.trainable_variables:
        weight.assign(keras.ops.ones_like(weight) * -5)
    WGAN(clip=0.25).constrain(critic)
    for weight in critic.trainable_variables:
        np.testing.assert_array_equal(weight, np.full(weight.shape, -0.25))


def test_hinge_asks_no_more_than_1_on_either_side():
    # real: mean(0, 1); smoothed: mean(0, 2); drawn: mean(4, 0)
    assert float(Hinge().discriminator(REAL, SMOOTHED, DRAWN)) == pytest.approx(0.5 + 1 + 2)
    assert float(Hinge().discriminator(logits(1, 9), logits(-1, -9))) == 0
    assert float(Hinge().generator(logits(3, -1))) == pytest.approx(-1)


def slope_of(function, x):
    """Of the critic below and whatever is made of its mean, as an engine would find it."""
    more = function(x + np.float32([1, 0, 0])) - function(x)  # of a slope of 3
    return np.broadcast_to(SLOPE, x.shape) / 4 * float(more[0]) / 3


SLOPE = np.array([3.0, 4.0, 0.0], "float32")


def linear_critic(pictures, training):
    """The sum of a picture's channels, weighted, on each patch: four of them in 2 × 2 pixels."""
    assert training
    return keras.ops.sum(pictures * SLOPE, axis=-1, keepdims=True)


def test_the_gradient_penalty_is_the_distance_of_the_slopes_norm_from_1():
    # A score is the mean of 4 patches: each pixel's slope is (3, 4, 0) / 4, and all four have the norm
    # √(4 · 25 / 16) = 2.5 together. λ · (2.5 - 1)²
    seen = []
    penalty = WGANGP(weight=2.0).penalty(
        linear_critic,
        np.full((2, 2, 2, 3), 1.0, "float32"),
        np.full((2, 2, 2, 3), -1.0, "float32"),
        gradient=lambda function, x: seen.append(x) or slope_of(function, x),
        epsilon=np.array([0.25, 1.0], "float32").reshape(2, 1, 1, 1),
    )
    assert float(penalty) == pytest.approx(2 * 1.5**2, rel=1e-5)
    # Between real and generated: a quarter of the first, all of the second.
    np.testing.assert_allclose(seen[0][0], -0.5)
    np.testing.assert_allclose(seen[0][1], 1.0)


def test_the_penalty_has_a_derivative_in_float16():
    engine, losses = TensorFlowEngine(), {}
    real, fake = np.random.default_rng(0).uniform(-1, 1, (2, 2, 64, 64, 3)).astype("float32")
    for precision in ("float32", "mixed_float16"):
        keras.utils.set_random_seed(0)
        keras.config.set_dtype_policy(precision)
        critic = build_discriminator(4)
        keras.config.set_dtype_policy("float32")

        def scaled(critic=critic):  # as `LossScaleOptimizer` begins
            between = keras.ops.convert_to_tensor(np.full((2, 1, 1, 1), 0.5, "float32"))
            return 2.0**15 * WGANGP().penalty(
                critic, real, fake, gradient=engine.input_gradient, epsilon=between
            ), None

        _, slopes = engine.value_and_grad(scaled, critic.trainable_variables)
        losses[precision] = np.concatenate([np.ravel(slope) for slope in slopes if slope is not None])
    exact, half = losses.values()
    assert np.linalg.norm(half - exact) < 0.1 * np.linalg.norm(exact)


@pytest.mark.parametrize("weight", [0, -1, math.nan])
def test_a_penalty_needs_a_weight(weight):
    with pytest.raises(ToonifyError, match="weight of the loss 'wgan-gp' should be above 0"):
        create("losses", "wgan-gp", {"weight": weight})


@pytest.mark.parametrize("loss", [GAN(), Hinge(), LSGAN()])
def test_at_its_boundary_a_patch_is_as_likely_real_as_not(loss):
    """There it costs the same to take a real one for a fake as the other way round, by however much."""
    for off in (0.25, 1.5):
        above, below = logits(loss.boundary + off, loss.boundary + off), logits(*[loss.boundary - off] * 2)
        assert float(loss.discriminator(above, above)) == pytest.approx(
            float(loss.discriminator(below, below))
        )
        assert loss.discriminator(above, below) < loss.discriminator(below, above)


@pytest.mark.parametrize("loss", [WGAN(), WGANGP()])
def test_scores_of_a_critic_have_no_boundary(loss):
    assert all(float(loss.discriminator(logits(x, x), logits(x, x))) == 0 for x in (-5, 0, 0.5, 5))
    assert loss.boundary is None


@pytest.mark.parametrize("clip", [0, -1, math.nan])
def test_wgan_needs_room_between_the_clips(clip):
    with pytest.raises(ToonifyError, match="clip of the loss 'wgan' should be above 0"):
        create("losses", "wgan", {"clip": clip})
