"""The discriminator gives raw logits of patches, each picture for itself."""

from __future__ import annotations

import numpy as np
import pytest

from toonify.networks import build_discriminator, build_feature_discriminator
from toonify.networks.layers import InstanceNorm
from toonify.networks.spectral import SpectralConv2D


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (3, 64, 48, 3)).astype("float32")


def test_a_logit_for_each_4_by_4_pixels(pictures):
    assert build_discriminator(4)(pictures).shape == (3, 16, 12, 1)


def test_its_convolutions_are_those_of_the_paper():
    model = build_discriminator()
    kernels = [layer.kernel.shape[-1] for layer in model.layers if hasattr(layer, "kernel")]
    assert kernels == [32, 64, 128, 128, 256, 256, 1]


def test_logits_are_raw(pictures):
    model = build_discriminator(4)
    model.get_layer("logits").bias.assign([100.0])
    assert np.min(model(pictures)) > 50


def test_a_picture_is_judged_without_regard_to_the_others_of_its_batch(pictures):
    model = build_discriminator(4)
    np.testing.assert_allclose(model(pictures)[:1], model(pictures[:1]), atol=1e-5)


def test_far_patches_do_not_see_each_other_but_through_the_norm(pictures):
    model = build_discriminator(4)
    changed = pictures.copy()
    changed[:, :8, :8] = 1
    difference = np.abs(model(changed) - model(pictures)).squeeze(-1)
    assert difference[:, :2, :2].mean() > 5 * difference[:, -4:, -4:].mean()


def test_it_may_be_wider_without_norm_and_spectral():
    model = build_discriminator(8, norm=False, spectral=True)
    assert [layer for layer in model.layers if isinstance(layer, InstanceNorm)] == []
    convolutions = [layer for layer in model.layers if hasattr(layer, "kernel")]
    assert all(isinstance(layer, SpectralConv2D) for layer in convolutions)
    assert [layer.filters for layer in convolutions] == [8, 16, 32, 32, 64, 64, 1]


@pytest.fixture(scope="module")
def features() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 100, (2, 12, 9, 5)).astype("float32")


def test_a_logit_for_each_point_of_a_backbones_features(features):
    model = build_feature_discriminator(5, width=2)
    assert model(features).shape == (2, 12, 9, 1)
    kernels = [layer.kernel.shape for layer in model.layers if hasattr(layer, "kernel")]
    assert kernels == [(1, 1, 5, 4), (3, 3, 4, 8), (3, 3, 8, 16), (1, 1, 16, 1)]


def test_features_are_judged_by_how_large_they_usually_are(features):
    model, tiny = (build_feature_discriminator(5, scale, width=2) for scale in (1.0, 1e-4))
    for mine, its in zip(tiny.trainable_variables, model.trainable_variables, strict=True):
        mine.assign(its)
    np.testing.assert_allclose(tiny(features * 1e-4), model(features), rtol=1e-4, atol=1e-5)
    assert np.max(np.abs(tiny(features) - model(features))) > 0.1
    tiny.set_weights(model.get_weights())  # as a checkpoint does, the scale included
    np.testing.assert_array_equal(tiny(features), model(features))


def test_a_feature_discriminator_may_have_norms_of_both_kinds():
    model = build_feature_discriminator(5, width=2, norm=True, spectral=True)
    assert sum(isinstance(layer, InstanceNorm) for layer in model.layers) == 2
    assert sum(isinstance(layer, SpectralConv2D) for layer in model.layers) == 4
