"""Colour profiles for pictures that name their colours by numbers alone (ICC.1:2010, profile version 4.3)."""

from __future__ import annotations

import functools
import struct

from toonify.media.primaries import D65, NAMES, adapting, to_xyz, xyz

_D50 = (0.9642, 1.0, 0.8249)  # the white of all profiles (section 7.2.16)
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1


@functools.cache
def profile_of(primaries: int) -> bytes:
    """The profile of RGB numbers with these primaries and sRGB's curve.

    Args:
        primaries: One of `NAMES`.
    """
    import numpy as np

    from_d65 = adapting(xyz(*D65), np.array(_D50))  # as in annex E
    red, green, blue = (from_d65 @ to_xyz(primaries)).T
    curve = b"para" + struct.pack(">4xHxx", 3) + _fixed(*_SRGB_CURVE)
    tags = {
        b"desc": _text(NAMES[primaries]),
        b"cprt": _text("No copyright"),
        b"wtpt": _colour(*_D50),
        b"chad": b"sf32\0\0\0\0" + _fixed(*from_d65.ravel()),
        b"rXYZ": _colour(*red),
        b"gXYZ": _colour(*green),
        b"bXYZ": _colour(*blue),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    return _written(tags)


def _written(tags: dict[bytes, bytes]) -> bytes:
    """A profile: header (section 7.2), table of tags (7.3), and what they hold, each once."""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    behind = b""
    for data in tags.values():
        if data not in places:
            places[data] = start + len(behind)
            behind += data + bytes(-len(data) % 4)
    table = struct.pack(">L", len(tags))
    table += b"".join(name + struct.pack(">2L", places[data], len(data)) for name, data in tags.items())
    header = struct.pack(">L4xL", start + len(behind), 0x04300000) + b"mntrRGB XYZ "
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp"
    header = header.ljust(68, b"\0") + _fixed(*_D50)
    return header.ljust(128, b"\0") + table + behind


def _fixed(*numbers: float) -> bytes:
    """s15Fixed16 (section 4.6)."""
    return struct.pack(f">{len(numbers)}l", *(round(number * 2**16) for number in numbers))


def _colour(*numbers: float) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*numbers)


def _text(text: str) -> bytes:
    """multiLocalizedUnicodeType (section 10.13), in English alone."""
    coded = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">4x2L4s2L", 1, 12, b"enUS", len(coded), 28) + coded
