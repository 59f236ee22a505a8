"""Mean shift over palettes: neighbours agree on their colours, so that one surface gets one tone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import layers, ops

from toonify.networks.layers import Shape, register

RADIUS = 3  # places to either side
ROUNDS = 2
NO_COLOUR = 10.0  # beyond the border; so far from [-1, 1] that nothing is near it


@register
class MeanShift(layers.Layer):
    """Each colour of a palette becomes the mean of those that are near it, in place and in colour.

    Blurring mean shift (Fukunaga and Hostetler, 1975; Cheng, 1995, §II):
    `c ← Σ w(c' - c) · c' / Σ w(c' - c)` with `w(d) = exp(-|d|² / (2 · bandwidth²))`, where `c'` is the same
    paint up to `RADIUS` places away, along the rows, then along the columns (for a filter of both at once, as
    Pham and van Vliet, 2005, do for the bilateral one), `ROUNDS` times over.

    Args:
        bandwidth: How near is near, in RGB of [-1, 1]; above 0.
    """

    def __init__(self, bandwidth: float, **options: Any) -> None:
        super().__init__(**options)
        self.bandwidth = bandwidth

    def call(self, palette: Any) -> Any:
        """(N, H, W, 3 · paints), colours in about [-1, 1], to the same."""
        kernel = self.kernel(palette.shape[-1])
        return self.shifted(palette, lambda squares: ops.conv(squares, kernel))

    def shifted(self, palette: Any, exponent: Callable[[Any], Any]) -> Any:
        """As `call`.

        Args:
            palette: As there.
            exponent: Convolves by `kernel`.
        """
        for _ in range(ROUNDS):
            for axis in (1, 2):
                palette = _along(palette, axis, exponent)
        return palette

    def kernel(self, channels: int) -> np.ndarray:
        """Of a convolution, (1, 1, channels, channels), float32, from squares of differences to what is the
        same for the three channels of a paint: their sum, by -1 / (2 · bandwidth²).
        """
        kernel = np.kron(np.eye(channels // 3), np.ones((3, 3))) / (-2 * self.bandwidth**2)
        return kernel[None, None].astype("float32")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "bandwidth": self.bandwidth}


def _along(palette: Any, axis: int, exponent: Callable[[Any], Any]) -> Any:
    def cut(pixels: Any, start: int, stop: int) -> Any:
        """Part of an axis; counted from its end where `stop` is not above 0."""
        span = [slice(None)] * 4
        span[axis] = slice(start, stop or None)
        return pixels[tuple(span)]

    padding = [(0, 0)] * 4
    padding[axis] = (RADIUS, RADIUS)
    padded = ops.pad(palette, padding, constant_values=NO_COLOUR)
    weighted, weights = palette, 1.0  # its own weight
    for away in range(1, RADIUS + 1):
        before, after = cut(padded, RADIUS - away, -RADIUS), cut(padded, RADIUS, away - RADIUS)
        between = ops.exp(exponent(ops.square(after - before)))  # of each pair, so that both have one weight
        for weight, near in (
            (cut(between, 0, -away), cut(before, 0, -away)),
            (cut(between, away, 0), cut(after, away, 0)),
        ):
            weighted += weight * near
            weights += weight
    return weighted / weights
