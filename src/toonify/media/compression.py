"""How much work it is worth to write a smaller file: what `benchmarks/encoding.py` shows for drawings.

Compressing at a library's own settings would take longer than drawing does.
"""

from __future__ import annotations

import io
import zlib

from PIL import Image

LEVEL = 4
"""Of zlib: less than half of the time that its own choice, 6, takes, for files 5 % larger."""

WEBP_METHOD = 2
"""Half of the time of Pillow's own choice, 4, for files 5 % larger at most."""

PREDICTOR = 2
"""Of TIFF (its specification, section 14): each number less the one to the left, for files half as large."""

_STRIPS = (0.25, 0.5, 0.75)  # of the height
_ROWS = 16  # of each
_WORTH_IT = 1.05  # times the size, for a quarter of the time


def png_options(image: Image.Image) -> dict[str, int]:
    """Options for Pillow's writer of PNG: what zlib is to look for.

    For runs of one value alone (`Z_RLE`, which zlib has for PNG) takes a quarter of the time, and leaves
    drawings in colour about as small as Pillow's own choice does. Where whole shapes come again, as in lines
    and letters, they would be larger. Some strips tell.
    """
    runs = {"compress_type": zlib.Z_RLE}
    strips = _strips(image)
    return runs if _bytes(strips, runs) < _WORTH_IT * _bytes(strips, {}) else {}


def _strips(image: Image.Image) -> Image.Image:
    """Some rows of an image, one below the other."""
    height = min(_ROWS, image.height)
    strips = Image.new(image.mode, (image.width, height * len(_STRIPS)))
    for number, part in enumerate(_STRIPS):
        top = int((image.height - height) * part)
        strips.paste(image.crop((0, top, image.width, top + height)), (0, number * height))
    return strips


def _bytes(image: Image.Image, options: dict[str, int]) -> int:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.tell()
