"""`--generator pastel`: three convolutions, whose answer is added to the photograph."""

import keras
from keras import layers, ops

from toonify.plugins import Generator, usage_error


class Pastel(Generator):
    """A small network that begins with the photograph itself.

    Args:
        width: Channels between the convolutions.
    """

    halo = 3  # pixels: one for each convolution
    multiple = 1

    def __init__(self, width: int = 16) -> None:
        if not 1 <= width <= 256:
            raise usage_error(f"width should be from 1 to 256, not {width}")
        self.width = width

    def build(self):
        picture = keras.Input((None, None, 3))
        features = picture
        for name in ("wide", "deep"):
            features = layers.Conv2D(self.width, 3, padding="same", activation="relu", name=name)(features)
        change = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros", name="change")(features)
        return keras.Model(picture, ops.clip(picture + change, -1, 1))
