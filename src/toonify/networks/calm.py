"""Smoothing where a photograph is calm, such as skies and cheeks; elsewhere drawings stay as learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import layers, ops

from toonify.networks.inking import LUMA
from toonify.networks.layers import Shape, register


@register
class Calm(layers.Layer):
    """How calm a picture is around each square of 2 × 2 pixels: skies and cheeks are, their borders not.

    By the deviation of luma within 6 × 6 pixels, the largest of nine: up to half of `deviation` all is calm,
    from `deviation` on nothing.

    Args:
        deviation: Of luma in [-1, 1]; above 0. One of 0.02 is about one of 1 in L*.
    """

    def __init__(self, deviation: float, **options: Any) -> None:
        super().__init__(**options)
        self.deviation = deviation

    def call(self, picture: Any) -> Any:
        """RGB in [-1, 1], (N, H, W, 3) with even sides, to shares from 0 to 1, (N, H / 2, W / 2, 1)."""
        luma = ops.matmul(picture, np.array(LUMA, "float32")[:, None])
        moments = ops.average_pool(ops.concatenate([luma, ops.square(luma)], axis=-1), 2, strides=2)
        moments = _around(moments)
        variance = moments[..., 1:] - ops.square(moments[..., :1])
        most = ops.max_pool(ops.sqrt(ops.maximum(variance, 0.0)), 3, strides=1, padding="same")
        return _around(ops.clip(2.0 - most * (2 / self.deviation), 0.0, 1.0))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width = input_shape[:3]
        return (batch, height and height // 2, width and width // 2, 1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation}


@register
class Between(layers.Layer):
    """Between two values by a share: the first where it is 0, the second where it is 1."""

    def call(self, inputs: list[Any]) -> Any:
        """`[first, second (N, H, W, C), share (N, H, W, 1)]` → (N, H, W, C)."""
        first, second, share = inputs
        return first + share * (second - first)

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        return input_shape[0]


def where_calm(learnt: Any, even: Any, calm: Any, name: str, to_size: Any = None) -> Any:
    """What is even where a picture is calm, else what was learnt; without `calm` even everywhere.

    Args:
        learnt: (N, H, W, C).
        even: The same, made even.
        calm: What `Calm` tells; or `None`.
        name: Of the layer.
        to_size: The layer that brings `calm` to H × W, where it is of another size.
    """
    if calm is None:
        return even
    share = to_size(calm) if to_size else calm
    return Between(dtype="float32", name=name)([learnt, even, share])


def _around(pixels: Any) -> Any:
    return ops.average_pool(pixels, 3, strides=1, padding="same")
