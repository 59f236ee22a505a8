"""A JPEG, written some rows at a time: Pillow's writer takes whole pictures.

Each strip is a file of its own to Pillow. The same tables stand in all of them, and where a strip ends
nothing is carried over to the next, as at every restart marker (ITU-T T.81, section B.1.1.3): so with such
a marker between them the strips' data is the whole picture's, bit for bit as Pillow would have coded it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import Image

from toonify.media.large.image import LargeImage

_STRIP = 2**22  # pixels
_ROUND = 64  # rows between two markers RST7: there are eight of them, one after 8 rows each
_BETWEEN = b"\xff\xd7"  # RST7
_END = b"\xff\xd9"
_FRAME, _SCAN = 0xC0, 0xDA
_AROUND = frozenset({"icc_profile", "exif", "xmp", "dpi"})  # what is about the whole


def save_in_strips(image: LargeImage, file: BinaryIO, options: Mapping[str, Any]) -> None:
    """Write a picture as JPEG with every pixel's own colour (4:4:4), with a restart marker every 8 rows.

    Args:
        image: The picture.
        file: Where to write.
        options: As Pillow's writer takes them.
    """
    rows = max(_ROUND, _STRIP // image.width // _ROUND * _ROUND)
    for top in range(0, image.height, rows):
        coded = _coded(image.enlarged(top, min(top + rows, image.height)), options, whole=not top)
        frame, scan = _places(coded)
        if top:
            file.write(_BETWEEN)
            file.write(memoryview(coded)[scan : -len(_END)])
        else:
            struct.pack_into(">H", coded, frame, image.height)
            file.write(memoryview(coded)[: -len(_END)])
    file.write(_END)


def _coded(strip: Image.Image, options: Mapping[str, Any], *, whole: bool) -> bytearray:
    kept = {name: value for name, value in options.items() if whole or name not in _AROUND}
    written = io.BytesIO()
    strip.save(written, "JPEG", **{**kept, "subsampling": 0, "restart_marker_rows": 1})
    return bytearray(written.getbuffer())


def _places(coded: bytearray) -> tuple[int, int]:
    """Where a file of Pillow's has the height of the picture, and where its data begins."""
    place, height = 2, 0
    while True:
        _, kind, length = struct.unpack_from(">2BH", coded, place)
        if kind == _FRAME:
            height = place + 5
        place += 2 + length
        if kind == _SCAN:
            return height, place
