"""What is to be made from which files: pure decisions, before any picture is opened."""

from __future__ import annotations

import hashlib
import heapq
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from toonify.errors import ToonifyError
from toonify.plugins import Domain, SourceItem
from toonify.preparing.checked_source import CheckedSource

SPLITS = ("train", "val")
CROPS_AT_ONCE = 8


@dataclass(frozen=True)
class Recipe:
    """What the jobs of a request have in common; it travels to the workers.

    Attributes:
        sources: Who opens the pictures of each domain.
        arrays: What they become: the channels of each domain's arrays.
        size: As in the request, as are `crop`, `seed` and `tone`.
        memory: Bytes that a picture may be decoded in; 0 for any number.
        need_faces: Whether pictures without a face are left out, where crops are taken around faces.
    """

    sources: Mapping[Domain, CheckedSource]
    arrays: Mapping[Domain, Mapping[str, int]]
    size: int
    crop: str
    seed: int
    tone: str = "none"
    memory: int = 0
    need_faces: bool = False


@dataclass(frozen=True)
class Job:
    """Some crops of one file: what a worker does at a time."""

    domain: Domain
    item: SourceItem
    crops: range


def uniform(key: str) -> tuple[float, float, float]:
    """Three independent numbers in [0, 1) from the SHA-256 of `key`, whatever the order of work."""
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
    # 53 bits are what a float holds: more would round up to 1.
    first, second, third, _ = (number >> 11 for number in struct.unpack("<4Q", digest))
    return first / 2**53, second / 2**53, third / 2**53


def shuffled(items: Sequence[SourceItem], seed: int) -> list[SourceItem]:
    """In an order that mixes the folders, so that the first n are a fair sample."""
    return sorted(items, key=lambda item: (uniform(f"{seed}/{item.identity}"), item.identity))


def split(
    files: Mapping[Domain, Sequence[SourceItem]], together: Mapping[tuple[Domain, str], str], fraction: float
) -> dict[Domain, tuple[list[SourceItem], list[SourceItem]]]:
    """Train and validation files of each domain.

    Args:
        files: In the order that they keep.
        together: By domain and identity, the name that a file shares with others that must be on its side.
        fraction: Part of the files for validation.

    Where a source itself says which of its files are for validation, it has the last word.
    """
    units = {
        domain: [together.get((domain, item.identity), item.identity) for item in items]
        for domain, items in files.items()
    }
    val = validation(list(units.values()), fraction)
    sides: dict[Domain, tuple[list[SourceItem], list[SourceItem]]] = {domain: ([], []) for domain in files}
    for domain, items in files.items():
        for item, unit in zip(items, units[domain], strict=True):
            sides[domain][unit in val].append(item)
    return {domain: _given(items, fraction) or sides[domain] for domain, items in files.items()}


def _given(items: Sequence[SourceItem], fraction: float) -> tuple[list[SourceItem], list[SourceItem]] | None:
    """The sides that the source names; `None` if it leaves them to chance.

    Raises:
        ToonifyError: if nothing is left of its training pictures: those for validation are never learnt from.
    """
    train = [item for item in items if item.split != "val"]
    val = [item for item in items if item.split == "val"]
    if val and not train:
        raise ToonifyError(
            "all of the source's training pictures are left out; only those for validation remain",
            "Give it more pictures, or leave kinds out of `reject`.",
        )
    return (train, val if fraction else []) if val else None


def validation(units: Sequence[Collection[str]], fraction: float) -> set[str]:
    """Which units are for validation. A unit is what stays together: a file, or near duplicates.

    A unit's side depends on its name alone: it stays there as others come and go, and whatever the
    seed. Where a domain has two units or more, each side gets at least one (unless `fraction` is
    0), as far as units that several domains share allow: better none for validation than for training.

    Args:
        units: The names of each domain's.
        fraction: Part of them for validation.
    """
    if fraction == 0:
        return set()
    chosen = {unit for domain in units for unit in domain if _place(unit) <= fraction}
    for domain in units:
        if domain and chosen.isdisjoint(domain):
            chosen.add(min(domain, key=_place))
    for domain in units:
        if domain and chosen.issuperset(domain):
            chosen.discard(max(domain, key=_place))
    return chosen


def _place(unit: str) -> float:
    return uniform(unit)[0]


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
