"""What became of each picture and film."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from toonify.errors import FAILURE, INTERRUPTED
from toonify.media import FILM_SUFFIXES, can_read_films, tell_left_aside
from toonify.text import visible

WAYS_SHOWN = 4
"""In how many ways what was there already may differ before the rest is only counted."""

Kind = Literal["converted", "compared", "skipped", "failed"]


@dataclass(frozen=True)
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
    """

    source: Path
    target: Path
    result: Kind
    reason: str = ""
    notes: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()
    film: bool = False

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "kind": "film" if self.film else "picture",
            "source": str(self.source),
            "target": str(self.target),
            "result": self.result,
            "reason": self.reason,
            "notes": list(self.notes),
            "differs": list(self.differs),
        }


@dataclass(frozen=True)
class ConvertResult:
    """What `convert_all` did.

    Attributes:
        output: Where the cartoons are.
        style: The style's name.
        strength: As asked for.
        controls: Of the style, each with its value; empty where it has none.
        outcomes: One of each picture, in the order of the inputs.
        seconds: How long it took, from finding the pictures to writing the last.
        stopped: Whether Ctrl-C ended it before the last picture.
        left_aside: What else lies in the input folders, counted by kind: `{".psd": 1, "hidden": 2}`.
        report: The page that tells of it, if one was asked for.
        kept: Of films that are not finished, by their path, how many frames the next run need not draw again.
    """

    output: Path
    style: str
    strength: float
    controls: dict[str, float] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    stopped: bool = False
    left_aside: Mapping[str, int] = field(default_factory=dict)
    report: Path | None = None
    kept: Mapping[Path, int] = field(default_factory=dict)

    def of(self, result: Kind) -> list[Outcome]:
        """The outcomes of one kind."""
        return [outcome for outcome in self.outcomes if outcome.result == result]

    @property
    def exit_code(self) -> int:
        if self.stopped:
            return INTERRUPTED
        return FAILURE if self.of("failed") else 0

    @property
    def summary(self) -> str:
        """What happened, in a line or two and one more for each failure."""
        failed, skipped = self.of("failed"), self.of("skipped")
        converted, compared = self.of("converted"), len(self.of("compared"))
        lines = [f"failed: {outcome.source}: {outcome.reason}" for outcome in failed]
        lines += [f"{o.source}: {', '.join(o.notes)}" for o in self.outcomes if o.notes]
        lines += [tell_left_aside(self.left_aside)] if self.left_aside else []
        lines += filter(None, [ways_in(self.left_aside)])
        counts = [f"{'Stopped: ' if self.stopped else ''}{_counted(converted)} converted"]
        counts += [f"{compared} compared"] if compared else []
        counts += [f"{len(skipped)} already there"] if skipped else []
        counts += [f"{len(failed)} failed"] if failed else []
        where = f": see {self.output}" if converted or compared else ""
        lines.append(f"{', '.join(counts)}, in {self.seconds:.1f} s{where}")
        lines += [
            f"{film}: {_number(frames, 'frame')} of it are kept, and the same command goes on from there"
            for film, frames in self.kept.items()
        ]
        lines += self._otherwise()
        if skipped:
            lines.append("What is already there is left as it is; `overwrite` replaces it.")
        lines += [f"Report: {self.report}"] if self.report else []
        return "\n".join(map(visible, lines))

    def _otherwise(self) -> list[str]:
        """How many were there already that are not what was asked for, and in what they differ."""
        ways = Counter("; ".join(outcome.differs) for outcome in self.outcomes if outcome.differs)
        told = [f"{count} not as you ask for now: {way}" for way, count in ways.most_common(WAYS_SHOWN)]
        rest = sum(ways.values()) - sum(count for _, count in ways.most_common(WAYS_SHOWN))
        return [*told, *([f"{rest} not as you ask for now in other ways"] if rest else [])]

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        counts = {result: len(self.of(result)) for result in get_args(Kind)}
        return {
            "output": str(self.output),
            "style": self.style,
            "strength": self.strength,
            "controls": self.controls,
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
        return "Films can be converted after: pip install 'toonify-gan[video]'"
    return ""


def _counted(converted: Sequence[Outcome]) -> str:
    films = sum(outcome.film for outcome in converted)
    pictures = len(converted) - films
    told = [_number(pictures, "picture")] if pictures or not films else []
    return " and ".join([*told, *([_number(films, "film")] if films else [])])


def _number(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
