"""A JPEG of a picture that is enlarged as it is written.

Pillow's writer takes whole pictures, so a large one is written as strips, each of which it takes for a file.
All have the same tables, and nothing is carried over from one strip to the next, as at every restart marker
(ITU-T T.81, section B.1.1.3). So with such a marker between them the strips' data is the whole picture's, bit
for bit as Pillow would have coded it.

Where colours are halved, luma and chroma are enlarged by themselves, each to the size at which it is coded:
that takes half the time, of enlarging and of coding. Pillow's writer takes no such planes; simplejpeg does,
and writes nothing about the picture, which is Pillow's again.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

from PIL import Image

from toonify.media.bands import row_bands
from toonify.media.large.image import LargeImage

_ROUND = 64  # rows between two markers RST7: there are eight of them, one after 8 rows each
_BETWEEN = b"\xff\xd7"  # RST7
_BEGIN, _END = b"\xff\xd8", b"\xff\xd9"
_FRAME, _SCAN, _TABLE = 0xC0, 0xDA, 0xDB
_AROUND = frozenset({"icc_profile", "exif", "xmp", "dpi"})  # what is about the whole


def save_jpeg(image: LargeImage, file: BinaryIO, options: Mapping[str, Any], *, halved: bool) -> None:
    """Write a picture as JPEG.

    Args:
        image: The picture.
        file: Where to write.
        options: As Pillow's writer takes them.
        halved: Whether one colour for each four pixels will do (4:2:0); every pixel has its own otherwise.
    """
    if image.by_rows:
        _save_in_strips(image, file, {**options, "subsampling": 2 if halved else 0})
    elif halved:
        _save_planes(image, file, options)
    else:
        image.enlarged(0, image.height).save(file, "JPEG", **{**options, "subsampling": 0})


def _save_in_strips(image: LargeImage, file: BinaryIO, options: Mapping[str, Any]) -> None:
    """With a restart marker after each row of blocks, which are twice as high where colours are halved."""
    step = _ROUND * (2 if options["subsampling"] else 1)
    for top, bottom in row_bands(image.size, step):
        coded = _coded(image.enlarged(top, bottom), options, whole=not top)
        places = _places(coded)
        if top:
            file.write(_BETWEEN)
            file.write(memoryview(coded)[places[_SCAN] : -len(_END)])
        else:
            struct.pack_into(">H", coded, places[_FRAME] + 5, image.height)
            file.write(memoryview(coded)[: -len(_END)])
    file.write(_END)


def _coded(strip: Image.Image, options: Mapping[str, Any], *, whole: bool) -> bytearray:
    kept = {name: value for name, value in options.items() if whole or name not in _AROUND}
    written = io.BytesIO()
    strip.save(written, "JPEG", **{**kept, "restart_marker_rows": 1})
    return bytearray(written.getbuffer())


def _save_planes(image: LargeImage, file: BinaryIO, options: Mapping[str, Any]) -> None:
    import simplejpeg

    single = io.BytesIO()
    Image.new("RGB", (1, 1)).save(single, "JPEG", **options)
    coded = simplejpeg.encode_jpeg_yuv_planes(*image.planes(), options["quality"])
    file.write(single.getbuffer()[: _places(single.getbuffer())[_TABLE]])
    file.write(memoryview(coded)[_places(coded)[_TABLE] :])


def _places(coded: bytes | bytearray | memoryview) -> dict[int, int]:
    """Where the parts of a file begin, the first of each kind; of the scan, its data."""
    place, places = len(_BEGIN), dict[int, int]()
    while _SCAN not in places:
        _, kind, length = struct.unpack_from(">2BH", coded, place)
        after = place + 2 + length
        places.setdefault(kind, after if kind == _SCAN else place)
        place = after
    return places
