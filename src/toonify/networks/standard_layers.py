"""A network in Keras' own layers and operations alone, so that it loads where toonify is not installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from toonify.networks.blocks import Blur, LogitBlur
from toonify.networks.calm import Between, Calm
from toonify.networks.inking import Inking, Lines
from toonify.networks.layers import (
    Channels,
    DepthToSpace,
    InstanceNorm,
    NearestUpsampling,
    ReflectionPadding,
)
from toonify.networks.mean_shift import MeanShift
from toonify.networks.palettes import Palette


def in_standard_layers(model: keras.Model) -> keras.Model:
    """The same function with the same weights; a stranger's own layers stay, and so do those of Keras.

    Args:
        model: In float32. The two share the layers that stay.
    """

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        standard = STANDARD.get(type(layer), type(layer).__call__)
        return standard(layer, *arguments, **options)

    return keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)


def _inlined(layer: Any, pixels: Any) -> Any:
    """What a layer without weights does, operation by operation."""
    return layer.call(pixels)


def _with_weights(standard: layers.Layer, pixels: Any, weights: list[Any]) -> Any:
    """What a new layer makes of pixels; it has weights to be set only once it is called."""
    made = standard(pixels)
    standard.set_weights(weights)
    return made


def _upsampled(layer: NearestUpsampling, pixels: Any) -> Any:
    return layers.UpSampling2D(2, interpolation="nearest", name=layer.name)(pixels)


def _blurred(layer: Blur, pixels: Any) -> Any:
    standard = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=layer.name)
    return _with_weights(standard, pixels, layer.get_weights())


def _evened(layer: LogitBlur, logits: Any) -> Any:
    kernel = layer.kernel(logits.shape[-1])
    standard = layers.Conv2D(kernel.shape[-1], 3, padding="same", use_bias=False, name=layer.name)
    return _with_weights(standard, logits, [kernel])


def _shifted(layer: MeanShift, palette: Any) -> Any:
    kernel = layer.kernel(palette.shape[-1])
    exponent = layers.Conv2D(kernel.shape[-1], 1, use_bias=False, name=layer.name)
    shifted = layer.shifted(palette, exponent)
    exponent.set_weights([kernel])
    return shifted


def _normalised(layer: InstanceNorm, pixels: Any) -> Any:
    standard = layers.GroupNormalization(groups=-1, epsilon=layer.epsilon, name=layer.name)
    return _with_weights(standard, pixels, layer.get_weights())


def _spread(layer: DepthToSpace, pixels: Any) -> Any:
    return _in_squares(pixels, layer.name)


def _in_squares(pixels: Any, name: str) -> Any:
    """Depth to space as a transposed convolution of ones and zeros: exact, and in every version of Keras."""
    channels = pixels.shape[-1] // 4
    standard = layers.Conv2DTranspose(channels, 2, strides=2, use_bias=False, name=name)
    return _with_weights(standard, pixels, [np.eye(4 * channels).reshape(2, 2, channels, 4 * channels)])


def _painted(layer: Palette, inputs: list[Any]) -> Any:
    colours = [
        _in_squares(colour, f"{layer.name}_{name}")
        for name, colour in zip(("red", "green", "blue"), layer.squares(*inputs), strict=True)
    ]
    return ops.concatenate(colours, axis=-1)


STANDARD: Mapping[type, Callable[..., Any]] = {
    Between: _inlined,
    Blur: _blurred,
    Calm: _inlined,
    Channels: _inlined,
    DepthToSpace: _spread,
    LogitBlur: _evened,
    Inking: _inlined,
    InstanceNorm: _normalised,
    Lines: _inlined,
    MeanShift: _shifted,
    NearestUpsampling: _upsampled,
    Palette: _painted,
    ReflectionPadding: _inlined,
}
"""What stands for each of toonify's layers."""
