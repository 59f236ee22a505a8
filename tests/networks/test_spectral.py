"""Spectral normalisation: against the singular values that NumPy finds."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from toonify.networks.spectral import SpectralConv2D


@pytest.fixture
def layer() -> SpectralConv2D:
    keras.utils.set_random_seed(0)
    layer = SpectralConv2D(5, 3, padding="same")
    layer.build((None, 8, 8, 3))
    layer.bias.assign([1.0, 2.0, 3.0, 4.0, 5.0])
    return layer


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype("float32")


def largest(kernel: np.ndarray) -> float:
    return np.linalg.svd(np.reshape(kernel, (-1, 5)), compute_uv=False)[0]


def test_the_kernel_is_divided_by_its_largest_singular_value(layer, pictures):
    kernel = np.array(layer.kernel)
    for _ in range(100):
        drawn = layer(pictures, training=True)
    expected = keras.ops.conv(pictures, kernel / largest(kernel), padding="same") + layer.bias
    np.testing.assert_allclose(drawn, expected, atol=1e-4)
    np.testing.assert_array_equal(layer.kernel, kernel)


def test_a_longer_kernel_gives_the_same(layer, pictures):
    for _ in range(100):
        before = layer(pictures, training=True)
    layer.kernel.assign(7 * layer.kernel)
    np.testing.assert_allclose(layer(pictures), before, atol=1e-4)


def test_its_vector_moves_in_training_alone(layer, pictures):
    before = np.array(layer.vector)
    layer(pictures)
    np.testing.assert_array_equal(layer.vector, before)
    layer(pictures, training=True)
    assert not np.allclose(layer.vector, before)
    assert [variable.name for variable in layer.trainable_variables] == ["kernel", "bias"]
    assert [variable.name for variable in layer.variables] == ["kernel", "bias", "vector"], "for checkpoints"
