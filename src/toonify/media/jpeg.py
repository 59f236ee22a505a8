"""The pixels of a JPEG and the judgement of its data, in one pass: decoding is most of what either takes.

Pillow's decoder does not tell what libjpeg warns of; simplejpeg, which is libjpeg-turbo, too, and has the
same numbers for the same file, stops at the first warning.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from PIL import Image

from toonify.errors import ToonifyError
from toonify.media.sources import Source, open_source

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

SMALLEST = 1
"""Eighths of its sides of which libjpeg decodes a picture at least."""

_WHOLE = 8
_SMALLER = (SMALLEST, 2, 4)
"""Eighths that are used: at 3, 5, 6 or 7, which libjpeg offers, too, styles draw some lines elsewhere."""

_HELD_TWICE = 2**25
"""Pixels above which they are left to Pillow, whose own copy is then the only one."""

_END = b"\xff\xd9"
_NO_END = "Premature end of JPEG file"

_COLOURS = {"RGB": "RGB", "L": "GRAY"}  # Pillow's modes of which simplejpeg gives the same numbers

# What libjpeg says of the picture's data, not of what stands before it (jerror.h: JWRN_HUFF_BAD_CODE …).
# Up to four bytes too many are padding, as some cameras write it.
_DAMAGE = re.compile(
    r"bad (Huffman|arithmetic) code|premature end|instead of RST"
    r"|(\d{2,}|[5-9]) extraneous bytes before marker 0x(d[0-79a]|c4)",
    re.IGNORECASE,
)


def is_jpeg(image: Image.Image) -> bool:
    """Whether that is what it was opened from; several in one file (MPO) included."""
    return image.format in ("JPEG", "MPO")


def decode_jpeg(
    image: Image.Image, source: Source, enough: tuple[int, int] | None = None
) -> Image.Image | None:
    """The pixels, as Pillow would decode them, if their data is whole.

    Args:
        image: What Pillow makes of the header.
        source: The file, or all of its bytes.
        enough: Width and height, as stored, that will do.

    Returns:
        The picture, of the mode that it is stored in; `None` if it is left to Pillow, and to `check_whole`:
        another format or colours, more than is held twice, or what libjpeg remarks on without harm.

    Raises:
        ToonifyError: if its data is damaged.
        OSError: if it cannot be read.
    """
    eighths = _eighths(image.size, enough or image.size)
    large = image.width * image.height * eighths**2 > _HELD_TWICE * _WHOLE**2
    if not is_jpeg(image) or image.mode not in _COLOURS or large:
        return None
    with open_source(source) as file:
        pixels = decode_strictly(file, image, _COLOURS[image.mode], eighths)
    if pixels is None:
        return None
    return Image.fromarray(pixels if image.mode == "RGB" else pixels[..., 0])


def _eighths(size: tuple[int, int], enough: tuple[int, int]) -> int:
    """Of a picture's sides, so that no less than `enough` is left."""
    width, height = (_WHOLE * least / side for least, side in zip(enough, size, strict=True))
    return next((eighths for eighths in _SMALLER if eighths >= max(width, height)), _WHOLE)


def decode_strictly(file: BinaryIO, image: Image.Image, colours: str, eighths: int) -> NDArray[uint8] | None:
    """What libjpeg gives, (H, W, channels), at so many eighths of its sides; `None` if it has a remark.

    If nothing is missing but the marker at the end, as of some cameras, then nothing is damaged.

    Raises:
        ToonifyError: if the remark is of damage; what it cannot read at all is Pillow's to refuse.
    """
    most = 2**24 + 4 * image.width * image.height  # no picture's data is longer; what is appended may be
    data = file.read(most)
    size = tuple(math.ceil(side * eighths / _WHOLE) for side in image.size)
    pixels, told = _decoded(data, colours, size)
    if told == _NO_END and not image.info.get("progressive"):  # of which passes may be missing, unnoticed
        pixels, told = _decoded(data + _END, colours, size)
        _let_end(image)
    if _DAMAGE.search(told):
        raise ToonifyError(f"damaged or cut short ({told})")
    return pixels


def _let_end(image: Any) -> None:
    """Give Pillow the marker, without which it refuses the picture."""
    read = image.fp.read
    image.load_read = lambda count: read(count) or _END


def _decoded(data: bytes, colours: str, least: tuple[int, ...]) -> tuple[NDArray[uint8] | None, str]:
    """The pixels, of this width and height at least, or libjpeg's first remark."""
    import simplejpeg

    width, height = least
    try:
        pixels = simplejpeg.decode_jpeg(data, colours, min_width=width, min_height=height, strict=True)
    except ValueError as error:
        return None, str(error)
    return cast("NDArray[uint8]", pixels), ""
