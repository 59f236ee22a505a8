"""Enlarging drawings: their borders and lines stay crisp.

Bicubic interpolation makes a border as many times as wide as the drawing is enlarged: six times in a
photograph of twelve megapixels that was drawn at a third of one. So luma is doubled as often as it fits into
the size, and each time what lies between the two sides of a border is moved towards one of them: a soft form
of the transformation of Kramer and Bruckner ("Iterations of a non-linear transformation for enhancement of
digital images", Pattern Recognition 7, 1975). Colours are only interpolated: eyes see theirs less sharply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from PIL import Image, ImageChops

from toonify.media.bands import row_bands
from toonify.media.deep import DeepImage, WholeImage, eight_bits

if TYPE_CHECKING:
    from numpy import bool_, int16, uint8
    from numpy.typing import NDArray

_MOST_DOUBLINGS = 3
"""The rest of a huge picture is interpolated only."""

_STEP = 6
"""Of 255: how far pixels are evened out. A palette holds for 2 × 2 pixels, so that gradients have steps."""

_SLIGHT = 4
"""Of 255: how near to the middle between its neighbours' extremes a pixel lies on no side."""

_GAIN = 5
"""How many times as far from there it is moved."""

_SPLINE, _LINEAR = (1, 22, 9), (0, 3, 1)
"""What lies a quarter of the way from a pixel to the next: weights of the one before, itself and the next, of
a quadratic B-spline, which rounds off the corners of pixels, and linear."""

_BAND = 2**16
"""Pixels that are doubled at once: they fit into a processor's cache."""

_UNCHANGED = 128
"""In a picture of changes: none."""


class Enlarging:
    """A drawing that is about to be enlarged.

    Args:
        drawing: RGB or RGBA.
        size: Width and height of what it is enlarged to.
        doublings: How often its luma is doubled on the way; `doublings_into` the size, when left out. Without
            any, the drawing is interpolated only.

    Attributes:
        drawing: What is interpolated.
    """

    def __init__(self, drawing: WholeImage, size: tuple[int, int], doublings: int | None = None) -> None:
        self.size = size
        self._doublings = doublings_into(size, drawing.size) if doublings is None else doublings
        self.drawing = _without_steps(drawing) if self._doublings else drawing
        self._change: Image.Image | None = None

    def doubled(self, luma: Image.Image) -> Image.Image:
        """The drawing's luma, mode L, doubled as often as it fits into the size."""
        import numpy as np

        return Image.fromarray(_doubled(np.asarray(luma), self._doublings)) if self._doublings else luma

    def rows(self, top: int, bottom: int) -> WholeImage:
        """The rows from `top` to before `bottom` of the enlarged drawing, of the same mode."""
        enlarged = rows_at(self.drawing, self.size, top, bottom)
        if not self._doublings:
            return enlarged
        if self._change is None:
            self._change = self._changed()
        return _added(enlarged, rows_at(self._change, self.size, top, bottom))

    def _changed(self) -> Image.Image:
        """By how much doubled luma is lighter than interpolated luma, plus `_UNCHANGED`, mode L."""
        drawing = eight_bits(self.drawing)
        luma = drawing.convert("RGB").convert("L")
        doubled = self.doubled(luma)
        smooth = luma.resize(doubled.size, Image.Resampling.BICUBIC)
        change = ImageChops.subtract(doubled, smooth, offset=_UNCHANGED)
        if drawing.mode == "RGBA":
            edge = Image.fromarray(~_solid(drawing)).resize(change.size, Image.Resampling.NEAREST)
            change.paste(_UNCHANGED, mask=edge)
        return change


def doublings_into(size: tuple[int, int], drawn: tuple[int, int]) -> int:
    """How often a drawing (width, height) is doubled on its way to a size: as often as it fits, or less."""
    times = min(size[0] / drawn[0], size[1] / drawn[1])
    return sum(times >= 2**number for number in range(1, _MOST_DOUBLINGS + 1))


def crisp_luma(luma: NDArray[uint8], doublings: int) -> NDArray[uint8]:
    """A drawing's luma, (H, W), without small steps and doubled so often.

    Args:
        luma: Of whatever range.
        doublings: How often.
    """
    return _doubled(_evened(luma[..., None], _STEP)[..., 0], doublings)


@overload
def rows_at(
    image: Image.Image, size: tuple[int, int], top: int, bottom: int, method: Image.Resampling = ...
) -> Image.Image: ...
@overload
def rows_at(
    image: WholeImage, size: tuple[int, int], top: int, bottom: int, method: Image.Resampling = ...
) -> WholeImage: ...
def rows_at(
    image: WholeImage,
    size: tuple[int, int],
    top: int,
    bottom: int,
    method: Image.Resampling = Image.Resampling.BICUBIC,
) -> WholeImage:
    """The rows from `top` to before `bottom` of an image that is interpolated to a size."""
    scale = image.height / size[1]
    box = (0, top * scale, image.width, bottom * scale)
    return image.resize((size[0], bottom - top), method, box)


