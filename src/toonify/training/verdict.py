"""Where a run stands: what it has learnt, what stands in its way, and what to try."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toonify.plugins import plain_name
from toonify.training.distances import distances, gap_of, measured_gap
from toonify.training.settings import TermSettings
from toonify.training.ways import COLLAPSING, WAYS

UNSEEN = 2.0  # levels of 255: what nobody sees
FLAT = 0.1  # of the photographs' contrast
UNLIKE = 0.25  # correlation with the photographs
RISEN = 0.03  # of it: more than chance
LATE = 50  # steps over whose losses a mean is taken
LEAST_REACH = 5e-3  # see `Standing.reach`; a new network's weights are some hundredths
LOW_RATE, USUAL_RATE, HIGH_RATE = 1e-6, 2e-4, 5e-3
NO_WEIGHT = 1e-3  # of all terms together that ask for a change
HELD = 30.0  # times as much for a change as it could win

HOLDING = ("content", "reconstruction", "skin_colour", "face_points")
"""Terms that are least where a drawing is the photograph itself; the first is the one to weigh otherwise."""
CALMING = ("variation", "calm_areas")
"""Terms that only smooth. All others ask for something new."""


@dataclass(frozen=True)
class Standing:
    """What is known of a run at a moment.

    Attributes:
        phase: Of its newest step.
        rate: That step's learning rate.
        reach: The sum of all steps' learning rates: about as far as Adam can have moved a weight (Kingma
            and Ba, "Adam", 2015, section 2.1).
        terms: What the phase minimises, by name.
        losses: What they are of late, unweighted.
        measured: Phase and figures of each measurement, oldest first.
        look: `change`, `likeness` and `contrast` of samples that are newer than the last measurement.
        game: How the newest measurements found the discriminator: `won`, `collapsed` or nothing special.
        stray: Whether one of the newest step's losses is no number, with which training ends.
        chosen_rate: The phase's learning rate, which warming up and its schedule make smaller.
    """

    phase: str
    rate: float
    reach: float
    terms: Mapping[str, TermSettings] = field(default_factory=dict)
    losses: Mapping[str, float] = field(default_factory=dict)
    measured: Sequence[tuple[str, Mapping[str, float]]] = ()
    look: Mapping[str, float] = field(default_factory=dict)
    game: str = ""
    stray: bool = False
    chosen_rate: float = USUAL_RATE

    @property
    def figures(self) -> dict[str, float]:
        """The newest that are known; what an earlier phase measured says nothing of this one's drawings."""
        here = [figures for phase, figures in self.measured if phase == self.phase]
        newest = {**(here[-1] if here else {}), **self.look}
        return {name: value for name, value in newest.items() if math.isfinite(value)}

    @property
    def course(self) -> list[Mapping[str, float]]:
        """The figures of each measurement in the phase, after those that it began with, if any are known."""
        phases = [phase for phase, _ in self.measured]
        first = phases.index(self.phase) if self.phase in phases else len(phases)
        return [figures for _, figures in self.measured[max(0, first - 1) :]]


@dataclass(frozen=True)
class Verdict:
    """Where a run stands.

    Attributes:
        state: `learnt`, `nothing yet`, `collapsing`, `gone astray` or `not measured`.
        way: Which of `WAYS` it is in.
        sentence: How far drawings are from photographs and cartoons, how the discriminator does, and what
            is in the way.
        advice: What to try; empty where nothing needs to be.
    """

    state: str
    way: str
    sentence: str
    advice: str

    def __str__(self) -> str:
        return f"{self.state}: {self.sentence}. {self.advice}".rstrip()


def judge(now: Standing) -> Verdict:
    """The verdict on a run: a pure function of what is known of it."""
    way = _way(now)
    state, why, advice = WAYS[way]
    if way == "learning rate too high" and now.figures.get("contrast", 1.0) < FLAT:
        state = COLLAPSING
    words = _words(now)
    parts = [distances(now.figures), _shares(now.figures), why.format_map(words)]
    return Verdict(state, way, "; ".join(filter(None, parts)), advice.format_map(words))


def _way(now: Standing) -> str:
    """The first that fits, from the plainest evidence to the faintest."""
    figures = now.figures
    if now.stray:
        return "no number"
    if now.reach < LEAST_REACH:
        return "learning rate too low" if now.rate <= LOW_RATE else "too early"
    if astray := _gone(now):
        return "learning rate too high" if now.rate >= HIGH_RATE else astray
    if now.phase == "initialisation":
        return "initialisation"
    if "change" in figures and figures["change"] < UNSEEN:
        return _hindrance(now)
    gap = gap_of(figures)
    if gap is None:
        return "no gap" if measured_gap(figures) else "no figures"
    if gap.gained > gap.least:
        return "learnt"
    if gap.gained >= -gap.least:
        return _hindrance(now)
    course = [{"nearness": -found.now} for found in map(gap_of, now.course) if found]
    if _rose(course, "nearness"):
        return "nearer than before"
    if now.rate >= HIGH_RATE:
        return "learning rate too high"
    return "away from the cartoons" if len(course) > 1 else "too early"  # a new network begins far away


