"""A picture's numbers, of 8 bits or 16, as the network takes them, and the network's as a picture's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.inference.padding import mirror

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


def network_input(window: NDArray[Any], height: int, width: int) -> NDArray[float32]:
    """RGB in [-1, 1], (1, height, width, 3), mirrored at the lower and right side where that is larger."""
    pixels = window[..., :3]
    most = np.iinfo(window.dtype).max
    if window.shape[2] == 4:
        # What cannot be seen often is black, and would draw outlines into what can.
        pixels = np.where(window[..., 3:] == 0, window.dtype.type(most), pixels)
    values = mirror(pixels, height, width).astype(np.float32)[np.newaxis]
    values *= 2 / most
    values -= 1
    return values


def mixed(photo: NDArray[Any], cartoon: NDArray[float32], strength: float) -> NDArray[Any]:
    """The photo's pixels, 8 or 16 bits, with RGB moved towards the cartoon's, which are in [-1, 1]."""
    most = np.iinfo(photo.dtype).max
    values = cartoon * np.float32(most / 2)
    values += np.float32(most / 2)
    if strength < 1:
        values -= photo[..., :3]
        values *= np.float32(strength)
        values += photo[..., :3]
    np.rint(values, out=values)
    np.clip(values, 0, most, out=values)
    if photo.shape[2] == 3:
        return values.astype(photo.dtype)
    made = photo.copy()
    np.copyto(made[..., :3], values.astype(photo.dtype), where=photo[..., 3:] > 0)
    return made
