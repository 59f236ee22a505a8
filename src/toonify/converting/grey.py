"""Photographs without colours, to which a network would add spots of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.media import WholeImage, row_bands

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NOISE = 8 / 255
"""By how much the channels of a grey pixel may differ, of the most that they may be: where codecs round a
colour difference to its neighbour, as those of films do, they differ by up to 4."""

_ROWS = 64
"""Looked at together: of a photograph with colours the first few tell."""


def is_grey(photo: WholeImage) -> bool:
    """Whether a photograph, mode RGB or RGBA, has no colours at all."""
    bands = row_bands(photo.size, pixels=_ROWS * photo.width)
    return all(has_no_colours(np.asarray(photo.crop((0, top, photo.width, end)))) for top, end in bands)


def has_no_colours(pixels: NDArray[Any]) -> bool:
    """Whether red, green and blue are the same everywhere.

    Args:
        pixels: (H, W, 3 or 4), uint8 or uint16. What is fully transparent does not count.
    """
    red, green, blue = (pixels[..., channel] for channel in range(3))
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    if pixels.shape[2] == 4:
        spread = spread * (pixels[..., 3] > 0)
    return bool(spread.max() <= _NOISE * np.iinfo(pixels.dtype).max)
