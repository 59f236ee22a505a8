"""Blocks of generators that draw colours and ink; none normalises, so that tiles equal the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
import numpy as np
from keras import layers, ops

from toonify.networks.inking import DRAWING_CONTROLS, LINES_CONTROLS, Inking, Lines
from toonify.networks.layers import Channels, DepthToSpace, NearestUpsampling, Shape, register
from toonify.plugins import Generator, usage_error

BINOMIAL = np.array([1, 2, 1], "float32") / 4
INK_AT_START = -2.0  # a logit: an untrained network draws next to no ink
DRAWING = "cartoon"  # the layer that puts the parts together


class InkedGenerator(Generator):
    """Draws flat colours and ink separately, then inks the colours itself.

    `picture = colour · (1 - a) + ink · a` with `a = strength · σ(gain · logit + bias)`. Each head has a
    target of its own in training; the three numbers of the ink are constants of the network, chosen by
    eye once it is trained. Whoever converts may vary `controls` around them.

    Args:
        options: Of the generator: by name, the value and the least and most that it may be; a style's
            card may come from anyone, and ask for any network.
        ink_strength: How much of the colours ink covers at most, 0 to 1.
        ink_gain: How sharply ink begins.
        ink_bias: How much ink there is: more above 0, less below.
        lines: Draw the ink alone, black on white.

    Raises:
        ToonifyError: if a value is not in its range.
    """

    name: ClassVar[str]
    saturation = 1.0  # of the colours; those of a drawing are further from grey above 1
    contrast = 1.0  # of their luma

    def __init__(
        self,
        options: Mapping[str, tuple[float, float, float]],
        ink_strength: float,
        ink_gain: float,
        ink_bias: float,
        lines: bool = False,
    ) -> None:
        for option, (value, least, most) in {**options, "ink_strength": (ink_strength, 0, 1)}.items():
            if not least <= value <= most:
                raise usage_error(
                    f"the option {option} of the generator '{self.name}' should be {least} to {most}, "
                    f"not {value}"
                )
        self.ink_strength = ink_strength
        self.ink_gain = ink_gain
        self.ink_bias = ink_bias
        self.lines = lines
        self.parts = ("ink",) if lines else ("colour", "ink")
        self.controls = LINES_CONTROLS if lines else DRAWING_CONTROLS

    def inked(self, picture: Any, colour: Any, ink: Any) -> keras.Model:
        """The network that lays ink, logits (N, H, W, 1), over colours, (N, H, W, 3); or draws it alone."""
        numbers = self.ink_strength, self.ink_gain, self.ink_bias
        if self.lines:
            drawing = Lines(*numbers, dtype="float32", name=DRAWING)([ink])
        else:
            drawing = Inking(*numbers, self.saturation, self.contrast, dtype="float32", name=DRAWING)(
                [colour, ink]
            )
        return keras.Model(picture, drawing, name=self.name)

    def heads(self, model: keras.Model) -> keras.Model:
        """`colour`, before it is clipped to [-1, 1], (N, H, W, 3); `ink`, logits, (N, H, W, 1).

        Of `lines` the ink alone.
        """
        outputs = {name: model.get_layer(name).output for name in self.parts}
        return keras.Model(model.input, outputs, name=f"{self.name}_heads")

    def laid(self, model: keras.Model) -> list[Any]:
        """What the last layer of the network lays over each other, the ink's logits last."""
        return list(keras.tree.flatten(model.get_layer(DRAWING).input))

    def controlled(self, model: keras.Model) -> keras.Model:
        """The same network, whose last layer also takes `controls`."""
        # A model within the model: its layers may be called as controls are.
        parts = keras.Model(model.input, self.laid(model), name="parts")
        picture = keras.Input((None, None, 3), name="picture")
        numbers = {name: keras.Input(batch_shape=(), name=name) for name in self.controls}
        drawing = model.get_layer(DRAWING)(parts(picture), controls=numbers)
        return keras.Model({"picture": picture, **numbers}, drawing, name=f"{self.name}_controlled")


@register
class Blur(layers.Layer):
    """Each channel with the binomial kernel (1 2 1) × (1 2 1) / 16: makes repeated pixels bilinear ones."""

    def build(self, input_shape: Shape) -> None:
        kernel = np.tile(np.outer(BINOMIAL, BINOMIAL)[..., None, None], (1, 1, input_shape[-1], 1))
        self.kernel = self.add_weight(
            name="kernel",
            shape=kernel.shape,
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(kernel, dtype),
            trainable=False,
        )

    def call(self, pixels: Any) -> Any:
        return ops.depthwise_conv(pixels, self.kernel, padding="same")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


@register
class LogitBlur(layers.Layer):
    """`Blur` by a constant, which is no weight: those of a style fit with it and without.

    Args:
        square: 2 where channels are squares of 2 × 2 pixels, four by four, of a picture that is blurred as
            a whole: one convolution takes ONNX Runtime no longer than to spread them and gather them again.
    """

    def __init__(self, square: int = 1, **options: Any) -> None:
        super().__init__(**options)
        self.square = square

    def call(self, logits: Any) -> Any:
        return ops.conv(logits, self.kernel(logits.shape[-1]), padding="same")

    def kernel(self, channels: int) -> np.ndarray:
        """Of the convolution, (3, 3, channels, channels), float32."""
        square = self.square
        weights = dict(zip((-1, 0, 1), BINOMIAL, strict=True))
        kernel = np.zeros((3, 3, square**2, square**2), "float32")
        for row, column, *source in np.ndindex(square, square, 3 * square, 3 * square):
            place, inner = np.divmod(source, square)
            away = np.subtract(source, square) - (row, column)
            weight = weights.get(away[0], 0) * weights.get(away[1], 0)
            kernel[(*place, inner[0] * square + inner[1], row * square + column)] = weight
        return np.kron(np.eye(channels // square**2, dtype="float32"), kernel)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "square": self.square}


def convolution(pixels: Any, filters: int, name: str, strides: int = 1) -> Any:
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


def residuals(pixels: Any, count: int, name: str) -> Any:
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


def upsample(pixels: Any, skip: Any, name: str, *, smooth: bool = False) -> Any:
    """To twice the size and the channels of `skip`, which is added.

    Args:
        pixels: (N, H, W, C).
        skip: (N, 2 · H, 2 · W, D).
        name: Of its layers.
        smooth: Bilinear: squares of repeated pixels would show where one pixel becomes 32.
    """
    pixels = layers.Conv2D(skip.shape[-1], 1, name=f"{name}_narrow")(pixels)
    pixels = NearestUpsampling(name=f"{name}_upsample")(pixels)
    if smooth:
        pixels = Blur(name=f"{name}_blur")(pixels)
    return layers.Add(name=f"{name}_skip")([pixels, skip])


def drawing_heads(pixels: Any, picture: Any) -> tuple[Any, Any]:
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
