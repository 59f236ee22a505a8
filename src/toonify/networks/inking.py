"""Layers that lay ink over colours or over paper, and what whoever converts may choose of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import layers, ops

from toonify.networks.layers import Shape, register
from toonify.plugins import Control

INK_COLOUR = (0.06, 0.04, 0.07)  # RGB in [0, 1]: a warm black
LUMA = (0.299, 0.587, 0.114)  # of RGB: ITU-R BT.601
KEPT_LUMA = -0.6  # of RGB in [-1, 1]: a dark grey, which more contrast leaves as it is

LINE = Control(-4, 4, 0, "weight of the lines: below 0 finer and fewer, above 0 bolder and more")

DRAWING_CONTROLS: Mapping[str, Control] = {
    "ink": Control(0, 2, 1, "strength of the lines: 0 is none, 1 as drawn, 2 darkest"),
    "colour": Control(0, 2, 1, "saturation of the colours: 0 is grey, 1 as drawn, 2 twice that"),
    "line": LINE,
}

LINES_CONTROLS: Mapping[str, Control] = {
    "paper": Control(0, 1, 1, "tone of the paper: 0 is black, 1 white"),
    "ink": Control(0, 1, 0, "tone of the lines: 0 is black, 1 white"),
    "line": LINE,
}


@register
class Ink(layers.Layer):
    """How much of what is below ink covers: `a = strength · σ(gain · logit + bias)`, of each pixel.

    Args:
        strength: How much at most, 0 to 1.
        gain: How sharply ink begins.
        bias: How much there is: more above 0, less below.
    """

    def __init__(self, strength: float, gain: float, bias: float, **options: Any) -> None:
        super().__init__(**options)
        self.strength = strength
        self.gain = gain
        self.bias = bias

    def get_config(self) -> dict[str, Any]:
        options = {"strength": self.strength, "gain": self.gain, "bias": self.bias}
        return {**super().get_config(), **options}


@register
class Inking(Ink):
    """Lays ink over colours: `[colour (N, H, W, 3), logits (N, H, W, 1)]` → RGB in [-1, 1].

    Args:
        strength: See `Ink`.
        gain: See `Ink`.
        bias: See `Ink`.
        saturation: How far the colours are from their grey: 1 as they come, 0 grey.
        contrast: How far their luma is from `KEPT_LUMA`: 1 as it comes.
    """

    def __init__(
        self,
        strength: float,
        gain: float,
        bias: float,
        saturation: float = 1.0,
        contrast: float = 1.0,
        **options: Any,
    ) -> None:
        super().__init__(strength, gain, bias, **options)
        self.saturation = saturation
        self.contrast = contrast

    def call(self, inputs: list[Any], controls: Mapping[str, Any] | None = None) -> Any:
        """`colour · (1 - a) + ink · a`.

        Args:
            inputs: Colour, clipped here, and logits.
            controls: `DRAWING_CONTROLS`, each of shape (). At their defaults the drawing is the same, bit
                for bit.
        """
        colour, logits = inputs
        colour = ops.clip(colour, -1.0, 1.0)
        bias = self.bias if controls is None else self.bias + _pixel(controls["line"])
        cover = ops.sigmoid(self.gain * logits + bias)
        if controls is None:
            saturation = self.saturation
            cover = self.strength * cover
        else:
            saturation = self.saturation * _pixel(controls["colour"])
            cover = ops.minimum(_scaled(cover, self.strength * _pixel(controls["ink"])), 1.0)
        if controls is not None or (saturation, self.contrast) != (1, 1):
            colour = _scaled(colour, _vividness(saturation, self.contrast))
            if self.contrast != 1:
                colour = colour + (1 - self.contrast) * KEPT_LUMA
            colour = ops.clip(colour, -1.0, 1.0)
        return with_ink(colour, cover)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "saturation": self.saturation, "contrast": self.contrast}

    def compute_output_shape(self, inputs_shape: list[Shape], controls_shape: Any = None) -> Shape:
        return inputs_shape[0]


@register
class Lines(Ink):
    """Lays ink over paper: `[logits (N, H, W, 1)]` → RGB in [-1, 1], grey."""

    def call(self, inputs: list[Any], controls: Mapping[str, Any] | None = None) -> Any:
        """`paper · (1 - a) + ink · a`, black on white.

        Args:
            inputs: Logits.
            controls: `LINES_CONTROLS`, each of shape (). At their defaults the drawing is the same, bit for
                bit.
        """
        (logits,) = inputs
        chosen = controls or {name: np.float32(control.default) for name, control in LINES_CONTROLS.items()}
        paper, ink, line = (_pixel(chosen[name]) for name in ("paper", "ink", "line"))
        cover = self.strength * ops.sigmoid(self.gain * logits + (self.bias + line))
        return (2 * paper - 1) + _scaled(cover, 2 * (ink - paper) * np.ones((1, 1, 1, 3), "float32"))

    def compute_output_shape(self, inputs_shape: list[Shape], controls_shape: Any = None) -> Shape:
        return (*inputs_shape[0][:-1], 3)


def with_ink(colour: Any, covered: Any) -> Any:
    """RGB in [-1, 1], (N, H, W, 3), with ink over the share of each pixel that is covered, (N, H, W, 1)."""
    ink = np.asarray(INK_COLOUR, "float32") * 2 - 1
    return colour + covered * ops.subtract(ink, colour)


def _pixel(number: Any) -> Any:
    """A number as a picture of one pixel, so that exporters see tensors of one rank."""
    return ops.reshape(number, (1, 1, 1, 1))


def _scaled(pixels: Any, factors: Any) -> Any:
    """Every pixel times a matrix, (1, 1, channels, channels): as a convolution, which keeps the layout.

    With a multiplication by what is not a constant, tf2onnx would transpose the whole picture to and fro.
    """
    return ops.conv(pixels, factors)


def _vividness(saturation: Any, contrast: float) -> Any:
    """The matrix that moves colours from their grey, and scales that; exactly the identity for 1 and 1."""
    colours = np.eye(3, dtype="float32").reshape(1, 1, 3, 3)
    greys = np.outer(LUMA, np.ones(3)).astype("float32").reshape(1, 1, 3, 3)
    return saturation * colours + (contrast - saturation) * greys
