"""What a PNG file is made of, by the third edition of its specification."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def walk_chunks(file: BinaryIO, start: int = 0) -> Iterator[tuple[bytes, range]]:
    """Name of each chunk (section 5.3), and where its data lies, or would, if the file is cut short.

    Args:
        file: What holds a PNG.
        start: Where it begins.
    """
    place = start + len(SIGNATURE)
    while True:
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        length, name = struct.unpack(">L4s", head)
        yield name, range(place + 8, place + 8 + length)
        place += length + 12


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and data of each chunk of a whole file."""
    for name, place in walk_chunks(io.BytesIO(data)):
        yield name, data[place.start : place.stop]


def write_chunk(file: BinaryIO, name: bytes, data: bytes) -> None:
    """Append a chunk with its length and checksum."""
    file.write(struct.pack(">L", len(data)) + name + data)
    file.write(struct.pack(">L", zlib.crc32(data, zlib.crc32(name))))


def filtered(bands: Iterable[NDArray[Any]]) -> Iterator[NDArray[uint8]]:
    """Rows as PNG compresses them (section 9): each byte less the one to the left, or the one above.

    Of each row whichever differs less, by the sum of the differences, as section 12.7 advises.

    Args:
        bands: Some rows at a time, (h, W, channels), of numbers whose upper byte comes first.

    Yields:
        As many rows, each with the number of its filter before it, (h, 1 + bytes).
    """
    import numpy as np

    above: NDArray[uint8] | None = None
    for band in bands:
        pixel = band.shape[2] * band.itemsize
        plain = band.view(np.uint8).reshape(len(band), -1)
        aside = plain.copy()
        aside[:, pixel:] -= plain[:, :-pixel]
        first = np.zeros_like(plain[:1]) if above is None else above
        down = plain - np.concatenate([first, plain[:-1]])
        upward = _effort(down) < _effort(aside)
        rows = np.empty((len(band), 1 + plain.shape[1]), np.uint8)
        rows[:, 0] = np.where(upward, 2, 1)
        rows[:, 1:] = np.where(upward[:, np.newaxis], down, aside)
        above = plain[-1:]
        yield rows


def _effort(differences: NDArray[uint8]) -> NDArray[Any]:
    import numpy as np

    return np.abs(differences.view(np.int8).astype(np.int16)).sum(axis=1, dtype=np.int64)
