"""Whether the discriminator and the generator are in balance, and warnings if they are not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

MEASUREMENTS = 3  # in a row, before it is said: a single one may be chance
SURE = 0.02  # of all wrong at most, when the discriminator wins outright
ALIKE = 0.05  # by which real ones are ahead of every kind of fakes at most, when it tells nothing apart
KINDS = ("real", "smoothed", "generated")

ADVICE = {
    "won": "the discriminator wins outright: it takes {shares} for real, and the generator learns little "
    "from it. Lower discriminator_learning_rate in a preset, or choose another `loss`.",
    "collapsed": "the discriminator has collapsed: it takes {shares} for real, and tells the generator "
    "nothing. Raise discriminator_learning_rate in a preset, or go on with a lower `learning_rate`.",
}


def imbalances(history: Sequence[Mapping[str, float]], *, critic: bool = False) -> Iterator[tuple[int, str]]:
    """When something went wrong between the two networks, and what to do about it.

    Where the discriminator tells with certainty, the generator is left without a gradient; where it
    tells nothing, without a direction (Goodfellow et al., 2014, sections 3 and 4.1). A good run too
    ends with generated pictures taken for real as often as real ones, so that alone is not held
    against it: it has collapsed when it cannot tell the smoothed ones either, which never change.

    Args:
        history: Of each measurement, oldest first, the shares in [0, 1] of `real`, `smoothed` and
            `generated` pictures (or patches of them) that the discriminator takes for real, among
            other figures. Measurements without `real` and `generated` are passed over.
        critic: Whether it is a critic, which estimates a distance and cannot be too far ahead (Arjovsky
            et al., "Wasserstein GAN", 2017, section 3); that it wins is then not held against it.

    Yields:
        The place of a measurement in `history`, and a warning, where `MEASUREMENTS` up to it are all of one
        bad kind, and were not before it, so that a state is said once.
    """
    states: list[str] = []
    for place, figures in enumerate(history):
        if not (shares := _known_shares(figures)):
            continue
        states.append(state := _state(shares))
        newest, before = states[-MEASUREMENTS:], states[-MEASUREMENTS - 1 : -1]
        new = newest == [state] * MEASUREMENTS and newest != before
        if new and state and not (critic and state == "won"):
            said = ", ".join(f"{share:.0%} of the {kind} pictures" for kind, share in shares.items())
            yield place, ADVICE[state].format(shares=said)


def game(history: Sequence[Mapping[str, float]]) -> str:
    """How the discriminator was found by the newest measurements, as `imbalances` takes them.

    Returns:
        `won` or `collapsed` if the last two say so, or the only one; otherwise nothing.
    """
    known = [shares for figures in history if (shares := _known_shares(figures))]
    states = {*map(_state, known[-2:])}
    return states.pop() if len(states) == 1 else ""


def _known_shares(figures: Mapping[str, float]) -> dict[str, float]:
    """Those that were measured; nothing without `real` and `generated`."""
    shares = {kind: figures[kind] for kind in KINDS if math.isfinite(figures.get(kind, math.nan))}
    return shares if {"real", "generated"} <= shares.keys() else {}


def _state(shares: Mapping[str, float]) -> str:
    if shares["real"] >= 1 - SURE and shares["generated"] <= SURE:
        return "won"
    fakes = [share for kind, share in shares.items() if kind != "real"]
    return "collapsed" if shares["real"] <= min(fakes) + ALIKE else ""
