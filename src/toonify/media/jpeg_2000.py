"""What a JPEG 2000 says of its picture and Pillow's reader leaves aside: bits, colour profile, EXIF, XMP.

By ISO/IEC 15444-1, annexes A (the code) and I (boxes around it).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

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

_LARGEST = 2**24  # bytes of such a box
_MOST = 1000  # boxes that are looked at


def bits_of(source: Source) -> int:
    """Bits of a channel, of several the most; 0 where the code's header is not found.

    Raises:
        OSError: if the file cannot be read.
    """
    with open_source(source) as file:
        start = next((place.start for kind, place in _boxes(file) if kind == b"jp2c"), 0)
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
        for kind, place in _boxes(file):
            if kind == b"jp2h":
                for inner, inside in _boxes(file, place):
                    if inner == b"colr" and (profile := _profile(_content(file, inside))):
                        told.setdefault("icc_profile", profile)
            elif kind == b"uuid":
                content = _content(file, place)
                if name := _ABOUT.get(content[:16]):
                    told.setdefault(name, content[16:])
    return told


def _profile(colr: bytes) -> bytes:
    return colr[3:] if colr.startswith(_PROFILES) else b""


def _content(file: BinaryIO, place: range) -> bytes:
    """Of a box; empty for one that is longer than any that is looked for."""
    if len(place) > _LARGEST:
        return b""
    file.seek(place.start)
    return file.read(len(place))


def _boxes(file: BinaryIO, within: range | None = None) -> Iterator[tuple[bytes, range]]:
    """Kind of each box, and where its content lies; of a bare code, none."""
    place, end = (within.start, within.stop) if within else (0, file.seek(0, 2))
    for _ in range(_MOST):
        file.seek(place)
        head = file.read(16)
        if place + 8 > end or len(head) < 8 or head.startswith(_CODE):
            return
        length, kind = struct.unpack_from(">L4s", head)
        begin = 16 if length == 1 else 8
        if length == 1:
            length = int.from_bytes(head[8:], "big")
        stop = end if length == 0 else min(place + length, end)
        if stop < place + begin:
            return
        yield kind, range(place + begin, stop)
        place = stop
