"""Colour spaces that terms compare pictures in, as Keras operations."""

from __future__ import annotations

from typing import Any

from toonify.training.terms import ops

LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in the luma Y (ITU-R BT.601-7, section 2.5.1)."""

_U, _V = 0.436 / (1 - LUMA[2]), 0.615 / (1 - LUMA[0])  # so that |U| ≤ 0.436 and |V| ≤ 0.615


def yuv(pictures: Any) -> tuple[Any, Any, Any]:
    """Y, U and V: Y = 0.299 R + 0.587 G + 0.114 B, U = 0.492 (B - Y), V = 0.877 (R - Y).

    The analogue YUV of PAL, whose factors are 0.436 / 0.886 and 0.615 / 0.701 (ITU-R BT.470-6, table 2); the
    same as `tf.image.rgb_to_yuv`, which AnimeGAN uses.

    Args:
        pictures: RGB in [-1, 1], (N, H, W, 3).

    Returns:
        Three of (N, H, W, 1), of colours in [0, 1]: Y in [0, 1], U in [-0.436, 0.436], V in
        [-0.615, 0.615].
    """
    colours = (pictures + 1) / 2
    luma = weighted(colours, LUMA)
    return luma, _U * (colours[..., 2:] - luma), _V * (colours[..., :1] - luma)


def grey(pictures: Any) -> Any:
    """The luma in all three channels, for networks that want colour: (N, H, W, 3), in [-1, 1]."""
    return in_three(weighted(pictures, LUMA))


def weighted(pictures: Any, shares: Any) -> Any:
    """The sum of the channels, each multiplied by its share: (N, H, W, 3) → (N, H, W, 1)."""
    shares = ops.convert_to_tensor(shares, pictures.dtype)
    return ops.sum(pictures * shares, axis=-1, keepdims=True)


def in_three(channel: Any) -> Any:
    """(N, H, W, 1) → (N, H, W, 3)."""
    return ops.repeat(channel, 3, axis=-1)
