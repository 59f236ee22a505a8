"""What became of each picture and film."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from toonify.distributions import needs
from toonify.errors import FAILURE, INTERRUPTED, ToonifyError
from toonify.media import FILM_SUFFIXES, can_read_films, tell_left_aside
from toonify.places import Location
from toonify.text import counted, visible

WAYS_SHOWN = 4
"""In how many ways what was there already may differ before the rest is only counted."""

Kind = Literal["converted", "compared", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one picture or film.

    Attributes:
        source: The photograph.
        target: The cartoon.
        result: Whether it was `converted`; only `compared`, because it was there already; `skipped`,
            because all was there; or `failed`.
        reason: Why it was skipped or has failed.
        notes: What of the photograph was lost.
        differs: Of one that was there already: in what it is not what was asked for, each in words.
        film: Whether it is a film.
        comparison: Before and after side by side, where that was written.
    """

    source: Location
    target: Location
    result: Kind
    reason: str = ""
    notes: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    film: bool = False
    comparison: Path | None = None

    @property
    def remark(self) -> str:
        """What a person should know of it, in a line; empty for nothing."""
        notes = ", ".join(self.notes)
        if self.result == "failed":
            return visible(f"failed: {self.source}: {'; '.join(filter(None, (self.reason, notes)))}")
        return visible(f"{self.source}: {notes}") if notes else ""

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "kind": "film" if self.film else "picture",
            "source": str(self.source),
            "target": str(self.target),
            "comparison": None if self.comparison is None else str(self.comparison),
            "result": self.result,
            "reason": self.reason,
            "notes": list(self.notes),
            "differs": list(self.differs),
        }


class Ledger:
    """What became of each job, noted as it becomes known, by any thread.

    Args:
        tell: Called with each outcome at once, with one at a time.
    """

    def __init__(self, tell: Callable[[Outcome], None] | None = None) -> None:
        self._tell = tell
        self._outcomes: dict[Hashable, Outcome] = {}
        self._lock = threading.Lock()

    def note(self, job: Hashable, outcome: Outcome) -> None:
        """Keep what became of a job, and tell of it."""
        with self._lock:
            self._outcomes[job] = outcome
            if self._tell:
                self._tell(outcome)

    def __contains__(self, job: Hashable) -> bool:
        return job in self._outcomes

    def of(self, jobs: Iterable[Hashable]) -> list[Outcome]:
        """What became of those that are finished, in order."""
        return [self._outcomes[job] for job in jobs if job in self._outcomes]


