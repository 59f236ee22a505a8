"""What a picture's header tells, before anything is decoded."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from toonify.errors import ToonifyError
from toonify.media.deep import deep_kind
from toonify.media.metadata import says_exif
from toonify.media.opening import opened
from toonify.media.sources import Source
from toonify.storage import AnyPath


def picture_size(source: Source) -> tuple[int, int]:
    """Width and height from the header, before any turning upright.

    Raises:
        ToonifyError: as `read_picture`, as far as the header tells.
    """
    with opened(source) as image:
        return image.size


def picture_format(source: Source) -> str:
    """The format of a file by its content: Pillow's name; JPEG for what Pillow calls MPO.

    Raises:
        ToonifyError: as `picture_size`.
    """
    with opened(source) as image:
        return "JPEG" if image.format == "MPO" else image.format or ""


def read_made_by(source: Source) -> str:
    """What a file says of the program that made it (`Picture.made_by`); empty for nothing.

    For most files the first bytes are enough.
    """
    with suppress(ToonifyError), opened(source) as image:
        if says_exif(image):
            return str(image.getexif().get(ExifTags.Base.ProcessingSoftware, ""))
    return ""


def is_deep(source: Source) -> bool:
    """Whether `read_picture` can give more than 8 bits a channel of it, from its header."""
    with suppress(ToonifyError), opened(source) as image:
        return deep_kind(image) is not None
    return False  # decoding will say what is wrong


def megapixels(path: AnyPath) -> float:
    """How large a picture is, from its header; 0 for a file that cannot be read as one."""
    try:
        width, height = picture_size(Path(path))
    except ToonifyError:  # whoever decodes it later says what is wrong
        return 0.0
    return width * height / 1e6


def bits_lost(image: Image.Image) -> list[str]:
    """What to say of a picture that is read with 8 bits a channel, if it has more.

    Args:
        image: Before its pixels are loaded.
    """
    bits = _bits(image)
    return [f"{bits} bits a channel reduced to 8"] if bits > 8 else []


def _bits(image: Image.Image) -> int:
    """Bits of a channel, as far as the file tells."""
    tiles: Any = getattr(image, "tile", ())
    of_channels = image.format != "BMP"  # where they are those of a pixel
    if image.mode.startswith("I;16") or (of_channels and any(";16" in str(tile[3]) for tile in tiles)):
        return 16
    if image.format == "PPM" and isinstance(brightest := tiles[0][3][-1], int):
        return brightest.bit_length()
    return int(image.info.get("bit_depth", 8))  # by pillow-heif
