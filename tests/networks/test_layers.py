"""The shared layers do what their formulas say, on every Keras and in every precision."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from toonify.networks import layers
from toonify.networks.layers import DepthToSpace, InstanceNorm, NearestUpsampling, ReflectionPadding

PIXELS = np.random.default_rng(0).normal(2, 3, (2, 5, 6, 8)).astype("float32")


@pytest.fixture(params=["the operator of Keras 3.14", "older Keras", "older Keras on another backend"])
def _keras_of_any_age(request, monkeypatch):
    if "older" in request.param:
        monkeypatch.delattr(layers.ops, "depth_to_space", raising=False)
    if "another" in request.param:
        elsewhere = SimpleNamespace(backend=SimpleNamespace(backend=lambda: "jax"))
        monkeypatch.setattr(layers, "keras", elsewhere)


@pytest.mark.usefixtures("_keras_of_any_age")
def test_channels_spread_row_by_row_over_a_square():
    result = np.asarray(DepthToSpace()(PIXELS))
    assert result.shape == (2, 10, 12, 2)
    for row in range(2):
        for column in range(2):
            first = 2 * (2 * row + column)
            np.testing.assert_array_equal(result[:, row::2, column::2], PIXELS[..., first : first + 2])


@pytest.mark.usefixtures("_keras_of_any_age")
def test_upsampling_repeats_pixels():
    expected = PIXELS.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_array_equal(NearestUpsampling()(PIXELS), expected)


def test_padding_mirrors_without_the_border_itself():
    expected = np.pad(PIXELS, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="reflect")
    np.testing.assert_array_equal(ReflectionPadding(3)(PIXELS), expected)


def test_instance_norm_uses_the_biased_variance_of_each_picture_and_channel():
    norm = InstanceNorm(0.5)
    norm.build(PIXELS.shape)
    norm.scale.assign(np.arange(8.0))
    norm.shift.assign(np.full(8, 0.25))
    mean, variance = PIXELS.mean((1, 2), keepdims=True), PIXELS.var((1, 2), keepdims=True)
    expected = (PIXELS - mean) / np.sqrt(variance + 0.5) * np.arange(8) + 0.25
    np.testing.assert_allclose(norm(PIXELS), expected, atol=1e-5)


def test_instance_norm_survives_float16():
    large = (PIXELS * 1000).astype("float16")  # squares beyond 65504
    result = np.asarray(InstanceNorm(dtype="mixed_float16")(large))
    assert result.dtype == "float16"
    np.testing.assert_allclose(result.std((1, 2)), 1, atol=0.01)


@pytest.mark.parametrize("layer", [DepthToSpace(), NearestUpsampling(), ReflectionPadding(2)])
def test_shapes_are_known_before_anything_runs(layer):
    symbolic = layer(keras.Input((5, 6, 8)))
    assert tuple(symbolic.shape[1:]) == np.asarray(layer(PIXELS)).shape[1:]
