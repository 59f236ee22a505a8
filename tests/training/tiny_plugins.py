"""Plugins of a few convolutions."""

from __future__ import annotations

import keras
from keras import layers, ops

from toonify.plugins import Backbone, Generator


class Tiny(Generator):
    """Two heads that pairs can supervise: colour is the picture with a change; ink lies over it."""

    halo = 2
    multiple = 2

    def __init__(self, width: int = 4) -> None:
        self.width = width
        self._heads: dict[int, keras.Model] = {}

    def build(self) -> keras.Model:
        picture = keras.Input((None, None, 3))
        pixels = layers.Conv2D(self.width, 3, padding="same", activation="relu", name="pixels")(picture)
        colour = picture + layers.Conv2D(3, 3, padding="same", name="change")(pixels)
        ink = layers.Conv2D(1, 3, padding="same", name="ink")(pixels)
        covered = ops.sigmoid(ink)
        model = keras.Model(picture, ops.clip(colour * (1 - covered) - covered, -1, 1))
        self._heads[id(model)] = keras.Model(picture, {"colour": colour, "ink": ink})
        return model

    def heads(self, model: keras.Model) -> keras.Model:
        return self._heads[id(model)]


class Deep(Tiny):
    """With a head of another name beside the colour, which nobody has to supervise."""

    def heads(self, model: keras.Model) -> keras.Model:
        heads = super().heads(model)
        return keras.Model(heads.inputs, {"depth": heads.outputs[1], "tone": heads.outputs[0]})


class TinyBackbone(Backbone):
    """Random features."""

    default_layer = "only"
    licence = "none"

    def build(self, weights: str, layer: str) -> keras.Model:
        picture = keras.Input((None, None, 3))
        model = keras.Model(picture, layers.Conv2D(4, 3, strides=2, name=layer)(picture))
        model.trainable = False
        return model
