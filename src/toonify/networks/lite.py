"""`lite`: a generator for pictures of any size on any machine."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from toonify.networks.layers import Channels, DepthToSpace, NearestUpsampling, Shape, register
from toonify.plugins import Generator, usage_error

WIDEST = 256  # a style's card may come from anyone, and ask for any network
INK_COLOUR = (0.06, 0.04, 0.07)  # RGB in [0, 1]: a warm black
INK_AT_START = -2.0  # a logit: an untrained network draws next to no ink


class Lite(Generator):
    """Draws flat colours and ink separately, then inks the colours itself.

    `picture = colour · (1 - a) + ink · a` with `a = strength · σ(gain · logit + bias)`. Each head has
    a target of its own in training (`heads`); the three numbers of the ink are constants of the
    network, chosen by eye once it is trained.

    An encoder to an eighth of the size and back, of inverted residuals (Sandler et al., 2018, §3.3)
    without any normalisation, so that a tile with its halo equals the same pixels of the whole.

    Args:
        width: Channels at half the size; twice and four times as many at a quarter and an eighth.
        ink_strength: How much of the colours ink covers at most, 0 to 1.
        ink_gain: How sharply ink begins.
        ink_bias: How much ink there is: more above 0, less below.

    Raises:
        ToonifyError: if `width` is below 1 or above `WIDEST`, or `ink_strength` is not 0 to 1.
    """

    # On each side a pixel sees at most 1 (first convolution, whole size) + 2 (half) + 12 + 4
    # (quarter) + 48 (eighth) + 12 (quarter) + 6 (half) pixels, and 7 more where the upsampled grids
    # meet: 92, rounded up to the grid.
    halo = 96
    multiple = 8

    def __init__(
        self,
        width: int = 24,
        ink_strength: float = 0.9,
        ink_gain: float = 1.3,
        ink_bias: float = -0.3,
    ) -> None:
        if not 1 <= width <= WIDEST:
            raise usage_error(
                f"the option width of the generator 'lite' should be 1 to {WIDEST}, not {width}"
            )
        if not 0 <= ink_strength <= 1:
            raise usage_error(
                f"the option ink_strength of the generator 'lite' should be 0 to 1, not {ink_strength}"
            )
        self.width = width
        self.ink_strength = ink_strength
        self.ink_gain = ink_gain
        self.ink_bias = ink_bias

    def build(self) -> keras.Model:
        """From RGB in [-1, 1], (N, H, W, 3) with sides that are multiples of 8, to the same."""
        width = self.width
        picture = keras.Input((None, None, 3), name="picture")
        half = _convolution(picture, width, "down2", strides=2)
        quarter = _convolution(half, 2 * width, "down4", strides=2)
        quarter = _residuals(quarter, 3, "down4")
        pixels = _convolution(quarter, 4 * width, "down8", strides=2)
        pixels = _residuals(pixels, 6, "middle8")
        pixels = _upsample(pixels, quarter, "up4")
        pixels = _residuals(pixels, 3, "up4")
        pixels = _upsample(pixels, half, "up2")
        pixels = _convolution(pixels, width, "draw1")
        pixels = _convolution(pixels, width, "draw2")
        colour, ink = _heads(pixels, picture)
        inking = Inking(self.ink_strength, self.ink_gain, self.ink_bias, dtype="float32", name="cartoon")
        return keras.Model(picture, inking([colour, ink]), name="lite")

    def heads(self, model: keras.Model) -> keras.Model:
        """`{"colour": before it is clipped to [-1, 1], (N, H, W, 3), "ink": logits, (N, H, W, 1)}`."""
        outputs = {name: model.get_layer(name).output for name in ("colour", "ink")}
        return keras.Model(model.input, outputs, name="lite_heads")


@register
class Inking(layers.Layer):
    """Lays ink over colours: `[colour (N, H, W, 3), logits (N, H, W, 1)]` → RGB in [-1, 1]."""

    def __init__(self, strength: float, gain: float, bias: float, **options: Any) -> None:
        super().__init__(**options)
        self.strength = strength
        self.gain = gain
        self.bias = bias

    def call(self, inputs: list[Any]) -> Any:
        colour, logits = inputs
        colour = ops.clip(colour, -1.0, 1.0)
        ink = np.asarray(INK_COLOUR, "float32") * 2 - 1
        return colour + self.strength * ops.sigmoid(self.gain * logits + self.bias) * (ink - colour)

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        options = {"strength": self.strength, "gain": self.gain, "bias": self.bias}
        return {**super().get_config(), **options}


def _convolution(pixels: Any, filters: int, name: str, strides: int = 1) -> Any:
    """3 × 3, zero padding, ReLU."""
    return layers.Conv2D(
        filters,
        3,
        strides=strides,
        padding="same",
        activation="relu",
        kernel_initializer="he_normal",
        name=name,
    )(pixels)


def _residuals(pixels: Any, count: int, name: str) -> Any:
    """Inverted residuals: widen to twice the channels, 3 × 3 a channel, narrow, add."""
    filters = pixels.shape[-1]
    for number in range(1, count + 1):
        stem = f"{name}_{number}"
        inner = layers.Conv2D(
            2 * filters, 1, activation="relu", kernel_initializer="he_normal", name=f"{stem}_widen"
        )(pixels)
        inner = layers.DepthwiseConv2D(
            3, padding="same", activation="relu", depthwise_initializer="he_normal", name=f"{stem}_depthwise"
        )(inner)
        inner = layers.Conv2D(filters, 1, name=f"{stem}_narrow")(inner)
        pixels = layers.Add(name=f"{stem}_add")([pixels, inner])
    return pixels


def _upsample(pixels: Any, skip: Any, name: str) -> Any:
    """To twice the size and the channels of `skip`, which is added."""
    pixels = layers.Conv2D(skip.shape[-1], 1, name=f"{name}_narrow")(pixels)
    pixels = NearestUpsampling(name=f"{name}_upsample")(pixels)
    return layers.Add(name=f"{name}_skip")([pixels, skip])


def _heads(pixels: Any, picture: Any) -> tuple[Any, Any]:
    """Colour, as a change of the picture, and ink logits; four pixels to each half-size one."""
    pixels = layers.Conv2D(
        16,
        3,
        padding="same",
        kernel_initializer=keras.initializers.VarianceScaling(1e-3),
        bias_initializer=keras.initializers.Constant(np.tile([0.0, 0.0, 0.0, INK_AT_START], 4)),
        name="head",
    )(pixels)
    pixels = DepthToSpace(dtype="float32", name="head_pixels")(pixels)
    change = Channels(0, 3, dtype="float32", name="change")(pixels)
    colour = layers.Add(dtype="float32", name="colour")([picture, change])
    return colour, Channels(3, 4, dtype="float32", name="ink")(pixels)
