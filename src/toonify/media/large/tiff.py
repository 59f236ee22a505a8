"""A TIFF, read some strips at a time: Pillow's reader gives whole pictures.

Strips are compressed each by itself (TIFF 6.0, page 19), so that a few of them are a file, under the same
tags: of fewer rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from PIL import Image, TiffImagePlugin, TiffTags

from toonify.media.sources import Source, open_source

_WIDTH, _HEIGHT, _STARTS, _ROWS, _LENGTHS, _PLANAR = 256, 257, 273, 278, 279, 284
_SAID_ONCE = (_WIDTH, 258, 259, 262, 266, 277, _PLANAR, 292, 293, 317, 320, 338, 339, 347, 529, 530, 532)
"""Tags that say how pixels are stored: width, bits, compression, what they mean, tables …"""

_HEADERS = {b"II": b"II*\0" + bytes(4), b"MM": b"MM\0*" + bytes(4)}
"""How a file begins, by which byte of its numbers comes first."""

_MODES = frozenset({"1", "L", "P", "RGB", "CMYK", "LAB", "I;16", "I;16B"})
"""Pillow's, of those without transparency; how other numbers are scaled hangs on all of them."""

_MOST = 2**24  # pixels of a strip


def is_in_strips(image: Any) -> bool:
    """Whether it is a TIFF of strips that are small enough, and none of it is transparent.

    Args:
        image: Before its pixels are loaded.
    """
    if image.format != "TIFF" or image.mode not in _MODES or image.has_transparency_data:
        return False
    tags = image.tag_v2
    counted = _STARTS in tags and len(tags[_STARTS]) == len(tags.get(_LENGTHS, ()))
    return counted and tags.get(_PLANAR, 1) == 1 and tags[_WIDTH] * _rows(tags) <= _MOST


def stored_size(image: Any) -> tuple[int, int]:
    """Width and height as they are in the file; Pillow turns TIFF upright by itself."""
    return image.tag_v2[_WIDTH], image.tag_v2[_HEIGHT]


def _rows(tags: Any) -> int:
    """Of each strip but the last."""
    return max(1, min(tags.get(_ROWS, tags[_HEIGHT]), tags[_HEIGHT]))


def strips(image: Any, source: Source, rows: int) -> Iterator[Image.Image]:
    """The whole picture from the top, so many rows at a time or a little fewer.

    Args:
        image: One of which `is_in_strips` was true; it stays as it is.
        source: Its file.
        rows: How many.

    Raises:
        OSError: if its data is damaged.
    """
    tags, each = image.tag_v2, _rows(image.tag_v2)
    count, height = max(1, rows // each), tags[_HEIGHT]
    with open_source(source) as file:
        for first in range(0, -(-height // each), count):
            some = slice(first, first + count)
            data = []
            for start, length in zip(tags[_STARTS][some], tags[_LENGTHS][some], strict=True):
                file.seek(start)
                data.append(file.read(length))
            whole = _file(tags, min(count * each, height - first * each), data)
            with Image.open(io.BytesIO(whole), formats=["TIFF"]) as part:
                part.load()
                yield part


def _file(tags: Any, height: int, data: list[bytes]) -> bytes:
    """These strips, under the tags of the picture that they are a part of."""
    directory = TiffImagePlugin.ImageFileDirectory_v2(_HEADERS[tags.prefix])
    for tag in _SAID_ONCE:
        if tag in tags:
            directory.tagtype[tag] = tags.tagtype[tag]
            directory[tag] = tags[tag]
    ends = [0]
    for strip in data:
        ends.append(ends[-1] + len(strip))
    longs = {_HEIGHT: height, _ROWS: min(tags.get(_ROWS, height), height)}
    longs |= {_STARTS: tuple(ends[:-1]), _LENGTHS: tuple(len(strip) for strip in data)}  # from their first
    for tag, value in longs.items():
        directory.tagtype[tag] = TiffTags.LONG
        directory[tag] = value
    written = io.BytesIO()
    directory.save(written)
    written.writelines(data)
    return written.getvalue()
