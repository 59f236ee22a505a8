"""From figures to decisions: which files are flagged, which are left out, and why.

Duplicates are told by their hashes alone, without comparing all pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from toonify.plugins import Domain, SourceItem
from toonify.preparing.request import FACELESS, FLAGS
from toonify.preparing.scan import Scan

FLAT = 5.0
"""Contrast under which a picture is flat; portraits before a plain wall have 20 and more."""

MARKED = 16.0
"""Marks from which it is not, if it is sharp, but a drawing of a few strokes; noise has three times its
contrast."""

BLURRED = 0.35
"""Sharpness under which it is blurred; sharp photographs have 0.5 and more."""

GREY = 5.0
"""Colour under which it is grey; photographs in colour have 15 and more."""

REJECTED = ("unusable", "duplicate", *FLAGS)
"""Kinds of files that are left out: the first two always, flagged ones if the request says so."""

MOST_BITS = 6
"""By which the 64-bit hashes of near duplicates differ at most."""

MOST_BLOCKS = 16
"""By which their 256-bit hashes do: what tells portraits apart that are lit and framed alike."""

WINDOW = 256
"""How many of those with the same key a picture is compared with, at most."""

_BITS = np.array([number.bit_count() for number in range(2**16)], np.uint8)


@dataclass(frozen=True)
class Rejection:
    """Why a file is left out.

    Attributes:
        kind: One of `REJECTED`.
        reason: In words.
    """

    kind: str
    reason: str


@dataclass
class FilteredFiles:
    """What is done with one domain's files.

    Attributes:
        scan: What was seen of them.
        flags: By kind, whether each file is of that kind, (n,), bool.
        rejected: By index, the files that are left out.
        group: (n,): near duplicates, of other domains too, have the same number; the others have 0.
    """

    scan: Scan
    flags: dict[str, np.ndarray]
    rejected: dict[int, Rejection] = field(default_factory=dict)
    group: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.group = np.zeros(len(self.scan.items), int)

    @property
    def kept(self) -> np.ndarray:
        """Indices of the files that are not left out."""
        left_out = np.zeros(len(self.scan.items), bool)
        left_out[list(self.rejected)] = True
        return np.flatnonzero(~left_out)

    @property
    def items(self) -> list[SourceItem]:
        """The files that are not left out."""
        return [self.scan.items[index] for index in self.kept]

    def flagged(self, kind: str) -> np.ndarray:
        """Indices of the files of a kind that are kept all the same."""
        return self.kept[self.flags[kind][self.kept]]

    def name(self, index: int) -> str:
        """A file's identity."""
        return self.scan.items[index].identity

    def reject_unusable(self, reasons: Mapping[str, str]) -> None:
        """Leave out files, by identity, that turned out unusable only when they were made."""
        for index in self.kept.tolist() if reasons else ():
            if reason := reasons.get(self.name(index)):
                kind = FACELESS if reason.startswith(f"{FACELESS}:") else "unusable"
                self.rejected[index] = Rejection(kind, reason)

    def flag_faceless(self, faces: Mapping[str, int]) -> None:
        """Flag files that turned out to show no face, from how many each shows, by identity."""
        for index in self.kept.tolist() if 0 in faces.values() else ():
            self.flags[FACELESS][index] |= faces.get(self.name(index)) == 0


def filter_files(
    scans: Mapping[Domain, Scan], size: int, reject: Collection[str]
) -> dict[Domain, FilteredFiles]:
    """Flag files, and leave out the unusable ones, exact duplicates and the kinds in `reject`.

    Args:
        scans: What was seen.
        size: Side of the pictures to be made, in pixels.
        reject: Of `FLAGS`.
    """
    files = {domain: FilteredFiles(each, _flags(each.stats, size)) for domain, each in scans.items()}
    for each in files.values():
        each.rejected |= {index: Rejection("unusable", reason) for index, reason in each.scan.reasons.items()}
        for kind in each.flags:
            if kind in reject:
                _reject_kind(each, kind)
        _reject_duplicates(each)
    _group(files)
    for each in files.values():
        if "near" in reject:
            _reject_near(each)
        if "both" in reject:
            _reject_kind(each, "both")
    return files


def together(files: Mapping[Domain, FilteredFiles]) -> dict[tuple[Domain, str], str]:
    """By domain and identity, the name that grouped files share: the first of theirs."""
    names: dict[int, str] = {}
    grouped = [
        (domain, int(each.group[index]), each.name(index))
        for domain, each in files.items()
        for index in np.flatnonzero(each.group).tolist()
    ]
    for _, group, name in grouped:
        names[group] = min(name, names.get(group, name))
    return {(domain, name): names[group] for domain, group, name in grouped}


def _flags(stats: np.ndarray, size: int) -> dict[str, np.ndarray]:
    seen = stats["width"] > 0
    blurred = stats["sharpness"] < BLURRED  # as the shadow of an edge is, and no stroke
    flat = seen & (stats["contrast"] < FLAT) & ((stats["marks"] < MARKED) | blurred)
    return {
        "flat": flat,
        "blurred": seen & ~flat & blurred,
        "tiny": seen & (np.minimum(stats["width"], stats["height"]) < size),
        "grey": seen & ~flat & (stats["colour"] < GREY),
        FACELESS: np.zeros(len(stats), bool),  # known when they are cropped
    }


