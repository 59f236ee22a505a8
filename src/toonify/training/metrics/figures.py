"""The figures by name: what each says, what it needs, and whether the best checkpoint can be chosen by it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from toonify.errors import unknown, usage_error


@dataclass(frozen=True)
class Figure:
    """What a number is about.

    Attributes:
        description: A few words, with its unit.
        needs: What a run must have: of its dataset `photos`, `cartoons`, `smoothed`, `pairs`; of its
            networks `backbone`, `discriminator`, `heads`.
        ranks: Whether checkpoints can be compared by it; if so, lower is better.
        reading: How it is to be read, where that is not plain.
    """

    description: str
    needs: tuple[str, ...]
    ranks: bool = True
    reading: str = ""

    @property
    def words(self) -> str:
        """What it says, and how it is to be read."""
        reading = self.reading or ("less is better" if self.ranks else "")
        return f"{self.description}: {reading}" if reading else self.description


CARTOONS = ("photos", "cartoons", "backbone")
PRICE = "0 is the photograph itself, so this is the price of drawing, not a goal"

FIGURES = {
    "content": Figure(
        "distance of a drawing's features from its photo's, relative", ("photos", "backbone"), reading=PRICE
    ),
    "kid": Figure("distance of the drawings' features from the cartoons'", CARTOONS),
    "kid_error": Figure("standard error of kid", CARTOONS, ranks=False),
    "kid_of_photos": Figure(
        "the photographs' own kid", CARTOONS, ranks=False, reading="what kid is where nothing has happened"
    ),
    "kid_from_photos": Figure(
        "distance of the drawings' features from the photographs', as kid",
        CARTOONS,
        ranks=False,
        reading="0 where nothing has happened",
    ),
    "change": Figure("how far drawings are from their photos, in levels of 255", ("photos",), ranks=False),
    "likeness": Figure(
        "correlation of the drawings' light with the photos'",
        ("photos",),
        ranks=False,
        reading="1 for the photos themselves, 0 for noise, below 0 for negatives",
    ),
    "contrast": Figure("deviation of the drawings' light over that of the photos'", ("photos",), ranks=False),
    "clarity": Figure("how far edges are from the cartoons', in levels of 255", ("photos", "cartoons")),
    "flatness": Figure("how far the share of flat patches is from the cartoons'", ("photos", "cartoons")),
    "target": Figure("distance of drawings from their inked targets, in [-1, 1]", ("pairs", "heads")),
    "target_of_photos": Figure(
        "the same of the photographs",
        ("pairs", "heads"),
        ranks=False,
        reading="what target is where nothing has happened",
    ),
    "colour": Figure("distance of colours from their targets, in [-1, 1]", ("pairs", "heads")),
    "ink": Figure("cross-entropy of the ink mask", ("pairs", "heads")),
    "real": Figure(
        "share of cartoons' patches that the discriminator takes for real",
        ("photos", "cartoons", "discriminator"),
        ranks=False,
    ),
    "smoothed": Figure(
        "the same share of edge-smoothed cartoons",
        ("photos", "cartoons", "smoothed", "discriminator"),
        ranks=False,
    ),
    "generated": Figure("the same share of drawings", ("photos", "cartoons", "discriminator"), ranks=False),
}
"""In the order in which they are reported. Sources of the formulas are beside the functions."""

RANKING = tuple(name for name, figure in FIGURES.items() if figure.ranks)
"""Those by which checkpoints can be compared; less is better."""


def measurable(parts: Collection[str]) -> tuple[str, ...]:
    """The names of the figures that can be measured with these parts, in the order of `FIGURES`."""
    return tuple(name for name, figure in FIGURES.items() if set(figure.needs) <= set(parts))


def check_ranks(name: str) -> None:
    """Make sure that the best checkpoint can be chosen by a figure.

    Raises:
        ToonifyError: if there is no such figure, or it does not rank.
    """
    if name not in RANKING:
        raise unknown("figure to choose the best checkpoint by called", name, RANKING)


def check_best(name: str, parts: Collection[str]) -> None:
    """Make sure that a run with these parts measures the figure that should choose its best checkpoint.

    Raises:
        ToonifyError: as `check_ranks`, or if the run cannot measure it.
    """
    check_ranks(name)
    possible = [figure for figure in measurable(parts) if figure in RANKING]
    if name not in possible:
        lacking = [part for part in FIGURES[name].needs if part not in parts]
        raise usage_error(
            f"this run cannot measure '{name}': it has no {' and no '.join(lacking)}",
            f"Choices: {', '.join(possible) or 'none'}.",
        )


PREFERRED = ("kid", "target", "clarity")
"""To choose the best checkpoint by when no figure is named: the first of them that is measured.

Not `content`, whose best value means that nothing was drawn."""


def preferred(named: str, names: Collection[str]) -> str:
    """The figure to go by: the one that is named, or the first of `PREFERRED` that is measured."""
    return named or next((name for name in PREFERRED if name in names), "")
