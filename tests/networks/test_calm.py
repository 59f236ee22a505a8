"""How calm a picture is, from place to place."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from core_ml import core_ml_program

from toonify.networks.calm import Between, Calm
from toonify.networks.standard_layers import in_standard_layers


def calm(picture: np.ndarray, deviation: float = 0.1) -> np.ndarray:
    """The shares of a grey picture in [-1, 1], (H, W), one for each 2 × 2 pixels."""
    rgb = np.repeat(picture[None, ..., None], 3, axis=-1).astype(np.float32)
    return Calm(deviation)(rgb).numpy()[0, ..., 0]


def stripes(deviation: float) -> np.ndarray:
    return np.tile([0.3 + deviation, 0.3 - deviation], (32, 16))


@pytest.mark.parametrize(
    ("deviation", "share"), [(0, 1), (0.05, 1), (0.075, 0.5), (0.09, 0.2), (0.1, 0), (0.5, 0)]
)
def test_it_fades_from_half_of_the_deviation_to_all_of_it_up_to_the_border(deviation, share):
    np.testing.assert_allclose(calm(stripes(deviation)), share, atol=1e-4)


def test_a_slope_is_as_calm_as_it_is_gentle():
    slope = np.tile(np.linspace(-1, 1, 200), (32, 1))  # a hundredth a pixel
    assert calm(slope)[:, 4:-4].min() > 0.99
    assert calm(4 * slope[:, 75:125]).max() < 1


def test_what_is_beside_something_busy_is_not_calm():
    picture = np.zeros((64, 64))
    picture[:, 32:] = 1.0
    row = calm(picture)[16]
    assert (row[:13] == 1).all() and (row[-13:] == 1).all()
    assert (row[15:17] == 0).all() and (row[14:18] < 0.5).all()


def test_colours_count_as_bright_as_they_are():
    red, black = np.array([1.0, -1, -1]), np.array([-1.0, -1, -1])
    rgb = np.where(np.arange(32)[:, None] % 2, red, black) * np.ones((1, 32, 1, 1))
    shares = Calm(0.299 / 0.75)(rgb.astype(np.float32))
    np.testing.assert_allclose(shares, np.full((1, 16, 16, 1), 0.5), atol=1e-4)


def test_in_layers_of_keras_alone_it_does_the_same():
    given = keras.Input((None, None, 3))
    share = Calm(0.15)(given)
    standard = in_standard_layers(keras.Model(given, Between()([share, 2 * share - 1, share])))
    assert not [layer for layer in standard.layers if type(layer).__module__.startswith("toonify")]
    picture = np.random.default_rng(0).uniform(-0.3, 0.3, (2, 32, 32, 3)).astype(np.float32)
    shares = Calm(0.15)(picture).numpy()
    assert 0.1 < shares.mean() < 0.9
    np.testing.assert_allclose(standard(picture), shares + shares * (shares - 1), atol=1e-6)


def test_core_ml_finds_the_same_places_calm():
    program = core_ml_program(Calm(0.15))
    from toonify.exporting.coreml.interpreter import interpret_program

    picture = np.random.default_rng(0).uniform(-0.3, 0.3, (1, 32, 24, 3)).astype(np.float32)
    (shares,) = interpret_program(program, {"given": picture}).values()
    np.testing.assert_allclose(shares, Calm(0.15)(picture), atol=1e-6)
