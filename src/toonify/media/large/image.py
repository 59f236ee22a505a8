"""A picture of which memory holds no more than a smaller copy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

LARGE = 2**25
"""Pixels above which a picture is looked at band by band: no second copy of a huge one."""


class LargeImage:
    """As much of `PIL.Image.Image` as drawing needs, for a picture that is drawn smaller anyway.

    Args:
        small: A smaller copy, RGB.
        size: Width and height that the picture has.
    """

    mode, bits = "RGB", 8

    def __init__(self, small: Image.Image, size: tuple[int, int]) -> None:
        self._small = small
        self.size = size

    @property
    def width(self) -> int:
        return self.size[0]

    @property
    def height(self) -> int:
        return self.size[1]

    def resize(
        self, size: tuple[int, int], resample: Image.Resampling, *, reducing_gap: float | None = None
    ) -> Image.Image:
        """As Pillow's own, from the smaller copy."""
        return self._small.resize(size, resample, reducing_gap=reducing_gap)

    def fill(self, drawing: Image.Image) -> None:
        """Become what is drawn, of whatever size."""
        self._small = drawing

    def enlarged(self, top: int, bottom: int) -> Image.Image:
        """Its rows from `top` to `bottom`, at full width."""
        return enlarged(self._small, self.size, top, bottom)

    def rows(self, count: int) -> Iterator[NDArray[uint8]]:
        """All rows from the top, (h, W, 3), so many at a time."""
        import numpy as np

        for top in range(0, self.height, count):
            yield np.asarray(self.enlarged(top, min(top + count, self.height)))


def enlarged(drawing: Image.Image, size: tuple[int, int], top: int, bottom: int) -> Image.Image:
    """Rows of a drawing as it is at another size, by a bicubic.

    Args:
        drawing: The smaller picture.
        size: Width and height of the larger.
        top: The first of its rows that is wanted.
        bottom: The one behind the last.
    """
    scale = drawing.height / size[1]
    box = (0, top * scale, drawing.width, bottom * scale)
    return drawing.resize((size[0], bottom - top), Image.Resampling.BICUBIC, box=box)