def _gone(now: Standing) -> str:
    """What is wrong with the drawings themselves, whatever the cartoons are; empty if nothing is."""
    figures = now.figures
    if now.phase == "initialisation" and now.rate < HIGH_RATE:
        return ""  # some generators begin with noise
    if figures.get("contrast", 1.0) < FLAT:
        return "one colour"
    likeness = figures.get("likeness", 1.0)
    if likeness < -UNLIKE:
        return "inverted"
    if likeness < UNLIKE and not _rose(now.course, "likeness", RISEN):
        return "unlike the photographs"
    return ""


def _hindrance(now: Standing) -> str:
    """Why drawings have come no nearer to the cartoons."""
    asked = _asked(now)
    if now.terms and sum(term.weight for term in asked.values()) < NO_WEIGHT:
        return "nothing asks for cartoons"
    if now.game == "collapsed":
        return "discriminator gives up"
    if _held(now, asked):
        return "held too fast"
    if now.game == "won":
        return "discriminator wins"
    return "learning rate too high" if now.rate >= HIGH_RATE else "no nearer"


def _held(now: Standing, asked: Mapping[str, TermSettings]) -> bool:
    """Whether a change of ten times `UNSEEN` would cost more than all that it could win.

    What holding terms are now, over how much drawings differ now, is the price of a level. What a game is
    about is at least half a unit, however it stands: least squares, say, end at 0.
    """
    holding = [name for name, term in now.terms.items() if _kind(name, term) in HOLDING]
    change = now.figures.get("change", 0.0)
    if not holding or not change:
        return False
    price = sum(now.terms[name].weight * now.losses.get(name, 0.0) for name in holding) / change
    prize = sum(term.weight * max(0.5, abs(now.losses.get(name, 0.0))) for name, term in asked.items())
    return 10 * UNSEEN * price > HELD * prize


def _asked(now: Standing) -> dict[str, TermSettings]:
    """The terms that ask for a change."""
    return {name: term for name, term in now.terms.items() if _kind(name, term) not in (*HOLDING, *CALMING)}


def _words(now: Standing) -> dict[str, str]:
    """What `WAYS` leave open. Advice is of terms that the phase has: for pairs there is no content."""
    named = {_kind(name, term): name for name, term in now.terms.items()}
    holding = next((named[kind] for kind in HOLDING if kind in named), "")
    calming = next((named[kind] for kind in CALMING if kind in named), "")
    weight = now.terms[holding].weight if holding else 0.0
    asked = next(iter(_asked(now)), "")
    gap = measured_gap(now.figures)
    pairs = now.phase == "paired"
    return {
        "goal": gap.goal if gap else "their targets" if pairs else "the cartoons",
        "photos": f"{gap.figure} {gap.photos:.3g} ± {gap.chance:.2g}" if gap else "",
        "elsewhere": "" if pairs else ", or by another backbone or layer",
        "wanted": "drawings" if pairs else "cartoons",
        "asking": f"one: {_weighing(asked, 1)}" if asked else "a preset that has one",
        "holding": holding,
        "less": f"a lower weight of {holding}: {_weighing(holding, weight / 10)}",
        "more": f"more weight of {holding} ({_weighing(holding, 2 * weight or 1)}) or " if holding else "",
        "slower": f"{min(now.chosen_rate / 4 or USUAL_RATE, USUAL_RATE):g}",
        "calmer": f"less weight of {calming}, " if calming else "",
    }


def _weighing(name: str, weight: float) -> str:
    return f"toonify train … --weight {name}={weight:g}"


def _kind(name: str, term: TermSettings) -> str:
    return plain_name(term.term or name)


def _rose(measured: Sequence[Mapping[str, float]], name: str, least: float = 0.0) -> bool:
    """Whether the newest measurement is the greatest of several, by more than that."""
    values = [figures[name] for figures in measured if math.isfinite(figures.get(name, math.nan))]
    return len(values) > 1 and values[-1] > max(values[:-1]) + least


def _shares(figures: Mapping[str, float]) -> str:
    if not {"real", "generated"} <= figures.keys():
        return ""
    return (
        f"the discriminator takes {figures['real']:.0%} of the cartoons' patches for real "
        f"and {figures['generated']:.0%} of the drawings'"
    )
