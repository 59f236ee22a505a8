"""Arrays as programs have them, brought to RGB or RGBA of 8 or 16 bits, and cartoons brought back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from toonify.media import DeepImage, WholeImage

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAKEN = (
    "(H, W), (H, W, 1, 3 or 4), or a batch (N, H, W, 1, 3 or 4), of uint8 or uint16, or of floats in [0, 1]"
)
_MOST = 2**16 - 1
_CLOSE = 0.5 / 255  # how far rounding may have led a value out of [0, 1]
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def drawn_alike(array: NDArray[Any], draw: Callable[[WholeImage], WholeImage]) -> NDArray[Any]:
    """The pictures of an array, drawn, as an array of the same shape and type.

    Grey pictures are drawn in RGB, and give the brightness of what was drawn (luma, ITU-R BT.601). Floats are
    drawn with 16 bits a channel.

    Args:
        array: As `TAKEN` says; it is not changed.
        draw: What draws an image of mode RGB or RGBA, which is its own to change.

    Raises:
        TypeError: if it is no array.
        ValueError: if the array is of another shape or type, or holds values that are no colours.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"convert_batch() takes a NumPy array, not {type(array).__name__}")
    dtype = array.dtype
    array = array.astype(dtype.newbyteorder("="), copy=False)  # TIFF and FITS have the other one, too
    batch = array if array.ndim == 4 else array[np.newaxis]
    if array.ndim == 2:
        batch = batch[..., np.newaxis]
    if batch.ndim != 4 or batch.shape[3] not in (1, 3, 4) or 0 in batch.shape[1:]:
        raise ValueError(f"convert() takes arrays {TAKEN}, not {array.shape} of {array.dtype}")
    cartoons = np.empty_like(batch)
    for photo, cartoon in zip(batch, cartoons, strict=True):
        cartoon[...] = _as_given(draw(_as_image(photo)), cartoon)
    return cartoons.reshape(array.shape).astype(dtype, copy=False)


def _as_image(photo: NDArray[Any]) -> WholeImage:
    """A picture (H, W, 1, 3 or 4) as an image of its own."""
    if np.issubdtype(photo.dtype, np.floating):
        least, most = float(photo.min()), float(photo.max())
        if np.isnan(least):
            raise ValueError("convert() takes floats in [0, 1], not NaN")
        if not (least > -_CLOSE and most < 1 + _CLOSE):
            raise ValueError(f"convert() takes floats in [0, 1], not {least:.4g} to {most:.4g}")
        photo = np.rint(np.clip(photo.astype(np.float64), 0, 1) * _MOST).astype(np.uint16)
    if photo.dtype not in (np.uint8, np.uint16):
        raise ValueError(
            f"convert() takes arrays of uint8 or uint16, or of floats in [0, 1], not of {photo.dtype}"
        )
    colours = np.repeat(photo, 3, axis=2) if photo.shape[2] == 1 else photo.copy()
    return Image.fromarray(colours).copy() if colours.dtype == np.uint8 else DeepImage(colours)


def _as_given(image: WholeImage, like: NDArray[Any]) -> NDArray[Any]:
    """An image as an array of the type of `like`, with as many channels, (H, W, C)."""
    grey = like.shape[2] == 1
    if isinstance(image, Image.Image):
        return np.asarray(image.convert("L"))[..., np.newaxis] if grey else np.asarray(image)
    pixels = np.rint(image.pixels @ np.array(_LUMA))[..., np.newaxis] if grey else image.pixels
    return pixels.astype(np.uint16) if like.dtype == np.uint16 else (pixels / _MOST).astype(like.dtype)
