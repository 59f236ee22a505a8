"""The journal of a run under way: which shards are finished, so that a killed run continues."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from toonify.errors import ToonifyError
from toonify.preparing.shards import Entry
from toonify.storage import read_json, write_bytes

FILE = "progress.json"


@dataclass
class Stream:
    """How far one split of one domain has come.

    Attributes:
        shards: Finished ones by array, in order; the arrays of a stream are in step.
        rejected: Identity and reason of the files found unusable on the way.
        faces: With `--crop face`, by identity how many faces files were cropped to; left out where
            it was one.
        complete: Whether nothing is left to do.
    """

    shards: dict[str, list[Entry]] = field(default_factory=dict)
    rejected: dict[str, str] = field(default_factory=dict)
    faces: dict[str, int] = field(default_factory=dict)
    complete: bool = False

    @property
    def count(self) -> int:
        """Pictures in finished shards."""
        return sum(int(entry["count"]) for entry in next(iter(self.shards.values()), []))


class Journal:
    """`progress.json` in the folder where a dataset is being built.

    It belongs to one request over certain files; for any other it is as good as empty.

    Attributes:
        continues: Whether it was kept for this very request.
        streams: By name, such as `train/photo`.
    """

    def __init__(self, folder: Path, fingerprint: dict[str, Any]) -> None:
        """Read the journal of `folder` if it was kept for the same `fingerprint`."""
        self._folder = folder
        self._fingerprint = fingerprint
        read = self._read()
        self.continues = read is not None
        self.streams: dict[str, Stream] = read or {}

    def stream(self, name: str, arrays: list[str]) -> Stream:
        """The stream called `name`, new or as it was left."""
        return self.streams.setdefault(name, Stream({array: [] for array in arrays}))

    @property
    def faces(self) -> dict[str, dict[str, int]]:
        """By domain, how many of the files used show `none`, `one` or `more` (with `--crop face`)."""
        faces: dict[str, dict[str, int]] = {}
        for name, stream in self.streams.items():
            found = faces.setdefault(name.split("/")[1], dict.fromkeys(("none", "one", "more"), 0))
            several = [number for number in stream.faces.values() if number > 1]
            none = list(stream.faces.values()).count(0)
            found["none"] += none
            found["one"] += stream.count - none - sum(several)
            found["more"] += len(several)
        return faces

    def save(self) -> None:
        """Write it, whole or not at all."""
        streams = {name: asdict(stream) for name, stream in self.streams.items()}
        document = {"fingerprint": self._fingerprint, "streams": streams}
        write_bytes(self._folder / FILE, (json.dumps(document, indent=1) + "\n").encode())

    def remove(self) -> None:
        """The dataset is complete."""
        (self._folder / FILE).unlink(missing_ok=True)

    def _read(self) -> dict[str, Stream] | None:
        try:
            document = read_json(self._folder / FILE, "not being built")
            if document["fingerprint"] != self._fingerprint:
                return None
            streams = {name: Stream(**state) for name, state in document["streams"].items()}
            present = all(self._present(stream) for stream in streams.values())
        except (ToonifyError, KeyError, TypeError, AttributeError):
            return None
        return streams if present else None

    def _present(self, stream: Stream) -> bool:
        return all(
            (self._folder / str(entry["file"])).is_file()
            for entries in stream.shards.values()
            for entry in entries
        )
