"""Drawing at a smaller size than the photograph's, and compositing the drawing over it at full size.

A network draws outlines of so many pixels: on a photograph of many megapixels they are hairlines,
and skin is pores. Drawn smaller, the same network gives broad strokes and faces with few lines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from PIL import Image

_BAND = 2**22  # pixels enlarged at once: no second copy of a huge picture


def drawing_size(size: tuple[int, int], detail: int) -> tuple[int, int]:
    """The size (width, height) at which a picture is drawn.

    Args:
        size: Of the picture.
        detail: Side of the square that has as many pixels as the drawing; 0 for every pixel.
    """
    width, height = size
    scale = detail / math.sqrt(width * height) if detail else 1.0
    if scale >= 1:
        return size
    return max(1, round(width * scale)), max(1, round(height * scale))


def reduce(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A smaller copy, to be drawn on."""
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def composite(
    image: Image.Image, drawing: Image.Image, strength: float, where: Image.Image | None = None
) -> None:
    """Enlarge a drawing to the picture's size and mix it in, in place, band by band.

    Args:
        image: Mode RGB or RGBA; alpha, and what is fully transparent, stays.
        drawing: The smaller one, of the same mode.
        strength: How much of the drawing to take, 0 to 1.
        where: Of the drawing's size, mode L: where it is taken, 255, or not, 0; everywhere when left out.
    """
    for top, bottom in _bands(image.size):
        part = (0, top, image.width, bottom)
        scale = drawing.height / image.height
        box = (0, top * scale, drawing.width, bottom * scale)
        enlarged = drawing.resize((image.width, bottom - top), Image.Resampling.BICUBIC, box=box)
        colours = enlarged if enlarged.mode == "RGB" else enlarged.convert("RGB")  # which would copy it
        if strength < 1:
            colours = Image.blend(image.crop(part).convert("RGB"), colours, strength)
        if where:
            taken = where.resize((image.width, bottom - top), Image.Resampling.BILINEAR, box=box)
            colours = Image.composite(colours, image.crop(part).convert("RGB"), taken)
        if image.mode == "RGB":
            image.paste(colours, (0, top))
            continue
        alpha = image.crop(part).getchannel("A")
        colours.putalpha(alpha)
        image.paste(colours, (0, top), alpha.point([0] + [255] * 255))


def _bands(size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    width, height = size
    rows = max(1, _BAND // width)
    for top in range(0, height, rows):
        yield top, min(top + rows, height)
