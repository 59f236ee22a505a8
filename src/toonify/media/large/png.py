"""A PNG, read some rows at a time: Pillow's reader gives whole pictures.

What is stored of a row is how it differs from the pixels to its left and above (ISO/IEC 15948, section 9).
So each strip becomes a file of its own to Pillow, below the row before it; and another that is no larger
than a pixel has all that is written about the picture.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL import Image

from toonify.errors import ToonifyError
from toonify.media.bands import row_bands
from toonify.media.opening import open_header
from toonify.media.png import SIGNATURE, walk_chunks, write_chunk
from toonify.media.sources import Source, open_source

_BITS = {
    "1": 1,
    "L;2": 2,
    "L;4": 4,
    "L": 8,
    "I;16B": 16,
    "RGB": 24,
    "P;1": 1,
    "P;2": 2,
    "P;4": 4,
    "P": 8,
}
"""Of a pixel, by Pillow's name of how they are stored; of those without transparency."""

_OF_BYTES = {1: 0, 2: 4, 3: 2}
"""PNG's colour type of as many channels, a byte each."""

_BLOCK = 2**20
_ABOUT = frozenset({b"pHYs", b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"IEND"})
_PIXEL = struct.pack(">2L5B", 1, 1, 8, 0, 0, 0, 0)


def is_in_rows(image: Any) -> bool:
    """Whether it is a still PNG whose rows can be read one after another, and none is transparent.

    Args:
        image: Before its pixels are loaded.
    """
    if image.format != "PNG" or image.info.get("interlace") or image.has_transparency_data:
        return False
    return not image.is_animated and _stored_as(image) in _BITS


def _stored_as(image: Any) -> str:
    return str(image.tile[0].args) if len(image.tile) == 1 else ""


def strips(image: Any, source: Source) -> Iterator[Image.Image]:
    """The whole picture from the top, some rows at a time.

    Args:
        image: One of which `is_in_rows` was true; it stays as it is.
        source: Its file.

    Raises:
        ToonifyError: if its data ends too early.
        zlib.error: if it is damaged.
    """
    stored = _stored_as(image)
    length, apart = -(-image.width * _BITS[stored] // 8), max(1, _BITS[stored] // 8)
    above = bytes(length)
    with open_source(source) as file:
        inflating = _Inflating(_compressed(file))
        for top, bottom in row_bands(image.size):
            pixels = _undone(above, inflating.read((bottom - top) * (1 + length)), apart)
            above = pixels[-length:]
            strip = Image.frombytes(image.mode, (image.width, bottom - top), pixels, "raw", stored)
            if image.mode == "P":
                strip.putpalette(image.palette.getdata()[1])
            yield strip


def _compressed(file: BinaryIO) -> Iterator[bytes]:
    """The data of a PNG's pixels, some of it at a time."""
    for kind, place in walk_chunks(file):
        if kind == b"IDAT":
            for start in range(place.start, place.stop, _BLOCK):
                file.seek(start)
                yield file.read(min(_BLOCK, place.stop - start))


class _Inflating:
    """What is compressed, as much of it at a time as is asked for.

    Args:
        blocks: The compressed data.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._inflating = zlib.decompressobj()

    def read(self, count: int) -> bytes:
        """So many bytes.

        Raises:
            ToonifyError: if there are fewer.
            zlib.error: if they are damaged.
        """
        found = bytearray()
        while len(found) < count:
            data = self._inflating.unconsumed_tail or next(self._blocks, b"")
            more = self._inflating.decompress(data, count - len(found))
            if not data and not more:
                raise ToonifyError("damaged or cut short (it ends before its last row)")
            found += more
        return bytes(found)


def _undone(above: bytes, rows: bytes, apart: int) -> bytes:
    """The bytes of rows that are stored by their differences.

    Args:
        above: The row before them.
        rows: Each with the number of its filter before it.
        apart: Bytes from a pixel to the one on its left.
    """
    count = len(rows) // (1 + len(above))
    written = io.BytesIO()
    written.write(SIGNATURE)
    size = len(above) // apart, 1 + count
    write_chunk(written, b"IHDR", struct.pack(">2L5B", *size, 8, _OF_BYTES[apart], 0, 0, 0))
    write_chunk(written, b"IDAT", zlib.compress(b"\0" + above + rows, 0))
    write_chunk(written, b"IEND", b"")
    with Image.open(written, formats=["PNG"]) as image:
        return image.crop((0, 1, *size)).tobytes()


def without_pixels(source: Source) -> Image.Image:
    """All that is written about a picture, around a single pixel.

    Args:
        source: Its file.
    """
    written = io.BytesIO()
    written.write(SIGNATURE)
    write_chunk(written, b"IHDR", _PIXEL)
    with open_source(source) as file:
        _copy_around(file, written)
    return open_header(written, ("PNG",))


def _copy_around(file: BinaryIO, written: BinaryIO) -> None:
    """The chunks that tell of it, in their order, and a single pixel."""
    begun = False
    for kind, place in walk_chunks(file):
        if kind in _ABOUT:
            file.seek(place.start)
            write_chunk(written, kind, file.read(len(place)))
        elif kind == b"IDAT" and not begun:
            begun = True
            write_chunk(written, kind, zlib.compress(bytes(2)))
