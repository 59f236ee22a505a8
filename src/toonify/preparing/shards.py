"""Shards: `.npy` files that are written picture by picture, and appear whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

import numpy as np

from toonify.errors import ToonifyError
from toonify.storage import DatasetFolder, Part, put_in_place, writing

SHARD_BYTES = 64 * 2**20
CONTINUES = "Mend that and give the same command again: it continues where it stopped."
T = TypeVar("T")

Entry = dict[str, "str | int"]
"""A finished shard as the manifest lists it: `{"file": relative path, "count": pictures}`."""


@contextlib.contextmanager
def continuing() -> Iterator[None]:
    """Add to an error within what to do about it: the work until then is not lost."""
    try:
        yield
    except ToonifyError as error:
        raise ToonifyError(error.message, CONTINUES) from error


class Shard:
    """One array on its way to a `.npy` file of shape (n, ...), n growing.

    Plain writes rather than a memory map: on a full disk a map kills the process.
    """

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        """Open a file beside `path`, for pictures of `shape`."""
        self.count = 0
        self._path = path
        self._shape = shape
        with self._telling():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._part = Part(path)
            self._file = open(self._part.path, "wb")  # noqa: SIM115 - until finish() or discard()
            self._write_header()

    def append(self, picture: np.ndarray) -> None:
        """Add a picture.

        Raises:
            ToonifyError: if the disk is full or the folder cannot be written; so do the others.
        """
        with self._telling():
            self._file.write(np.ascontiguousarray(picture).data)
        self.count += 1

    def finish(self) -> None:
        """Put the number of pictures into the header, flush to the disk, rename into place."""
        with self._telling():
            self._file.seek(0)
            self._write_header()
            self._file.close()
            put_in_place(self._part.path, self._path)
        self._part.discard()

    def discard(self) -> None:
        """Remove what is not finished."""
        with contextlib.suppress(OSError):
            self._file.close()
        self._part.discard()

    def _write_header(self) -> None:
        # NumPy pads the header so that the first dimension can grow: its length stays the same.
        header = {"descr": "|u1", "fortran_order": False, "shape": (self.count, *self._shape)}
        np.lib.format.write_array_header_1_0(self._file, header)

    def _telling(self) -> AbstractContextManager[None]:
        return writing(self._path, CONTINUES)


class ShardWriter(AbstractContextManager["ShardWriter"]):
    """The shards of one split of one domain: its arrays advance in step.

    Args:
        folder: The dataset's.
        split: `train` or `val`.
        channels: Names of the arrays, with their channels.
        size: Side of the pictures.
        number: How many shards of each array are there already.
        on_finish: Given the entry of each array, by name, when a shard of all of them is complete.
    """

    def __init__(
        self,
        folder: Path,
        split: str,
        channels: Mapping[str, int],
        size: int,
        number: int,
        on_finish: Callable[[dict[str, Entry]], None],
    ) -> None:
        self._folder = folder
        self._split = split
        self._shapes = {array: (size, size, number) for array, number in channels.items()}
        self._capacity = max(1, SHARD_BYTES // (size * size * max(channels.values())))
        self._number = number
        self._on_finish = on_finish
        self._open: dict[str, Shard] = {}

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            self.discard()

    def append(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Add pictures: each array uint8, (n, S, S, channels), the same n."""
        for pictures in zip(*(arrays[array] for array in self._shapes), strict=True):
            if not self._open:
                self._open = {array: self._start(array) for array in self._shapes}
            for array, picture in zip(self._shapes, pictures, strict=True):
                self._open[array].append(picture)
            if self._open[array].count == self._capacity:
                self.finish()

    def finish(self) -> None:
        """Complete the shards that are open, full or not."""
        if not self._open:
            return
        entries: dict[str, Entry] = {}
        for array, shard in self._open.items():
            shard.finish()
            entries[array] = {"file": self._name(array), "count": shard.count}
        self._open = {}
        self._number += 1
        self._on_finish(entries)

    def discard(self) -> None:
        """Remove the shards that are open."""
        for shard in self._open.values():
            shard.discard()
        self._open = {}

    def _start(self, array: str) -> Shard:
        return Shard(self._folder / self._name(array), self._shapes[array])

    def _name(self, array: str) -> str:
        return DatasetFolder.shard(self._split, array, self._number)


def content_hash(files: Iterable[Path]) -> str:
    """SHA-256 over the bytes of all shards in order."""
    digest = hashlib.sha256()
    for path in files:
        with open(path, "rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()
