"""Layers that the networks share. Each is plain tensor operations, so that every exporter knows them."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

register = keras.saving.register_keras_serializable("toonify")

Shape = tuple[Any, ...]  # of integers; `None` where it is free


def depth_to_space(pixels: Any) -> Any:
    """Spread each pixel's channels over a square of 2 × 2 pixels (Shi et al., 2016, §2.2).

    Args:
        pixels: (N, H, W, 4 · C); channel `(2 · row + column) · C + c` goes to channel `c`.

    Returns:
        (N, 2 · H, 2 · W, C).
    """
    if hasattr(ops, "depth_to_space"):  # since Keras 3.14; Python 3.10 has none newer than 3.12
        return ops.depth_to_space(pixels, 2)
    if keras.backend.backend() == "tensorflow":  # one operator, which exports as one
        import tensorflow as tf

        return tf.nn.depth_to_space(pixels, 2)
    height, width = ops.shape(pixels)[1:3]
    channels = pixels.shape[-1] // 4
    pixels = ops.reshape(pixels, (-1, width, 2, 2, channels))
    pixels = ops.transpose(pixels, (0, 2, 1, 3, 4))
    return ops.reshape(pixels, (-1, 2 * height, 2 * width, channels))


@register
class DepthToSpace(layers.Layer):
    """`depth_to_space` as a layer, (N, H, W, 4 · C) → (N, 2 · H, 2 · W, C)."""

    def call(self, pixels: Any) -> Any:
        return depth_to_space(pixels)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*_doubled(input_shape), input_shape[-1] // 4)


@register
class NearestUpsampling(layers.Layer):
    """Repeats each pixel in a 2 × 2 square, (N, H, W, C) → (N, 2 · H, 2 · W, C).

    Keras' own `UpSampling2D` forgets the number of channels in some exports. `to_onnx` writes this
    one as a single `Resize`.
    """

    def call(self, pixels: Any) -> Any:
        return depth_to_space(ops.concatenate([pixels] * 4, axis=-1))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*_doubled(input_shape), input_shape[-1])


@register
class Channels(layers.Layer):
    """The channels from `start` up to `stop`."""

    def __init__(self, start: int, stop: int, **options: Any) -> None:
        super().__init__(**options)
        self.start = start
        self.stop = stop

    def call(self, pixels: Any) -> Any:
        return pixels[..., self.start : self.stop]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.stop - self.start)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "start": self.start, "stop": self.stop}


@register
class ReflectionPadding(layers.Layer):
    """Mirrors the picture at its borders, without repeating the border pixels themselves.

    Args:
        width: Pixels to add on each side; the sides must be longer than that.
    """

    def __init__(self, width: int, **options: Any) -> None:
        super().__init__(**options)
        self.width = width

    def call(self, pixels: Any) -> Any:
        both = (self.width, self.width)
        return ops.pad(pixels, ((0, 0), both, both, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sides = (side and side + 2 * self.width for side in input_shape[1:3])
        return (input_shape[0], *sides, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "width": self.width}


@register
class InstanceNorm(layers.Layer):
    """Each channel of each picture to mean 0 and variance 1, then scaled and shifted.

    Ulyanov et al., 2016, eq. 5: `(x - mean) / √(variance + epsilon) · scale + shift`, the variance
    biased. Written out because `GroupNormalization` exports to ten times the operators. Computes in
    float32 whatever the precision around it: squares of float16 overflow.
    """

    def __init__(self, epsilon: float = 1e-5, **options: Any) -> None:
        super().__init__(**options)
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> None:
        shape = (input_shape[-1],)
        self.scale = self.add_weight(name="scale", shape=shape, initializer="ones", autocast=False)
        self.shift = self.add_weight(name="shift", shape=shape, initializer="zeros", autocast=False)

    def call(self, pixels: Any) -> Any:
        wide = ops.cast(pixels, "float32")
        centred = wide - ops.mean(wide, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(centred), axis=(1, 2), keepdims=True)
        scale = self.scale * ops.rsqrt(variance + self.epsilon)
        return ops.cast(centred * scale + self.shift, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon}


def _doubled(shape: Shape) -> Shape:
    """Batch, height and width of an upsampled picture."""
    return (shape[0], *(side and side * 2 for side in shape[1:3]))
