"""What AVIF and HEIC say of their colours by numbers (a box `nclx`), also beside a profile.

Pillow's reader of AVIF keeps it to itself, and pillow-heif where there is a profile. By ISO/IEC 23008-12
(items and their properties).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from toonify.media.boxes import read_box, walk_boxes
from toonify.media.sources import Source, open_source


def nclx_of(source: Source) -> tuple[int, int] | None:
    """Primaries and transfer of the main picture, by ITU-T H.273; `None` where the file tells none.

    Raises:
        OSError: if it cannot be read.
    """
    with open_source(source) as file:
        try:
            return _told(file)
        except (KeyError, IndexError, struct.error):  # damaged, or written as nobody does
            return None


def _told(file: BinaryIO) -> tuple[int, int] | None:
    meta = dict(walk_boxes(file))[b"meta"]
    items = dict(walk_boxes(file, meta[4:]))
    properties = dict(walk_boxes(file, items[b"iprp"]))
    every = list(walk_boxes(file, properties[b"ipco"]))
    main, listed = _main_item(read_box(file, items[b"pitm"])), read_box(file, properties[b"ipma"])
    for number in _properties_of(main, listed):
        kind, place = every[number - 1]
        if kind == b"colr" and (data := read_box(file, place)).startswith(b"nclx"):
            primaries, transfer = struct.unpack_from(">2H", data, 4)
            return primaries, transfer
    return None


def _main_item(pitm: bytes) -> int:
    (number,) = struct.unpack_from(">L" if pitm[0] else ">H", pitm, 4)
    return int(number)


def _properties_of(item: int, ipma: bytes) -> Iterator[int]:
    """The numbers of an item's properties, from 1 on."""
    wide, (count,), place = ipma[3] & 1, struct.unpack_from(">L", ipma, 4), 8
    name = ">L" if ipma[0] else ">H"
    for _ in range(count):
        (found,) = struct.unpack_from(name, ipma, place)
        place += struct.calcsize(name)
        for _ in range(ipma[place]):
            first, second = ipma[place + 1], ipma[place + 2] if wide else 0
            place += 1 + wide
            if found == item:
                yield (first & 0x7F) << 8 | second if wide else first & 0x7F
        place += 1
