"""Sides that a network takes, and pictures brought to them by a mirrored margin that is cut off again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMALLEST = 32
"""Sides are at least this many pixels long: networks that pad by reflection need them."""

Number = TypeVar("Number", bound=np.generic)


def round_up(length: int, multiple: int) -> int:
    """The next multiple at or above `length`."""
    return -(-length // multiple) * multiple


def padded_side(side: int, multiple: int) -> int:
    """How long a side becomes that a network takes."""
    return round_up(max(side, SMALLEST), multiple)


def mirror(pictures: NDArray[Number], height: int, width: int) -> NDArray[Number]:
    """Pictures, (..., H, W, channels), made longer by their mirror image at the lower and right side.

    A margin longer than the picture itself goes back and forth.
    """
    missing = (height - pictures.shape[-3], width - pictures.shape[-2])
    if not any(missing):
        return pictures
    margins: list[tuple[int, int]] = [(0, 0)] * pictures.ndim
    margins[-3:-1] = [(0, rows_or_columns) for rows_or_columns in missing]
    return np.pad(pictures, margins, mode="symmetric")


def drawn_with_margin(
    draw: Callable[[NDArray[Number]], NDArray[Number]], pictures: NDArray[Number], multiple: int
) -> NDArray[Number]:
    """What a network makes of pictures, (N, H, W, 3), of any size.

    Args:
        draw: A function on pictures whose sides are multiples of `multiple`.
        pictures: Of any size.
        multiple: As the style's card says.
    """
    height, width = pictures.shape[1:3]
    padded = mirror(pictures, padded_side(height, multiple), padded_side(width, multiple))
    return draw(padded)[:, :height, :width]
