"""Arrays as programs have them, brought to 8-bit RGB or RGBA, and cartoons brought back to what they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

TAKEN = "(H, W), (H, W, 1, 3 or 4), or a batch (N, H, W, 1, 3 or 4), of uint8, or of floats in [0, 1]"


def drawn_alike(array: NDArray[Any], draw: Callable[[Image.Image], Image.Image]) -> NDArray[Any]:
    """The pictures of an array, drawn, as an array of the same shape and type.

    Grey pictures are drawn in RGB, and give the brightness of what was drawn (luma, ITU-R BT.601). Floats are
    drawn with 8 bits a channel, as files are.

    Args:
        array: As `TAKEN` says; it is not changed.
        draw: What draws a Pillow image of mode RGB or RGBA, which is its own to change.

    Raises:
        ValueError: if the array is of another shape or type, or holds values that are no colours.
    """
    batch = array if array.ndim == 4 else array[np.newaxis]
    if array.ndim == 2:
        batch = batch[..., np.newaxis]
    if batch.ndim != 4 or batch.shape[3] not in (1, 3, 4) or 0 in batch.shape[1:]:
        raise ValueError(f"convert() takes arrays {TAKEN}, not {array.shape} of {array.dtype}")
    cartoons = np.empty_like(batch)
    for photo, cartoon in zip(batch, cartoons, strict=True):
        cartoon[...] = _as_given(draw(Image.fromarray(_as_bytes(photo)).copy()), cartoon)
    return cartoons.reshape(array.shape)


def _as_bytes(photo: NDArray[Any]) -> NDArray[uint8]:
    """(H, W, 3 or 4), uint8."""
    if np.issubdtype(photo.dtype, np.floating):
        values = np.rint(photo.astype(np.float64) * 255)
        if not (values.min() >= 0 and values.max() <= 255):  # nor what is not a number
            least, most = float(photo.min()), float(photo.max())
            raise ValueError(f"convert() takes floats in [0, 1], not {least:.4g} to {most:.4g}")
        photo = values.astype(np.uint8)
    if photo.dtype != np.uint8:
        raise ValueError(f"convert() takes arrays of uint8, or of floats in [0, 1], not of {photo.dtype}")
    return np.repeat(photo, 3, axis=2) if photo.shape[2] == 1 else np.ascontiguousarray(photo)


def _as_given(image: Image.Image, like: NDArray[Any]) -> NDArray[Any]:
    """(H, W, C), of the type of `like`, as its last axis has channels."""
    grey = like.shape[2] == 1
    pixels = np.asarray(image.convert("L"))[..., np.newaxis] if grey else np.asarray(image)
    return pixels if like.dtype == np.uint8 else (pixels / 255).astype(like.dtype)
