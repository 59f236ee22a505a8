"""How far drawings have come from the photographs to the cartoons, by what was measured, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NEARER = 0.1  # of the way from the photographs to the cartoons, or to the targets
ERRORS = 2  # standard errors of KID that are no chance


@dataclass(frozen=True)
class Gap:
    """How far drawings and photographs are from what drawings should be like.

    Attributes:
        goal: What they should be like.
        figure: The distance that is measured.
        now: That of the drawings.
        photos: That of the photographs.
        chance: By how much it may be off.
    """

    goal: str
    figure: str
    now: float
    photos: float
    chance: float = 0.0

    @property
    def gained(self) -> float:
        """The share of the gap that the drawings have closed; below 0 if they moved away."""
        return (self.photos - self.now) / self.photos

    @property
    def least(self) -> float:
        """The least share that is no chance."""
        return max(NEARER, self.chance / self.photos)


def gap_of(figures: Mapping[str, float]) -> Gap | None:
    """To the cartoons, or to the targets of pairs; `None` where neither was measured, or there is none."""
    gap = measured_gap(figures)
    if gap is None:
        return None
    # Where photographs look as cartoons do, there is no gap, unless the drawings look like neither.
    known = gap.photos > 0 and max(gap.photos, abs(gap.photos - gap.now)) > gap.chance
    return gap if known else None


def measured_gap(figures: Mapping[str, float]) -> Gap | None:
    """The same, though it may be no more than chance; `None` where neither distance was measured."""
    if {"kid", "kid_of_photos"} <= figures.keys():
        chance = ERRORS * figures.get("kid_error", 0.0)
        return Gap("the cartoons", "KID", figures["kid"], figures["kid_of_photos"], chance)
    if {"target", "target_of_photos"} <= figures.keys():
        return Gap("their targets", "distance", figures["target"], figures["target_of_photos"])
    return None


def distances(figures: Mapping[str, float]) -> str:
    """From the photographs, and from the cartoons or targets, in words."""
    said = []
    if "change" in figures:
        said.append(f"drawings differ from the photographs by {figures['change']:.1f} of 255 levels")
    if gap := gap_of(figures):
        verb = "" if said else "drawings "
        said.append(f"{verb}{_progress(gap)} ({_numbers(gap, figures)})")
    return " and ".join(said)


def _progress(gap: Gap) -> str:
    if abs(gap.gained) <= gap.least:
        return f"are about as far from {gap.goal} as the photographs are"
    if gap.gained < 0:
        return f"are further from {gap.goal} than the photographs are"
    return f"have come {gap.gained:.0%} of the way to {gap.goal}"


def _numbers(gap: Gap, figures: Mapping[str, float]) -> str:
    moved = figures.get("kid_from_photos")
    photos = f"{moved:.3g} to the photographs, " if gap.figure == "KID" and moved is not None else ""
    return f"{gap.figure}: {photos}{gap.now:.3g} to {gap.goal}; the photographs are at {gap.photos:.3g}"
