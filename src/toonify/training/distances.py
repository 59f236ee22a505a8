"""How far drawings have come from the photographs to the cartoons, by what was measured, and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NEARER = 0.1  # of the way from the photographs to the cartoons, or to the targets
ERRORS = 2  # standard errors of KID that are no chance


@dataclass(frozen=True)
class Road:
    """From the photographs to where drawings should be.

    Attributes:
        goal: What they should be like.
        figure: That says how far they are from it.
        now: What it is.
        photos: What it is of the photographs.
        chance: What it may be off by.
    """

    goal: str
    figure: str
    now: float
    photos: float
    chance: float = 0.0

    @property
    def gained(self) -> float:
        """The share of the road that the drawings have covered; below 0 if they went the wrong way."""
        return (self.photos - self.now) / self.photos

    @property
    def least(self) -> float:
        """The share that counts."""
        return max(NEARER, self.chance / self.photos)


def road_of(figures: Mapping[str, float]) -> Road | None:
    """To the cartoons, or to the targets of pairs; `None` where neither was measured, or they are alike."""
    if {"kid", "kid_of_photos"} <= figures.keys():
        chance = ERRORS * figures.get("kid_error", 0.0)
        road = Road("the cartoons", "KID", figures["kid"], figures["kid_of_photos"], chance)
    elif {"target", "target_of_photos"} <= figures.keys():
        road = Road("their targets", "distance", figures["target"], figures["target_of_photos"])
    else:
        return None
    # Where photographs look as cartoons do, there is no road, unless drawings left both behind.
    known = road.photos > 0 and max(road.photos, abs(road.photos - road.now)) > road.chance
    return road if known else None


def distances(figures: Mapping[str, float]) -> str:
    """From the photographs, and from the cartoons or targets, in words."""
    said = []
    if "change" in figures:
        said.append(f"drawings differ from the photographs by {figures['change']:.1f} of 255 levels")
    if road := road_of(figures):
        verb = "" if said else "drawings "
        said.append(f"{verb}{_progress(road)} ({_numbers(road, figures)})")
    return " and ".join(said)


def _progress(road: Road) -> str:
    if abs(road.gained) <= road.least:
        return f"are about as far from {road.goal} as the photographs are"
    if road.gained < 0:
        return f"are further from {road.goal} than the photographs are"
    return f"have come {road.gained:.0%} of the way to {road.goal}"


def _numbers(road: Road, figures: Mapping[str, float]) -> str:
    moved = figures.get("kid_from_photos")
    photos = f"{moved:.3g} to the photographs, " if road.figure == "KID" and moved is not None else ""
    return f"{road.figure}: {photos}{road.now:.3g} to {road.goal}; the photographs are at {road.photos:.3g}"
