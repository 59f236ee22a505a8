"""What there is: the files of every source, each of them looked at once before anything is planned.

What was seen outlives a killed run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from toonify.errors import ToonifyError, one_line, usage_error
from toonify.media import READ, left_aside, tell_left_aside
from toonify.plugins import DatasetSource, Domain, SourceItem, create, plugin_errors, plugin_origin
from toonify.preparing.image_stats import Batch, ImageStats, Seen, measure_batch
from toonify.preparing.plan import Recipe
from toonify.preparing.request import PrepareRequest
from toonify.preparing.shards import CONTINUES
from toonify.preparing.sharing import run_shared
from toonify.progress import Progress
from toonify.runners import Runner
from toonify.storage import ARRAYS, SUPERPIXELS, DatasetFolder, writing

FOLDER = "folder"  # the source that fills what the others lack
RESERVED = frozenset({*ARRAYS, "features", "heads"})  # names that loss terms know already
FILES_AT_ONCE = 8

STATS = np.dtype(
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
"""`ImageStats` as a row of an array: 80 bytes, so that a hundred thousand are no matter."""


@dataclass(frozen=True)
class Input:
    """One domain's files.

    Attributes:
        plugin: Name of the source.
        origin: Which distribution and version brought it.
        source: Opens them.
        root: The folder they come from.
        items: All of them.
        arrays: What their pictures become: the channels of each array.
    """

    plugin: str
    origin: str
    source: DatasetSource
    root: Path
    items: list[SourceItem]
    arrays: Mapping[str, int]


def find_inputs(request: PrepareRequest) -> dict[Domain, Input]:
    """List the files of every domain that the dataset will have.

    Raises:
        ToonifyError: if a folder is missing from the request, or holds nothing that the source knows; if
            the source breaks a promise.
    """
    source: DatasetSource = create("datasets", request.source, request.source_options)
    with plugin_errors(f"the source '{request.source}'"):
        _check_arrays(request.source, source, RESERVED | ({SUPERPIXELS} if request.superpixels else set()))
    folder: DatasetSource = create("datasets", FOLDER, {})
    inputs: dict[Domain, Input] = {}
    roots = _roots(request, source)
    photographs = "photo" if "photo" in roots else "paired"
    for domain, root in roots.items():
        name, giver = (request.source, source) if domain in source.domains else (FOLDER, folder)
        inputs[domain] = Input(
            plugin=name,
            origin=plugin_origin("datasets", name),
            source=giver,
            root=root,
            items=_list(domain, name, giver, root),
            arrays=_arrays(domain, giver, superpixels=request.superpixels and domain == photographs),
        )
    return inputs


def plugin_versions(inputs: Mapping[Domain, Input]) -> dict[str, str]:
    """Which distribution and version brought each source, as the manifest lists it."""
    return {f"datasets/{each.plugin}": each.origin for each in inputs.values()}


def count_left_aside(inputs: Mapping[Domain, Input]) -> dict[str, int]:
    """What lies in the folders and became no item of a source, counted by kind."""
    kinds: Counter[str] = Counter()
    for root in {each.root for each in inputs.values() if each.root.is_dir()}:
        taken = {item.path for each in inputs.values() if each.root == root for item in each.items}
        kinds += left_aside(root, taken)
    return dict(sorted(kinds.items()))


def fingerprint(inputs: Mapping[Domain, Input]) -> str:
    """Changes when a file is added, removed or written to."""
    digest = hashlib.sha256()
    for domain, found in inputs.items():
        for item in found.items:
            try:
                state = item.path.stat()
                seen = f"{state.st_size} {state.st_mtime_ns}"
            except OSError:
                seen = "unreadable"
            digest.update(f"{domain} {item.identity} {seen}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _roots(request: PrepareRequest, source: DatasetSource) -> dict[Domain, Path]:
    """The domains to make, and where each is found.

    Pairs need no cartoons; a dataset of both kinds needs photos and cartoons.
    """
    roots: dict[Domain, Path] = {}
    cartoons = request.cartoons
    if cartoons is None and "cartoon" in source.domains and source.one_root:
        cartoons = request.photos
    if cartoons is None and "paired" not in source.domains:
        raise usage_error(
            f"the source '{request.source}' needs a folder of cartoons beside the photos",
            "Give both:  toonify prepare PHOTOS CARTOONS",
        )
    if cartoons or "photo" in source.domains:
        roots["photo"] = request.photos
    if cartoons:
        roots["cartoon"] = cartoons
    if "paired" in source.domains:
        roots["paired"] = request.photos
    return roots


def _list(domain: Domain, name: str, source: DatasetSource, root: Path) -> list[SourceItem]:
    try:
        items = list(source.items(domain, root))
    except ToonifyError:
        raise
    except Exception as error:  # a source may be anyone's code
        raise ToonifyError(
            f"the source '{name}' cannot read {root}: {type(error).__name__}: {one_line(error)}"
        ) from error
    if not items:
        others = tell_left_aside(left_aside(root, ()))
        raise ToonifyError(f"{root} holds no pictures{f' ({others})' if others else ''}", READ)
    if len({item.identity for item in items}) < len(items):
        raise ToonifyError(f"the source '{name}' gave the same identity to two files of {root}")
    if not all(item.weight > 0 for item in items):
        raise ToonifyError(f"the source '{name}' gave a weight that is not above 0 to a file of {root}")
    return items


def _arrays(domain: Domain, source: DatasetSource, *, superpixels: bool) -> dict[str, int]:
    built_in = {name: array.channels for name, array in ARRAYS.items() if array.domain == domain}
    asked = {SUPERPIXELS: 1} if superpixels else {}
    return {**built_in, **asked, **source.arrays.get(domain, {})}


def _check_arrays(name: str, source: DatasetSource, taken: Collection[str]) -> None:
    """Raise a `ToonifyError` for arrays of a source's own that cannot be."""
    times = Counter(array for arrays in source.arrays.values() for array in arrays)
    for domain, arrays in source.arrays.items():
        for array, channels in arrays.items():
            said = f"the source '{name}' declares the array '{array}'"
            if domain not in source.domains:
                raise ToonifyError(f"{said} of {domain} pictures, which it does not give")
            if array in taken or times[array] > 1:
                raise ToonifyError(f"{said}, a name that is taken")
            if not re.fullmatch("[a-z][a-z0-9_]*", array):
                raise ToonifyError(f"{said}; a name is lower-case letters, digits and underscores")
            if type(channels) is not int or channels < 1:
                raise ToonifyError(f"{said} of {channels} channels; it needs one at least")


class Scan:
    """What was seen of one domain's files.

    Attributes:
        items: The files.
        stats: (n,), of type `STATS`; zeros for files that cannot be used.
        reasons: By index, why those cannot.
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
            for batch, outcome in run_shared(runner, recipe, batches, measure_batch):
                found = outcome.get()
                log.append(found)
                for seen in found:
                    each.add(seen)
                task.advance(len(batch.items))
    return scans


def _batches(domain: Domain, items: Sequence[SourceItem]) -> Iterator[Batch]:
    for start in range(0, len(items), FILES_AT_ONCE):
        yield Batch(domain, items[start : start + FILES_AT_ONCE])
