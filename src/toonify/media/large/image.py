"""A picture of which memory holds no more than a smaller copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PIL import Image

from toonify.media.bands import is_large
from toonify.media.enlarging import Enlarging

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

_COARSE = 4
"""Times as wide as the smaller one: then halved colours (4:2:0) are 45 dB or more from full ones."""

_YCBCR = (
    *(0.299, 0.587, 0.114, 0.0),
    *(-0.168735892, -0.331264108, 0.5, 128.0),
    *(0.5, -0.418687589, -0.081312411, 128.0),
)
"""JFIF's colours; Pillow's own conversion rounds down, which costs 3 dB."""


class LargeImage:
    """A picture of which memory holds a smaller copy; it has what drawing uses of `PIL.Image.Image`.

    Args:
        small: A smaller copy, RGB.
        size: Width and height that the picture has.
    """

    mode, bits = "RGB", 8

    def __init__(self, small: Image.Image, size: tuple[int, int]) -> None:
        self._small = small
        self._enlarging: Enlarging | None = None
        self.size = size

    @property
    def width(self) -> int:
        return self.size[0]

    @property
    def height(self) -> int:
        return self.size[1]

    def copy(self) -> LargeImage:
        """Another of the same smaller copy, which nobody draws on."""
        return LargeImage(self._small, self.size)

    def resize(
        self,
        size: tuple[int, int],
        resample: Image.Resampling,
        box: tuple[float, float, float, float] | None = None,
        reducing_gap: float | None = None,
    ) -> Image.Image:
        """As Pillow's own, from the smaller copy."""
        if box:
            across, down = self._small.width / self.width, self._small.height / self.height
            box = box[0] * across, box[1] * down, box[2] * across, box[3] * down
        return self._small.resize(size, resample, box=box, reducing_gap=reducing_gap)

    def fill(self, drawing: Image.Image) -> None:
        """Replace the copy by a drawing of any size."""
        self._small, self._enlarging = drawing, None

    @property
    def by_rows(self) -> bool:
        """Whether it is too large to be enlarged as a whole."""
        return is_large(self.size)

    @property
    def is_coarse(self) -> bool:
        """Whether the copy is so small that, once enlarged, half the resolution of colour loses nothing."""
        return self.width >= _COARSE * self._small.width

    def planes(self) -> tuple[NDArray[uint8], NDArray[uint8], NDArray[uint8]]:
        """Its luma, (H, W), and its two chromas of half the size: as a JPEG has them (JFIF, 4:2:0)."""
        import numpy as np

        width, height = self.size
        halves = -(-width // 2), -(-height // 2)
        enlarging = self._enlarged()
        luma, *chromas = cast("Image.Image", enlarging.drawing).convert("RGB", _YCBCR).split()
        enlarged = (enlarging.doubled(luma), self.size), *((chroma, halves) for chroma in chromas)
        y, cb, cr = (np.asarray(plane.resize(size, Image.Resampling.BICUBIC)) for plane, size in enlarged)
        return y, cb, cr

    def enlarged(self, top: int, bottom: int) -> Image.Image:
        """The rows from `top` to before `bottom`, enlarged to full width."""
        return cast("Image.Image", self._enlarged().rows(top, bottom))

    def eight_bits(self) -> Image.Image:
        """The whole of it, enlarged."""
        return self.enlarged(0, self.height)

    def _enlarged(self) -> Enlarging:
        if self._enlarging is None:
            self._enlarging = Enlarging(self._small, self.size)
        return self._enlarging

    def band(self, top: int, bottom: int) -> NDArray[uint8]:
        """The same as an array, (h, W, 3)."""
        import numpy as np

        return np.asarray(self.enlarged(top, bottom))
