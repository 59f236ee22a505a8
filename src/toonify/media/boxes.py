"""What MP4, MOV, HEIC, AVIF and JPEG 2000 files are made of: boxes (ISO/IEC 14496-12, section 4.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

_LARGEST = 2**24  # bytes of a box that is read


def walk_boxes(
    file: BinaryIO, within: range | None = None, most: int = 1000
) -> Iterator[tuple[bytes, range]]:
    """Kind of each box, and where its content lies, or would, if the file is cut short.

    Args:
        file: What holds them.
        within: Where they lie; the whole file when left out.
        most: How many to look at.
    """
    end = file.seek(0, 2)
    place, end = (0, end) if within is None else (within.start, min(within.stop, end))
    for _ in range(most):
        if place + 8 > end:
            return
        file.seek(place)
        head = file.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack_from(">L4s", head)
        content = place + 8
        if length == 1:  # it is told in eight bytes
            length, content = int.from_bytes(head[8:], "big"), place + 16
        stop = place + length if length else end
        if stop < content:
            return
        yield kind, range(content, stop)
        place = stop


def read_box(file: BinaryIO, place: range) -> bytes:
    """What a box holds; nothing where that is more than any box that is looked for."""
    size = place.stop - place.start
    file.seek(place.start)
    return file.read(size) if size <= _LARGEST else b""
