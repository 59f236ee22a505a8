"""Drawing at another size than the photograph's, and compositing the drawing over it at its own.

A network draws outlines of so many pixels: on a photograph of many megapixels they are hairlines,
and skin is pores. Drawn smaller, the same network gives broad strokes and faces with few lines.
In a small photograph an eye is a few pixels, of which a network makes a smudge: drawn enlarged, it is an eye.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, overload

import numpy as np
from PIL import Image

from toonify.media import (
    AnyImage,
    DeepImage,
    Enlarging,
    LargeImage,
    WholeImage,
    eight_bits,
    row_bands,
    rows_at,
)

if TYPE_CHECKING:
    from numpy import float32, uint16
    from numpy.typing import NDArray

_GAP = 3.0  # Pillow's `reducing_gap`: box filter down to 3 times the size, then Lanczos


def drawing_size(size: tuple[int, int], detail: int, enlarge: float = 1.0) -> tuple[int, int]:
    """The size (width, height) at which a picture is drawn.

    Args:
        size: Of the picture.
        detail: Side of the square that has as many pixels as the drawing; 0 for every pixel. A panorama,
            longer than 4 : 1, has more: its short side is not reduced below half of `detail`.
        enlarge: How many times a side may grow to that.
    """
    width, height = size
    scale = min(detail / math.sqrt(width * height), enlarge) if detail else 1.0
    scale = max(scale, min(detail / (2 * min(size)), 1.0))
    if scale == 1:
        return size
    return max(1, round(width * scale)), max(1, round(height * scale))


@overload
def reduce(image: Image.Image, size: tuple[int, int]) -> Image.Image: ...
@overload
def reduce(image: AnyImage, size: tuple[int, int]) -> WholeImage: ...
def reduce(image: AnyImage, size: tuple[int, int]) -> WholeImage:
    """A copy of another size, to be drawn on."""
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=_GAP)


def enough(size: tuple[int, int], drawn: tuple[int, int]) -> tuple[int, int] | None:
    """The size of the smallest copy that `reduce` needs; `None` where it needs the whole picture.

    Args:
        size: Of the picture, width and height.
        drawn: To what it is reduced.
    """
    return smaller(size, _GAP * drawn[0] / size[0])


def smaller(size: tuple[int, int], scale: float) -> tuple[int, int] | None:
    """The size (width, height) of a copy with sides of this scale, rounded up; `None` if it is no smaller."""
    return None if scale >= 1 else (math.ceil(size[0] * scale), math.ceil(size[1] * scale))


def composite(image: AnyImage, drawing: WholeImage, strength: float, mask: Image.Image | None = None) -> None:
    """Bring a drawing to the picture's size and mix it in, in place, band by band.

    Args:
        image: Mode RGB or RGBA; alpha, and what is fully transparent, stays. A `LargeImage` has no pixels
            to be mixed with.
        drawing: Of any size, of the same mode and as many bits.
        strength: How much of the drawing to take, 0 to 1.
        mask: Of the drawing's size, mode L: 255 where it is taken, 0 where not; everywhere when left out.
    """
    if isinstance(image, LargeImage):
        if strength < 1 or mask:
            raise ValueError("a LargeImage can only be drawn over as a whole")
        image.fill(eight_bits(drawing))
        return
    enlarging = Enlarging(drawing, image.size)
    for top, bottom in row_bands(image.size):
        drawn = enlarging.rows(top, bottom)
        part = rows_at(mask, image.size, top, bottom, Image.Resampling.BILINEAR) if mask else None
        if isinstance(image, DeepImage):
            _mix_deep(image, top, np.asarray(drawn), strength, part)
        else:
            _mix(image, top, eight_bits(drawn), strength, part)


def _mix(image: Image.Image, top: int, drawn: Image.Image, strength: float, mask: Image.Image | None) -> None:
    """Mix a band of the drawing into the picture, from row `top` on."""
    if image.mode == "RGB" and strength == 1 and not mask:
        image.paste(drawn, (0, top))
        return
    photo = image.crop((0, top, image.width, top + drawn.height))
    colours = drawn if drawn.mode == "RGB" else drawn.convert("RGB")  # which would copy it
    if strength < 1:
        colours = Image.blend(photo.convert("RGB"), colours, strength)
    if mask:
        colours = Image.composite(colours, photo.convert("RGB"), mask)
    if image.mode == "RGB":
        image.paste(colours, (0, top))
        return
    alpha = photo.getchannel("A")
    colours.putalpha(alpha)
    image.paste(colours, (0, top), alpha.point([0] + [255] * 255))


def _mix_deep(
    image: DeepImage, top: int, drawn: NDArray[uint16], strength: float, mask: Image.Image | None
) -> None:
    """The same with 16 bits a channel."""
    photo = image.pixels[top : top + len(drawn)]
    amount = np.float32(strength) if mask is None else _share(mask) * np.float32(strength)
    before = photo[..., :3].astype(np.float32)
    colours = np.rint(before + (drawn[..., :3] - before) * amount).astype(np.uint16)
    np.copyto(photo[..., :3], colours, where=photo[..., 3:] > 0 if image.mode == "RGBA" else True)


def _share(mask: Image.Image) -> NDArray[float32]:
    """The share of the drawing at each pixel, (H, W, 1), 0 to 1."""
    return np.asarray(mask, np.float32)[..., np.newaxis] * np.float32(1 / 255)
