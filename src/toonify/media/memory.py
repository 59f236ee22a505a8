"""How much memory reading a picture takes, from its header."""

from __future__ import annotations

from PIL import Image

from toonify.media.large import is_shrunk, small_size
from toonify.media.metadata import says_exif
from toonify.media.opening import opened
from toonify.media.orientation import turn_of
from toonify.media.sources import Source

BYTES_DECODED = 8
"""For each pixel of a picture: Pillow keeps four bytes, and now and then two pictures."""

_PIXEL = 4
"""Of Pillow's, in bytes, while a picture is decoded."""

_COEFFICIENT = 2
"""Of a progressive JPEG, in bytes: its decoder holds all of them."""

_DECODERS = {"JPEG2000": 16, "WEBP": 13, "AVIF": 6, "HEIF": 6}
"""What decoders hold beside Pillow's picture, in bytes for each pixel; others hold some rows."""

BYTES_OF_STRIPS = 200_000_000
"""Of a picture that is read and written some rows at a time, what those take on the way."""

BYTES_DECODED_DEEP = 16
"""Of one that is read with 16 bits a channel: two pictures of Pillow's, and then the pixels."""


def decoding_memory(size: tuple[int, int], *, deep: bool = False) -> int:
    """Bytes that decoding a picture of this size (width, height) takes up, about."""
    return size[0] * size[1] * (BYTES_DECODED_DEEP if deep else BYTES_DECODED)


def reading_memory(source: Source, *, deep: bool = False, enough: tuple[int, int] | None = None) -> int:
    """Bytes that `read_picture` takes up, about, from the picture's header.

    Args:
        source: What would be read.
        deep: As of `read_picture`.
        enough: Likewise.

    Raises:
        ToonifyError: as `picture_size`.
    """
    with opened(source) as image:
        held, pixels = _held(image), image.width * image.height
        if enough and not deep and is_shrunk(image):
            written = min(BYTES_OF_STRIPS, decoding_memory(image.size))
            return held + decoding_memory(small_size(image, enough)) + written
        return max(held + _PIXEL * pixels, decoding_memory(image.size, deep=deep))


def _held(image: Image.Image) -> int:
    """Bytes that the decoder itself holds: of a progressive JPEG, its coefficients."""
    if not image.info.get("progressive"):
        return _DECODERS.get(str(image.format), 0) * image.width * image.height
    samples = [across * down for _, across, down, _ in getattr(image, "layer", ())]
    return round(_COEFFICIENT * image.width * image.height * sum(samples) / max(samples, default=1))


def least_memory(source: Source) -> int:
    """Bytes that reading this very picture takes up at least, from its header.

    Raises:
        ToonifyError: as `picture_size`.
    """
    with opened(source) as image:
        own = 1 if image.mode in ("1", "L", "P") else 2 if image.mode in ("LA", "I;16", "I;16B") else 4
        lies = says_exif(image) and turn_of(image) is not None
        as_it_is = image.mode in ("RGB", "RGBA") and not lies
        pixels = image.width * image.height
        return max(pixels * (4 if as_it_is else own + 4), _held(image) + pixels * _PIXEL)
