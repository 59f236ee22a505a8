"""What a JPEG 2000 says of its picture and Pillow's reader leaves aside: bits, colour profile, EXIF, XMP.

By ISO/IEC 15444-1, annexes A (the code) and I (boxes around it).
"""

from __future__ import annotations

from typing import Any

from toonify.media.boxes import read_box, walk_boxes
from toonify.media.sources import Source, open_source

_CODE = b"\xff\x4f\xff\x51"
"""How the code begins: with a marker, and that of its header (A.4.1, A.5.1)."""

_PROFILES = (b"\2", b"\3")
"""Methods of a box `colr` that mean an ICC profile: one of few kinds, or of any (JPX)."""

_ABOUT = {
    b"JpgTiffExif->JP2": "exif",
    bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"): "exif",  # as Adobe's programs have it
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): "xmp",  # ISO 16684-3
}
"""Of boxes `uuid`, the names of those that are understood, and Pillow's name of what they hold."""


def bits_of(source: Source) -> int:
    """Bits of a channel, of several the most; 0 where the code's header is not found.

    Raises:
        OSError: if the file cannot be read.
    """
    with open_source(source) as file:
        start = next((place.start for kind, place in walk_boxes(file) if kind == b"jp2c"), 0)
        file.seek(start)
        head = file.read(42)
        if len(head) < 42 or not head.startswith(_CODE):
            return 0
        depths = file.read(3 * int.from_bytes(head[40:42], "big"))[::3]
    return max(((depth & 0x7F) + 1 for depth in depths), default=0)


def told_beside(source: Source) -> dict[Any, bytes]:
    """Colour profile, EXIF and XMP data, by the names that Pillow gives those of other formats.

    Raises:
        OSError: if the file cannot be read.
    """
    told: dict[Any, bytes] = {}
    with open_source(source) as file:
        for kind, place in walk_boxes(file):
            if kind == b"jp2h":
                for inner, inside in walk_boxes(file, place):
                    if inner == b"colr" and (profile := _profile(read_box(file, inside))):
                        told.setdefault("icc_profile", profile)
            elif kind == b"uuid":
                content = read_box(file, place)
                if name := _ABOUT.get(content[:16]):
                    told.setdefault(name, content[16:])
    return told


def _profile(colr: bytes) -> bytes:
    return colr[3:] if colr.startswith(_PROFILES) else b""
