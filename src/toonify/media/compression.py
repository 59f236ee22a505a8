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

_STRIP = 16  # rows
_WORTH_IT = 1.1  # times the size, for a quarter of the time


def png_options(image: Image.Image) -> dict[str, int]:
    """Options for Pillow's writer of PNG: what zlib is to look for.

    For runs of one value alone (`Z_RLE`, which zlib has for PNG) takes a quarter of the time, and leaves
    drawings in colour about as small as Pillow's own choice does. Where whole shapes come again, as in lines
    and letters, they would be larger. A strip across the middle tells.
    """
    middle = image.height // 2
    strip = image.crop((0, middle, image.width, min(middle + _STRIP, image.height)))
    runs = {"compress_type": zlib.Z_RLE}
    return runs if _bytes(strip, runs) < _WORTH_IT * _bytes(strip, {}) else {}


def _bytes(image: Image.Image, options: dict[str, int]) -> int:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    return file.tell()