def _without_steps(drawing: WholeImage) -> WholeImage:
    """With steps of no more than `_STEP` smoothed away."""
    import numpy as np

    pixels = np.asarray(drawing)
    step = 257 * _STEP if isinstance(drawing, DeepImage) else _STEP
    evened = pixels.copy()
    evened[..., :3] = _evened(pixels[..., :3], step)
    if drawing.mode == "RGBA":
        edge = ~_solid(eight_bits(drawing))
        evened[edge] = pixels[edge]
    return DeepImage(evened) if isinstance(drawing, DeepImage) else Image.fromarray(evened)


def _evened(pixels: NDArray[Any], step: int) -> NDArray[Any]:
    """Pixels, (H, W, C), after the binomial blur (1 2 1) × (1 2 1) / 16, moved by no more than a step."""
    import numpy as np

    evened = np.empty_like(pixels)
    height, width = pixels.shape[:2]
    for top, bottom in row_bands((width, height), pixels=_BAND):
        rows = np.clip(np.arange(top - 1, bottom + 1), 0, height - 1)
        around = np.pad(
            pixels[rows].astype(np.int16 if step == _STEP else np.int32), ((0, 0), (1, 1), (0, 0)), "edge"
        )
        blurred = around[:-2] + 2 * around[1:-1] + around[2:]
        blurred = (blurred[:, :-2] + 2 * blurred[:, 1:-1] + blurred[:, 2:] + 8) >> 4
        middle = around[1:-1, 1:-1]
        evened[top:bottom] = middle + np.clip(blurred - middle, -step, step)
    return evened


def _doubled(luma: NDArray[uint8], times: int) -> NDArray[uint8]:
    """Twice as wide and high, so many times."""
    for _ in range(times):
        luma = _twice(luma)
    return luma


def _twice(luma: NDArray[uint8]) -> NDArray[uint8]:
    """Twice as wide and high; pixels between the sides of a border are moved towards one of them."""
    import numpy as np

    height, width = luma.shape
    planes = luma, _extreme(luma, np.minimum), _extreme(luma, np.maximum)
    padded = [np.pad(plane, 1, "edge").astype(np.int16) for plane in planes]
    ways = _SPLINE, _LINEAR, _LINEAR
    doubled = np.empty((height, 2, width, 2), np.uint8)
    for top, bottom in row_bands((width, height), pixels=_BAND):
        for down in (0, 1):
            rows = [
                _quarter(plane[top : bottom + 2], way, down) for plane, way in zip(padded, ways, strict=True)
            ]
            for across in (0, 1):
                value, low, high = (
                    _quarter(plane.T, way, across).T for plane, way in zip(rows, ways, strict=True)
                )
                beyond = value - ((low + high) >> 1)
                beyond -= np.clip(beyond, -_SLIGHT, _SLIGHT)
                doubled[top:bottom, down, :, across] = np.clip(value + (_GAIN - 1) * beyond, low, high)
    return doubled.reshape(2 * height, 2 * width)


def _quarter(plane: NDArray[int16], weights: tuple[int, int, int], after: int) -> NDArray[int16]:
    """What lies between the rows of a plane, a quarter of their distance from each.

    Args:
        plane: (H + 2, W), of whose first and last row nothing is wanted.
        weights: As `_SPLINE`.
        after: 0 for before each row, 1 for after it.
    """
    first, middle, last = weights if after else weights[::-1]
    mixed = plane[1:-1] * middle + sum(weights) // 2
    for weight, rows in ((first, plane[:-2]), (last, plane[2:])):
        if weight:
            mixed += weight * rows
    return mixed >> (sum(weights).bit_length() - 1)


def _solid(drawing: Image.Image) -> NDArray[bool_]:
    """Where a drawing, RGBA, and all that interpolation sees around is opaque, (H, W)."""
    import numpy as np

    alpha = np.asarray(drawing)[..., 3]
    solid: NDArray[bool_] = _extreme(_extreme(alpha, np.minimum), np.minimum) == 255
    return solid


def _extreme(plane: NDArray[uint8], of: Any) -> NDArray[uint8]:
    """The least or most, as NumPy's functions of two are called, of each pixel's 3 × 3 neighbours."""
    import numpy as np

    for _ in range(2):
        padded = np.pad(plane, ((1, 1), (0, 0)), "edge")
        plane = of(of(padded[:-2], padded[1:-1]), padded[2:]).T
    return plane


def _added(colours: WholeImage, change: Image.Image) -> WholeImage:
    """Lighter by a change of the same size; alpha stays."""
    if isinstance(colours, DeepImage):
        import numpy as np

        lighter = colours.pixels[..., :3] + 257 * (np.asarray(change, np.int32)[..., np.newaxis] - _UNCHANGED)
        colours.pixels[..., :3] = np.clip(lighter, 0, 2**16 - 1)
        return colours
    alpha = [Image.new("L", change.size, _UNCHANGED)] * (colours.mode == "RGBA")
    return ImageChops.add(colours, Image.merge(colours.mode, [change] * 3 + alpha), offset=-_UNCHANGED)
