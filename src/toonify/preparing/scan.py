"""Each file is looked at once, before anything is planned. What was seen of it outlives a killed run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from toonify.plugins import Domain, SourceItem
from toonify.preparing.image_stats import Batch, ImageStats, Seen, measure_batch
from toonify.preparing.inputs import Input
from toonify.preparing.plan import Recipe
from toonify.preparing.shards import CONTINUES
from toonify.preparing.sharing import run_shared
from toonify.progress import Progress
from toonify.runners import Runner
from toonify.storage import DatasetFolder, writing

FILES_AT_ONCE = 8

STATS = np.dtype(
    [
        ("width", np.uint32),
        ("height", np.uint32),
        ("brightness", np.float32),
        ("contrast", np.float32),
        ("marks", np.float32),
        ("sharpness", np.float32),
        ("colour", np.float32),
        ("phash", np.uint64, (1,)),
        ("blocks", np.uint64, (4,)),
        ("mirrored_phash", np.uint64, (1,)),
        ("mirrored_blocks", np.uint64, (4,)),
        ("content", np.uint64, (2,)),
    ]
)
"""`ImageStats` as a row of an array: 124 bytes, so that a hundred thousand are no matter."""


class Scan:
    """What was seen of one domain's files.

    Attributes:
        items: The files.
        stats: (n,), of type `STATS`; zeros for files that cannot be used.
        reasons: By index, why those cannot.
        seen: How many there are of both: files are looked at in order.
    """

    def __init__(self, items: Sequence[SourceItem]) -> None:
        self.items = items
        self.stats = np.zeros(len(items), STATS)
        self.reasons: dict[int, str] = {}
        self.seen = 0

    def add(self, seen: Seen) -> None:
        """Take what was seen of the next file."""
        if isinstance(seen, str):
            self.reasons[self.seen] = seen
        else:
            self.stats[self.seen] = tuple(seen)
        self.seen += 1


class ScanLog:
    """What was seen, file by file, each a line of JSON, on disk as soon as it is known.

    Args:
        folder: Where the dataset is made; `None` to keep nothing.
    """

    def __init__(self, folder: DatasetFolder | None) -> None:
        self._path = folder.scan if folder else None

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
        with writing(self._path, CONTINUES), open(self._path, "a", encoding="ascii") as file:
            file.writelines(json.dumps(seen) + "\n" for seen in batch)


def _parsed(line: bytes) -> Seen | None:
    if not line.endswith(b"\n"):
        return None
    try:
        seen: Any = json.loads(line)
        return seen if isinstance(seen, str) else ImageStats(*seen)
    except (ValueError, TypeError):
        return None


def scan(
    inputs: Mapping[Domain, Input], runner: Runner, recipe: Recipe, log: ScanLog, progress: Progress
) -> dict[Domain, Scan]:
    """Look at every file, those left out that `log` knows.

    Raises:
        ToonifyError: if the disk is full, or a worker dies.
    """
    scans = {domain: Scan(each.items) for domain, each in inputs.items()}
    known = log.read()
    for each in scans.values():
        for seen in islice(known, len(each.items)):
            each.add(seen)
    total = sum(len(each.items) for each in scans.values())
    done = sum(each.seen for each in scans.values())
    with progress.task("survey", total, done=done) as task:
        for domain, each in scans.items():
            batches = _batches(domain, each.items[each.seen :])
            for batch, attempt in run_shared(runner, recipe, batches, measure_batch):
                found = attempt.get()
                log.append(found)
                for seen in found:
                    each.add(seen)
                task.advance(len(batch.items))
    return scans


def _batches(domain: Domain, items: Sequence[SourceItem]) -> Iterator[Batch]:
    for start in range(0, len(items), FILES_AT_ONCE):
        yield Batch(domain, items[start : start + FILES_AT_ONCE])
