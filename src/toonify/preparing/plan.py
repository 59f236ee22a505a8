"""What is to be made from which files: pure decisions, before any picture is opened."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from toonify.manifests import CHANNELS
from toonify.plugins import Domain, SourceItem
from toonify.preparing.chance import uniform

_NAMES: Mapping[Domain, tuple[str, ...]] = {
    "photo": ("photo",),
    "cartoon": ("cartoon", "smoothed"),
    "paired": ("paired",),
}
ARRAYS: Mapping[Domain, Mapping[str, int]] = {
    domain: {name: CHANNELS[name] for name in names} for domain, names in _NAMES.items()
}
"""The arrays that a domain's pictures become, with their channels."""

SPLITS = ("train", "val")
CROPS_AT_ONCE = 8


@dataclass(frozen=True)
class Job:
    """Some crops of one file: what a worker does at a time."""

    domain: Domain
    item: SourceItem
    crops: range


def shuffled(items: Sequence[SourceItem], seed: int) -> list[SourceItem]:
    """In an order that mixes the folders, so that the first n are a fair sample."""
    return sorted(items, key=lambda item: (uniform(f"{seed}/{item.identity}"), item.identity))


def split(items: Sequence[SourceItem], fraction: float) -> tuple[list[SourceItem], list[SourceItem]]:
    """Train and validation files.

    A file's side hangs on its identity alone: it stays there as others come and go, and whatever
    the seed. Of two files or more, each side gets at least one (unless `fraction` is 0).
    """
    place = {item.identity: uniform(item.identity)[0] for item in items}
    if fraction == 0 or len(items) < 2:
        return list(items), []
    limit = max(fraction, min(place.values()))
    limit = min(limit, sorted(place.values())[-2])
    train = [item for item in items if place[item.identity] > limit]
    return train, [item for item in items if place[item.identity] <= limit]


def quotas(count: int | None, fraction: float, *, spare: bool) -> dict[str, int | None]:
    """How many of `count` pictures each split should get; `None`: one of each of its files.

    Args:
        count: Pictures in all.
        fraction: Part of them for validation.
        spare: Whether there are files for validation.
    """
    if count is None:
        return {"train": None, "val": None}
    val = min(max(1, round(count * fraction)), count - 1) if spare else 0
    return {"train": count - val, "val": val}


def allot(
    domain: Domain,
    items: Sequence[SourceItem],
    taken: Mapping[str, int],
    rejected: Collection[str],
    wanted: int,
    most: int | None,
) -> list[Job]:
    """Spread further crops over the files that are left, by their weights.

    Args:
        domain: Of the jobs.
        items: All files of a split, in order.
        taken: How many crops of each file (by identity) there are already.
        rejected: Identities of files that cannot be used.
        wanted: Crops still missing.
        most: Crops that a file may give; `None` for any number.

    Returns:
        Jobs in the order of `items`, of at most `CROPS_AT_ONCE` crops; none when no file is left.
    """
    first = {
        place: taken.get(item.identity, 0)
        for place, item in enumerate(items)
        if item.identity not in rejected and (most is None or taken.get(item.identity, 0) < most)
    }
    until = dict(first)
    heap = [(crops / items[place].weight, place) for place, crops in first.items()]
    heapq.heapify(heap)
    for _ in range(wanted if heap else 0):
        _, place = heapq.heappop(heap)
        until[place] += 1
        if most is None or until[place] < most:
            heapq.heappush(heap, (until[place] / items[place].weight, place))
        elif not heap:
            break
    return [
        Job(domain, items[place], range(start, min(start + CROPS_AT_ONCE, end)))
        for place, end in sorted(until.items())
        for start in range(first[place], end, CROPS_AT_ONCE)
    ]