@dataclass(frozen=True)
class ConvertResult:
    """What `convert_all` did.

    Attributes:
        output: Where the cartoons are.
        style: The style's name.
        strength: As asked for.
        controls: Of the style, each with its value; empty where it has none.
        outcomes: One of each picture, in the order of the inputs; of places with more than anyone reads,
            the first ten thousand of each kind, as they came.
        unnamed: How many more there are of each kind.
        seconds: How long it took, from finding the pictures to writing the last.
        stopped: Whether Ctrl-C ended it before the last picture.
        left_aside: What else lies in the input folders, counted by kind: `{".psd": 1, "hidden": 2}`.
        report: The page that tells of it, if one was asked for.
        device: What was drawn on, or would have been; `None` where there was nothing to draw.
        precision: What it computed in, likewise.
        kept: Of films that are not finished, by their path, how many frames the next run need not draw again.
    """

    output: Location
    style: str
    strength: float
    controls: dict[str, float] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    unnamed: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    stopped: bool = False
    left_aside: Mapping[str, int] = field(default_factory=dict)
    report: Path | None = None
    device: str | None = None
    precision: str | None = None
    kept: Mapping[Path, int] = field(default_factory=dict)

    def of(self, result: Kind) -> list[Outcome]:
        """The outcomes of one kind."""
        return [outcome for outcome in self.outcomes if outcome.result == result]

    def count(self, result: Kind) -> int:
        """How many there are of one kind."""
        return len(self.of(result)) + self.unnamed.get(result, 0)

    @property
    def exit_code(self) -> int:
        if self.stopped:
            return INTERRUPTED
        return FAILURE if self.of("failed") else 0

    @property
    def remarks(self) -> list[str]:
        """A line for each failure, then one for each picture of which something was lost."""
        ordered = sorted(self.outcomes, key=lambda outcome: outcome.result != "failed")
        return [outcome.remark for outcome in ordered if outcome.remark]

    @property
    def summary(self) -> str:
        """What happened, in a line or two and one more for each failure."""
        counts = Counter({kind: self.count(kind) for kind in get_args(Kind)})
        on = f" on {self.device} ({self.precision})" if counts["converted"] and self.device else ""
        films = sum(outcome.film for outcome in self.of("converted"))
        lines = [tell_left_aside(self.left_aside)] if self.left_aside else []
        lines += filter(None, [ways_in(self.left_aside)])
        lines.append(tell_counts(counts, films, self._made, self.seconds, stopped=self.stopped, on=on))
        lines += [
            f"{film}: {counted(frames, 'frame')} are kept; the same command continues from there"
            for film, frames in self.kept.items()
        ]
        lines += tell_ways(Counter("; ".join(one.differs) for one in self.outcomes if one.differs))
        if counts["skipped"]:
            lines.append("What is already there is left as it is; `overwrite` replaces it.")
        lines += [f"Report: {self.report}"] if self.report else []
        return "\n".join([*self.remarks, *map(visible, lines)])

    @property
    def _made(self) -> Location:
        """Where to look: for a file that was there already, at the comparison that was made of it."""
        made = [one.comparison for one in self.of("compared") if one.comparison and one.target == self.output]
        return made[0] if made else self.output

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        counts = {result: self.count(result) for result in get_args(Kind)}
        return {
            "output": str(self.output),
            "style": self.style,
            "strength": self.strength,
            "controls": self.controls,
            "device": self.device,
            "precision": self.precision,
            **counts,
            "seconds": round(self.seconds, 3),
            "stopped": self.stopped,
            "left_aside": dict(self.left_aside),
            "report": None if self.report is None else str(self.report),
            "kept": {str(film): frames for film, frames in self.kept.items()},
            "pictures": [outcome.as_json() for outcome in self.outcomes],
        }


def ways_in(left_aside: Mapping[str, int]) -> str:
    """What to install so that files that were left aside can be read; empty when nothing helps."""
    if not can_read_films() and FILM_SUFFIXES & {*left_aside}:
        return needs("converting films", "av").hint
    return ""


def no_pictures(where: Iterable[object], left_aside: Mapping[str, int], hint: str) -> ToonifyError:
    """The error for inputs without any.

    Args:
        where: The inputs.
        left_aside: What else lies there, counted by kind.
        hint: What is read.
    """
    told = f" ({tell_left_aside(left_aside)})" if left_aside else ""
    return ToonifyError(f"there are no pictures in {', '.join(map(str, where))}{told}", hint)


def tell_counts(
    counts: Mapping[Kind, int], films: int, output: Location, seconds: float, *, stopped: bool, on: str = ""
) -> str:
    """Such as `2 pictures and 1 film converted, 1 failed, in 4.0 s: see cartoons`.

    Args:
        counts: Of each kind, how many.
        films: How many of those that were converted are films.
        output: Where they are.
        seconds: How long it took.
        stopped: Whether that was before the end.
        on: What drew them, if that is to be told.
    """
    pictures = counts.get("converted", 0) - films
    each = [counted(pictures, "picture")] if pictures or not films else []
    each += [counted(films, "film")] if films else []
    told = [f"{'Stopped: ' if stopped else ''}{' and '.join(each)} converted"]
    words: dict[Kind, str] = {"compared": "compared", "skipped": "already there", "failed": "failed"}
    told += [f"{counts[kind]} {word}" for kind, word in words.items() if counts.get(kind)]
    where = f": see {output}" if counts.get("converted") or counts.get("compared") else ""
    return f"{', '.join(told)}, in {seconds:.1f} s{on}{where}"


def tell_ways(ways: Counter[str]) -> list[str]:
    """How many were there already that are not what was asked for, by what they differ in."""
    told = [f"{count} made differently: {way}" for way, count in ways.most_common(WAYS_SHOWN)]
    rest = sum(ways.values()) - sum(count for _, count in ways.most_common(WAYS_SHOWN))
    return [*told, *([f"{rest} made differently in other ways"] if rest else [])]
