"""Every file is looked at once, before anything is planned; what was seen outlives a killed run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from toonify.errors import ToonifyError, refusal
from toonify.plugins import Domain, SourceItem
from toonify.preparing.inputs import Input
from toonify.preparing.looking import Batch, Look, Seen, look_at
from toonify.preparing.shards import CONTINUES
from toonify.preparing.workers import Workers
from toonify.progress import Progress

LOOKS_AT_ONCE = 8

LOOK = np.dtype(
    [
        ("width", np.uint32),
        ("height", np.uint32),
        ("brightness", np.float32),
        ("contrast", np.float32),
        ("sharpness", np.float32),
        ("colour", np.float32),
        ("phash", np.uint64, (1,)),
        ("blocks", np.uint64, (4,)),
        ("content", np.uint64, (2,)),
    ]
)
"""A `Look` as a row of an array: 80 bytes, so that a hundred thousand are no matter."""


class Survey:
    """What was seen of one domain's files.

    Attributes:
        items: The files.
        looks: (n,), of type `LOOK`; zeros for files that cannot be used.
        reasons: By index, why those cannot.
    """

    def __init__(self, items: Sequence[SourceItem]) -> None:
        self.items = items
        self.looks = np.zeros(len(items), LOOK)
        self.reasons: dict[int, str] = {}
        self.seen = 0

    def add(self, seen: Seen) -> None:
        """Take what was seen of the next file."""
        if isinstance(seen, str):
            self.reasons[self.seen] = seen
        else:
            self.looks[self.seen] = tuple(seen)
        self.seen += 1


class Log:
    """What was seen, file by file, each a line of JSON, on disk as soon as it is known.

    Args:
        path: The file; `None` to keep nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> Iterator[Seen]:
        """What an earlier run saw; a line that was being written when it ended is cut off."""
        if self._path is None or not self._path.exists():
            return
        whole = 0
        with open(self._path, "rb") as file:
            for line in file:
                seen = _parsed(line)
                if seen is None:
                    break
                whole += len(line)
                yield seen
        os.truncate(self._path, whole)

    def append(self, batch: Sequence[Seen]) -> None:
        """Note what was seen.

        Raises:
            ToonifyError: if the disk is full.
        """
        if self._path is None:
            return
        try:
            with open(self._path, "a", encoding="ascii") as file:
                file.writelines(json.dumps(seen) + "\n" for seen in batch)
        except OSError as error:
            raise ToonifyError(f"{self._path} cannot be written: {refusal(error)}", CONTINUES) from error

    def remove(self) -> None:
        """The dataset is complete."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _parsed(line: bytes) -> Seen | None:
    if not line.endswith(b"\n"):
        return None
    try:
        seen: Any = json.loads(line)
        return seen if isinstance(seen, str) else Look(*seen)
    except (ValueError, TypeError):
        return None


def survey(
    found: Mapping[Domain, Input], workers: Workers, log: Log, progress: Progress
) -> dict[Domain, Survey]:
    """Look at every file, those left out that `log` knows.

    Raises:
        ToonifyError: if the disk is full, or a worker dies.
    """
    surveys = {domain: Survey(source.items) for domain, source in found.items()}
    known = log.read()
    for each in surveys.values():
        for seen in islice(known, len(each.items)):
            each.add(seen)
    total = sum(len(each.items) for each in surveys.values())
    done = sum(each.seen for each in surveys.values())
    with progress.task("survey", total, done=done) as task:
        for domain, each in surveys.items():
            for batch, looks in workers.run(look_at, _batches(domain, each.items[each.seen :])):
                log.append(looks)
                for seen in looks:
                    each.add(seen)
                task.advance(len(batch.items))
    return surveys


def _batches(domain: Domain, items: Sequence[SourceItem]) -> Iterator[Batch]:
    for start in range(0, len(items), LOOKS_AT_ONCE):
        yield Batch(domain, items[start : start + LOOKS_AT_ONCE])