def _reject_kind(each: FilteredFiles, kind: str) -> None:
    each.rejected |= dict.fromkeys(each.flagged(kind).tolist(), Rejection(kind, f"{kind}: {FLAGS[kind]}"))


def _reject_duplicates(each: FilteredFiles) -> None:
    kept = each.kept
    first = kept[first_of_same(each.scan.stats["content"][kept])]
    again = kept != first
    for index, kept_one in zip(kept[again].tolist(), first[again].tolist(), strict=True):
        each.rejected[index] = Rejection("duplicate", f"the same as {each.name(kept_one)}")


def _group(files: Mapping[Domain, FilteredFiles]) -> None:
    """Number and flag near duplicates, and mirror images, since training mirrors pictures.

    Flat pictures all look alike, and are left alone.
    """
    kept = [each.kept[~each.flags["flat"][each.kept]] for each in files.values()]
    stats = np.concatenate(
        [each.scan.stats[indices] for each, indices in zip(files.values(), kept, strict=True)]
    )
    phash, blocks = (np.concatenate([stats[name], stats[f"mirrored_{name}"]]) for name in ("phash", "blocks"))
    first = first_of_similar(phash, blocks, np.tile(np.arange(len(stats)), 2))[: len(stats)]
    groups = np.where(_several(first), first + 1, 0)
    numbers = np.searchsorted(np.unique(np.append(0, groups)), groups)  # 1, 2, 3 ...
    ends = np.cumsum([len(indices) for indices in kept])
    for each, indices, group in zip(files.values(), kept, np.split(numbers, ends), strict=False):
        each.group[indices] = group
    both = list(_numbers(files, drawn=True) & _numbers(files, drawn=False))
    for each in files.values():
        each.flags["near"] = (each.group > 0) & _several(each.group)
        each.flags["both"] = np.isin(each.group, both)


def _numbers(files: Mapping[Domain, FilteredFiles], *, drawn: bool) -> set[int]:
    """The groups that have a cartoon, or a photograph."""
    found = [each.group for domain, each in files.items() if (domain == "cartoon") is drawn]
    return {int(number) for group in found for number in group[group > 0]}


def _several(group: np.ndarray) -> np.ndarray:
    """Whether each number occurs more than once."""
    _, inverse, counts = np.unique(group, return_inverse=True, return_counts=True)
    return counts[inverse.reshape(-1)] > 1


def _reject_near(each: FilteredFiles) -> None:
    """Of the near duplicates in a domain only the largest stays, of those the first."""
    pixels = each.scan.stats["width"].astype(np.int64) * each.scan.stats["height"]
    near = each.flagged("near")
    best: dict[int, int] = {}
    for index in near[np.argsort(-pixels[near], kind="stable")]:
        first = best.setdefault(int(each.group[index]), int(index))
        if first != index:
            each.rejected[int(index)] = Rejection("near", f"nearly the same as {each.name(first)}")
    each.flags["near"][:] = False  # whoever stays is alone now


def first_of_same(content: np.ndarray) -> np.ndarray:
    """For each picture the index of the first one with the same content, mostly its own.

    Args:
        content: (n, 2), uint64.
    """
    _, first, inverse = np.unique(content, axis=0, return_index=True, return_inverse=True)
    return first[inverse.reshape(-1)]


def first_of_similar(phash: np.ndarray, blocks: np.ndarray, first: np.ndarray | None = None) -> np.ndarray:
    """For each picture the index of the first one of its group of near duplicates.

    Two are in a group if both hashes are close, or if a chain of such pairs leads from one to the
    other. Of the eight bytes of hashes that differ in at most six bits, two at least are equal
    (Norouzi et al., "Fast search in Hamming space with multi-index hashing", CVPR 2012, section
    3): so for each choice of two bytes, pictures are sorted by these, and only those within a run
    of equal ones are compared; in very long runs each with the next `WINDOW` alone.

    Args:
        phash: (n, 1), uint64.
        blocks: (n, 4), uint64.
        first: (n,), for each the index of one that is in its group in any case, and not after it; by default
            itself.
    """
    first = np.arange(len(phash)) if first is None else first
    octets = np.ascontiguousarray(phash).view(np.uint8).reshape(-1, 8)
    for chosen in combinations(range(8), 8 - MOST_BITS):
        key = np.ascontiguousarray(octets[:, chosen]).view(np.uint16)[:, 0]
        order = np.lexsort((phash[:, 0], key))
        for offset in range(1, min(WINDOW, len(order) - 1) + 1):
            left, right = order[:-offset], order[offset:]
            run = key[left] == key[right]
            if not run.any():
                break
            apart = run & (first[left] != first[right])
            left, right = left[apart], right[apart]
            near = _close(phash[left], phash[right], MOST_BITS)
            near &= _close(blocks[left], blocks[right], MOST_BLOCKS)
            first = _join(first, left[near], right[near])
    return first


def _close(left: np.ndarray, right: np.ndarray, most: int) -> np.ndarray:
    """Whether rows of uint64 differ in at most so many bits."""
    words = (left ^ right).view(np.uint16)
    return _BITS[words].sum(1, dtype=np.int64) <= most


def _join(first: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Unite the groups of the pictures `left[i]` and `right[i]`, for each i."""
    while True:
        ends = np.sort([first[left], first[right]], 0)
        low, high = ends[:, ends[0] != ends[1]]
        if not low.size:
            return first
        np.minimum.at(first, high, low)
        while (first != first[first]).any():
            first = first[first]
