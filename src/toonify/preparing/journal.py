"""The journal of the shards that are finished: a run that is killed loses no more than a shard."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from toonify.errors import ToonifyError
from toonify.preparing.plan import SPLITS
from toonify.preparing.shards import Entry
from toonify.storage import DatasetFolder, read_json, write_bytes

T = TypeVar("T")


@dataclass
class Stream:
    """How far one split of one domain has come.

    Attributes:
        shards: Finished ones by array, in order; the arrays of a stream are in step.
        rejected: Identity and reason of the files found unusable on the way.
        faces: With crops around faces, by identity how many of a file's were cropped to; left out where it
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
