"""Shards, and the journal of those that are finished: a run that is killed loses no more than a shard.

Shards are `.npy` files that are written picture by picture and appear whole or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from toonify.errors import ToonifyError
from toonify.preparing.plan import SPLITS
from toonify.storage import DatasetFolder, Part, put_in_place, read_json, write_bytes, writing

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
        finished: The shards of each array that are there already.
        on_finish: Called when a shard of each array is complete, after `finished` was updated.
    """

    def __init__(
        self,
        folder: Path,
        split: str,
        channels: Mapping[str, int],
        size: int,
        finished: dict[str, list[Entry]],
        on_finish: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._split = split
        self._shapes = {array: (size, size, number) for array, number in channels.items()}
        self._capacity = max(1, SHARD_BYTES // (size * size * max(channels.values())))
        self._finished = finished
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
        for array, shard in self._open.items():
            shard.finish()
            self._finished[array].append({"file": self._name(array), "count": shard.count})
        self._open = {}
        self._on_finish()

    def discard(self) -> None:
        """Remove the shards that are open."""
        for shard in self._open.values():
            shard.discard()
        self._open = {}

    def _start(self, array: str) -> Shard:
        return Shard(self._folder / self._name(array), self._shapes[array])

    def _name(self, array: str) -> str:
        return DatasetFolder.shard(self._split, array, len(self._finished[array]))


@dataclass
class Stream:
    """How far one split of one domain has come.

    Attributes:
        shards: Finished ones by array, in order; the arrays of a stream are in step.
        rejected: Identity and reason of the files found unusable on the way.
        faces: With crops around faces, by identity how many files were cropped to; left out where it
            was one.
        made: Pictures in all, once nothing is left to do.
    """

    shards: dict[str, list[Entry]] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    faces: dict[str, int] = field(default_factory=dict)
    made: int | None = None

    @property
    def finished(self) -> int:
        """Pictures in finished shards."""
        return sum(int(entry["count"]) for entry in next(iter(self.shards.values()), []))


class Journal:
    """How far the making of a dataset has come: a small file, written anew after each shard.

    It belongs to one request over certain files; for any other it is as good as empty.

    Attributes:
        folder: Where the dataset is made; `None` in a dry run, whose journal is kept in memory alone.
        continues: Whether it was kept for this very request.
        streams: By name, such as `train/photo`.
    """

    def __init__(self, folder: DatasetFolder | None, fingerprint: Mapping[str, Any]) -> None:
        """Read the journal of `folder` if it has this `fingerprint`."""
        self.folder = folder
        self._fingerprint = fingerprint
        read = self._read(folder) if folder else None
        self.continues = read is not None
        self.streams: dict[str, Stream] = read or {}

    def stream(self, name: str, arrays: list[str]) -> Stream:
        """The stream called `name`, new or as it was left."""
        return self.streams.setdefault(name, Stream({array: [] for array in arrays}))

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Pictures by split and array."""
        return self._by_split(lambda stream: dict.fromkeys(stream.shards, stream.made or 0))

    @property
    def shards(self) -> dict[str, dict[str, list[Entry]]]:
        """Finished shards by split and array."""
        return self._by_split(lambda stream: stream.shards)

    def files(self, split: str) -> dict[str, list[Path]]:
        """Where the finished shards of each array of a split are."""
        folder = self.folder.path if self.folder else Path()
        return {
            array: [folder / str(entry["file"]) for entry in entries]
            for array, entries in self.shards[split].items()
        }

    def _by_split(self, arrays: Callable[[Stream], dict[str, T]]) -> dict[str, dict[str, T]]:
        found: dict[str, dict[str, T]] = {split: {} for split in SPLITS}
        for name, stream in self.streams.items():
            found[name.split("/")[0]] |= arrays(stream)
        return found

    @property
    def faces(self) -> dict[str, dict[str, int]]:
        """By domain, how many of the files used show `none`, `one` or `more`, where that was looked at."""
        faces: dict[str, dict[str, int]] = {}
        for name, stream in self.streams.items():
            found = faces.setdefault(name.split("/")[1], dict.fromkeys(("none", "one", "more"), 0))
            several = [number for number in stream.faces.values() if number > 1]
            none = list(stream.faces.values()).count(0)
            found["none"] += none
            found["one"] += (stream.made or 0) - none - sum(several)
            found["more"] += len(several)
        return faces

    def save(self) -> None:
        """Write it, whole or not at all."""
        if self.folder:
            streams = {name: asdict(stream) for name, stream in self.streams.items()}
            document = {"fingerprint": self._fingerprint, "streams": streams}
            write_bytes(self.folder.journal, (json.dumps(document, indent=1) + "\n").encode())

    def _read(self, folder: DatasetFolder) -> dict[str, Stream] | None:
        try:
            document = read_json(folder.journal, "not being built")
            if document["fingerprint"] != self._fingerprint:
                return None
            streams = {name: Stream(**state) for name, state in document["streams"].items()}
            files = _listed(folder, document)
        except (ToonifyError, KeyError, TypeError, AttributeError):
            return None
        return streams if all(file.is_file() for file in files) else None


def was_moved_away(folder: DatasetFolder) -> bool:
    """Whether of a dataset that was made in a folder its journal alone is left."""
    try:
        files = _listed(folder, read_json(folder.journal, "not being built"))
    except (ToonifyError, KeyError, TypeError, AttributeError):
        return False
    return bool(files) and not any(file.exists() for file in files)


def _listed(folder: DatasetFolder, document: Mapping[str, Any]) -> list[Path]:
    """Where the finished shards are that a journal lists."""
    return [
        folder.path / str(entry["file"])
        for stream in document["streams"].values()
        for entries in stream["shards"].values()
        for entry in entries
    ]


def content_hash(files: Iterable[Path]) -> str:
    """SHA-256 over the bytes of all shards in order."""
    digest = hashlib.sha256()
    for path in files:
        with open(path, "rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    return digest.hexdigest()
