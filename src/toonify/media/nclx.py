"""What AVIF and HEIC say of their colours by numbers (a box `nclx`), also beside a profile.

Pillow's reader of AVIF keeps it to itself, and pillow-heif where there is a profile. By ISO/IEC 14496-12
(boxes) and 23008-12 (items and their properties).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from toonify.media.sources import Source, open_source

_HEAD = 2**20  # bytes among which the box `meta` is: what is large lies behind it


def nclx_of(source: Source) -> tuple[int, int] | None:
    """Primaries and transfer of the main picture, by ITU-T H.273; `None` where the file tells none.

    Raises:
        OSError: if it cannot be read.
    """
    with open_source(source) as file:
        head = file.read(_HEAD)
    try:
        return _told(dict(_boxes(dict(_boxes(head))[b"meta"][4:])))
    except (KeyError, IndexError, struct.error):  # damaged, or written as nobody does
        return None


def _told(meta: dict[bytes, bytes]) -> tuple[int, int] | None:
    properties = dict(_boxes(meta[b"iprp"]))
    all_of_them = list(_boxes(properties[b"ipco"]))
    for number in _properties_of(_main_item(meta[b"pitm"]), properties[b"ipma"]):
        kind, data = all_of_them[number - 1]
        if kind == b"colr" and data[:4] == b"nclx":
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


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each; of the last, as much as is there."""
    place = 0
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">L4s", data, place)
        if length < 8:  # to the end, or more than 4 GB: nothing that is looked for
            return
        yield kind, data[place + 8 : place + length]
        place += length
