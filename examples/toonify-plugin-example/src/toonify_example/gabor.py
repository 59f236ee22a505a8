"""`--backbone gabor`: features that are computed, so there is nothing to download."""

import keras
import numpy as np

from toonify.plugins import Backbone, unknown, usage_error

STRIDES = {"fine": 1, "coarse": 4}
OPPONENTS = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / 3  # lightness, red-green, yellow-blue


class Gabor(Backbone):
    """Mean colour, and edges in four directions, of a lightness and two colour channels."""

    default_layer = "fine"
    licence = "Apache-2.0"

    def build(self, weights, layer):
        if weights not in ("imagenet", "none"):
            raise usage_error("the backbone 'gabor' takes no weights", "Leave out `backbone_weights`.")
        if layer not in STRIDES:
            raise unknown("layer of the backbone 'gabor' called", layer, STRIDES)
        kernel = np.einsum("hwf,oc->hwcof", filters(), OPPONENTS).reshape(9, 9, 3, -1)
        convolution = keras.layers.Conv2D(
            kernel.shape[-1], 9, STRIDES[layer], padding="same", use_bias=False, name=layer
        )
        picture = keras.Input((None, None, 3))
        model = keras.Model(picture, convolution(picture))
        convolution.set_weights([kernel])
        model.trainable = False
        return model


def filters():
    """A Gaussian and four sine waves under it, (9, 9, 5)."""
    y, x = np.mgrid[-4:5, -4:5]
    bump = np.exp(-(x**2 + y**2) / 8)
    angles = np.arange(4) * np.pi / 4
    waves = [bump * np.sin((x * np.cos(angle) + y * np.sin(angle)) * np.pi / 3) for angle in angles]
    return np.stack([wave / np.abs(wave).sum() for wave in (bump, *waves)], -1)
