"""A picture in memory with 16 bits a channel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image

from toonify.media.bands import row_bands

if TYPE_CHECKING:
    from numpy import bool_, float32, uint8, uint16
    from numpy.typing import NDArray

MOST = 2**16 - 1
"""The brightest of a channel."""

_REACH = 3  # of Lanczos' filter, the widest, in pixels of the smaller side


class DeepImage:
    """As much of `PIL.Image.Image` as drawing needs, for colours that Pillow does not know.

    Args:
        pixels: uint16, (H, W, 3 or 4): RGB, or RGBA; they become the image's own.
    """

    bits = 16

    def __init__(self, pixels: NDArray[uint16]) -> None:
        self.pixels = pixels

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height

    @property
    def mode(self) -> str:
        return "RGB" if self.pixels.shape[2] == 3 else "RGBA"

    def getbands(self) -> tuple[str, ...]:
        """The names of the channels."""
        return tuple(self.mode)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        import numpy as np

        return np.array(self.pixels, dtype, copy=copy)

    def copy(self) -> DeepImage:
        """Another with pixels of its own."""
        return DeepImage(self.pixels.copy())

    def crop(self, box: tuple[int, int, int, int]) -> DeepImage:
        """What lies in a box (left, top, right, bottom) within the picture: these pixels, no copy of them."""
        left, top, right, bottom = box
        return DeepImage(self.pixels[top:bottom, left:right])

    def paste(self, image: DeepImage, corner: tuple[int, int]) -> None:
        """Put another of the same mode over it, its upper left corner there (from the left, from the top)."""
        left, top = corner
        self.pixels[top : top + image.height, left : left + image.width] = image.pixels

    def paint(self, colours: NDArray[uint8], where: NDArray[bool_]) -> None:
        """Put colours of 8 bits a channel, (H, W, 3), where it says so, (H, W)."""
        self.pixels[where, :3] = colours[where].astype(self.pixels.dtype) * 257

    def transpose(self, method: Image.Transpose) -> DeepImage:
        """Turned or mirrored."""
        import numpy as np

        turns, mirrored = _TURNS[method]
        seen = self.pixels[:, ::-1] if mirrored else self.pixels
        return DeepImage(np.ascontiguousarray(np.rot90(seen, turns)))

    def resize(
        self,
        size: tuple[int, int],
        resample: Image.Resampling,
        box: tuple[float, float, float, float] | None = None,
        reducing_gap: float | None = None,
    ) -> DeepImage:
        """As Pillow's, channel by channel in floats; transparent pixels lend others no colour."""
        import numpy as np

        part, box = self._around(size, box or (0, 0, *self.size))
        alpha = part[..., 3].astype(np.float32) if self.mode == "RGBA" else None
        thinned = None if alpha is None else _resized(alpha, size, resample, box, reducing_gap)
        made = np.empty((size[1], size[0], self.pixels.shape[2]), np.uint16)
        for channel in range(3):
            values = part[..., channel].astype(np.float32)
            if alpha is not None:
                values *= alpha
            values = _resized(values, size, resample, box, reducing_gap)
            if thinned is not None:
                values = np.divide(values, thinned, out=np.zeros_like(values), where=thinned > 0.5)
            made[..., channel] = _rounded(values)
        if thinned is not None:
            made[..., 3] = _rounded(thinned)
        return DeepImage(made)

    def _around(
        self, size: tuple[int, int], box: tuple[float, float, float, float]
    ) -> tuple[NDArray[uint16], tuple[float, float, float, float]]:
        """The rows that a box is made of, and the box within them."""
        left, upper, right, lower = box
        reach = math.ceil(_REACH * max(1.0, (lower - upper) / size[1])) + 1
        top, bottom = max(0, int(upper) - reach), min(self.height, math.ceil(lower) + reach)
        return self.pixels[top:bottom], (left, upper - top, right, lower - top)

    def band(self, top: int, bottom: int) -> NDArray[uint16]:
        """The rows from `top` to before `bottom`."""
        return self.pixels[top:bottom]

    def eight_bits(self) -> Image.Image:
        """The same with 8 bits a channel, each the nearest."""
        import numpy as np

        made = np.empty(self.pixels.shape, np.uint8)
        for top, bottom in row_bands(self.size):
            made[top:bottom] = (self.band(top, bottom).astype(np.uint32) * 255 + 2**15) // MOST
        return Image.fromarray(made)


WholeImage = Image.Image | DeepImage
"""A picture in memory, RGB or RGBA: Pillow's with 8 bits a channel, or one with 16."""


class _Other(Protocol):
    def eight_bits(self) -> Image.Image: ...


def eight_bits(image: Image.Image | _Other) -> Image.Image:
    """A picture with 8 bits a channel and all its pixels: itself, if it is that.

    Args:
        image: RGB or RGBA. Of a `LargeImage` this makes what it exists to avoid.
    """
    return image if isinstance(image, Image.Image) else image.eight_bits()


def _resized(
    values: NDArray[float32],
    size: tuple[int, int],
    resample: Image.Resampling,
    box: tuple[float, float, float, float],
    reducing_gap: float | None,
) -> NDArray[float32]:
    import numpy as np

    return np.asarray(Image.fromarray(values).resize(size, resample, box, reducing_gap))


def _rounded(values: NDArray[float32]) -> NDArray[uint16]:
    import numpy as np

    return np.clip(np.rint(values), 0, MOST).astype(np.uint16)


_TURNS = {
    Image.Transpose.FLIP_LEFT_RIGHT: (0, True),
    Image.Transpose.ROTATE_90: (1, False),
    Image.Transpose.ROTATE_180: (2, False),
    Image.Transpose.ROTATE_270: (3, False),
    Image.Transpose.FLIP_TOP_BOTTOM: (2, True),
    Image.Transpose.TRANSPOSE: (1, True),
    Image.Transpose.TRANSVERSE: (3, True),
}
"""Quarter turns to the left, after a mirror image or not."""
