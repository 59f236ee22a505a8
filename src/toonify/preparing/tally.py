"""What is done with the files, in numbers and as the manifest lists it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from toonify.plugins import Domain
from toonify.preparing.judging import Judgement
from toonify.preparing.kinds import KINDS
from toonify.preparing.plan import ARRAYS


def files(judgements: Mapping[Domain, Judgement]) -> dict[str, dict[str, int]]:
    """By domain: how many were found, how many are left out, and how many of the rest are flagged."""
    return {
        domain: {
            "found": len(each.survey.items),
            "left out": len(each.rejected),
            "flagged": len({int(index) for kind in KINDS for index in each.flagged(kind)}),
        }
        for domain, each in judgements.items()
    }


def flags(judgements: Mapping[Domain, Judgement]) -> dict[str, dict[str, int]]:
    """By domain and kind: how many files are flagged and kept all the same."""
    return {
        domain: {kind: len(flagged) for kind in KINDS if len(flagged := each.flagged(kind))}
        for domain, each in judgements.items()
    }


def add_faces(counts: dict[str, int], found: Iterable[int]) -> None:
    """Add to how many files have `none`, `one` or `more`, from how many faces each has."""
    for kind in ("none", "one", "more"):
        counts.setdefault(kind, 0)
    for several in found:
        counts["none" if several == 0 else "one" if several == 1 else "more"] += 1


def rejected(judgements: Mapping[Domain, Judgement]) -> list[dict[str, str]]:
    """Every file that is left out, by domain and name."""
    entries = [
        {"picture": each.name(index), "domain": domain, "kind": why.kind, "reason": why.reason}
        for domain, each in judgements.items()
        for index, why in each.rejected.items()
    ]
    order: dict[str, int] = {domain: place for place, domain in enumerate(ARRAYS)}
    return sorted(entries, key=lambda entry: (order[entry["domain"]], entry["picture"]))
