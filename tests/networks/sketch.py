"""A generator that draws colours and ink after one convolution, exported in a moment."""

from __future__ import annotations

import keras

from toonify.networks.blocks import InkedGenerator, convolution, drawing_heads


class Sketch(InkedGenerator):
    """What lays the ink is the same for all such generators."""

    name = "sketch"

    def __init__(
        self, ink_bias: float = -0.3, lines: bool = False, saturation: float = 1.0, contrast: float = 1.0
    ) -> None:
        super().__init__({}, 0.9, 1.3, ink_bias, lines)
        self.saturation = saturation
        self.contrast = contrast

    def build(self) -> keras.Model:
        picture = keras.Input((None, None, 3), name="picture")
        return self.inked(picture, *drawing_heads(convolution(picture, 32, "down2", strides=2), picture))
