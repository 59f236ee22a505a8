"""PNG with texts that are too long to be read, and pictures that are fine."""

from __future__ import annotations

import bisect
import io
from collections.abc import Iterator
from itertools import accumulate
from typing import BinaryIO

from toonify.media.png import walk_chunks
from toonify.media.sources import Source, open_source

TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_HEAD, _CHECKSUM = 8, 4  # bytes of a chunk before its data and after

LEFT_OUT = "text left out, too long"


def is_too_long(error: Exception) -> bool:
    """Whether that is what Pillow says."""
    return isinstance(error, ValueError) and "MAX_TEXT" in str(error)


class WithoutTexts(io.BufferedReader):
    """A PNG file as it would be without any text.

    Args:
        source: The file.
    """

    def __init__(self, source: Source) -> None:
        file = open_source(source)  # `Parts` closes it
        super().__init__(Parts(file, list(_kept(file))))


def _kept(file: BinaryIO) -> Iterator[range]:
    """Where in the file its other chunks are."""
    begin = 0
    for kind, data in walk_chunks(file):
        if kind in TEXTS:
            yield range(begin, data.start - _HEAD)
            begin = data.stop + _CHECKSUM
    yield range(begin, max(begin, file.seek(0, io.SEEK_END)))


class Parts(io.RawIOBase):
    """Parts of a file, one after another, as one."""

    def __init__(self, file: BinaryIO, parts: list[range]) -> None:
        self._file = file
        self._parts = [part for part in parts if part]
        self._ends = list(accumulate(len(part) for part in self._parts))
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._ends[-1]}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        number = bisect.bisect_right(self._ends, self._place)
        if number == len(self._parts):
            return 0
        left = self._ends[number] - self._place
        self._file.seek(self._parts[number].stop - left)
        data = self._file.read(min(left, len(buffer)))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
