"""The state of a training under way: steps done, pace, time left, and its figures."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from toonify.progress import Task

RECENT = 240  # steps whose figures make a trend
WINDOW = 60  # moments, a second or a step apart, that the pace goes by
WARNINGS = 2

Facts = Mapping[str, float | str]


@dataclass
class Pace:
    """Steps a second over the last `WINDOW` moments; what came before the first step does not count."""

    moments: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    newest: tuple[float, int] = (0.0, 0)

    def mark(self, now: float, done: int) -> None:
        self.newest = (now, done)
        if not self.moments or now - self.moments[-1][0] >= 1:
            self.moments.append(self.newest)

    @property
    def rate(self) -> float:
        """0 while it is not known."""
        if not self.moments:
            return 0.0
        seconds, steps = (new - old for new, old in zip(self.newest, self.moments[0], strict=True))
        return steps / seconds if seconds > 0 else 0.0

    def left(self, steps: int, now: float) -> timedelta | None:
        """Until `steps` more are done."""
        if not self.rate:
            return None
        return timedelta(seconds=int(max(0.0, steps / self.rate - (now - self.newest[0]))))


@dataclass(frozen=True)
class Stretch:
    """Steps of a part, or of everything: done, in all, and until they are done."""

    name: str
    done: int
    steps: int
    left: timedelta | None


@dataclass(frozen=True)
class Snapshot:
    """A live task at a moment.

    Attributes:
        part: What is at work.
        whole: Everything.
        rate: Steps a second; 0 while it is not known.
        pictures: Pictures a second.
        figures: Of each of the last steps, oldest first, by name.
        facts: By title; words that are no fact have an empty name.
        warnings: The last ones.
    """

    part: Stretch
    whole: Stretch
    rate: float
    pictures: float
    figures: dict[str, tuple[float, ...]]
    facts: dict[str, Facts]
    warnings: tuple[str, ...]


class LiveTask(Task):
    """Keeps what it is told, from one thread, for another that draws.

    Args:
        name, parts, size, done: As `Progress.watch` has them.
        clock: Seconds.
    """

    def __init__(
        self,
        name: str,
        parts: Mapping[str, int],
        size: int,
        done: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._parts = dict(parts)
        self._size = size
        self._done = done
        self._clock = clock
        self._pace = Pace()
        self._figures: dict[str, deque[float]] = {}
        self._facts: dict[str, Facts] = {}
        self._warnings: deque[str] = deque(maxlen=WARNINGS)
        self._lock = threading.Lock()

    def advance(self, amount: int = 1, /, **figures: float) -> None:
        with self._lock:
            self._done += amount
            self._pace.mark(self._clock(), self._done)
            # A part that begins has figures of its own; those of the one before would stand still.
            if self._figures.keys() != figures.keys():
                self._figures = {name: deque(maxlen=RECENT) for name in figures}
            for name, value in figures.items():
                self._figures[name].append(value)

    def show(self, title: str, /, *words: str, **facts: float | str) -> None:
        with self._lock:
            self._facts[title] = {**({"": " ".join(words)} if words else {}), **facts}

    def warn(self, message: str) -> None:
        with self._lock:
            self._warnings.append(message)

    def snapshot(self) -> Snapshot:
        with self._lock:
            rate = self._pace.rate
            return Snapshot(
                part=self._part(),
                whole=self._stretch(self._name, 0, sum(self._parts.values())),
                rate=rate,
                pictures=rate * self._size,
                figures={name: tuple(values) for name, values in self._figures.items()},
                facts=dict(self._facts),
                warnings=tuple(self._warnings),
            )

    def _part(self) -> Stretch:
        """The first part with steps still to do, or the last."""
        first, (name, steps) = 0, next(iter(self._parts.items()))
        for name, steps in self._parts.items():
            if self._done < first + steps:
                return self._stretch(name, first, steps)
            first += steps
        return self._stretch(name, first - steps, steps)

    def _stretch(self, name: str, first: int, steps: int) -> Stretch:
        done = self._done - first
        return Stretch(name, done, steps, self._pace.left(steps - done, self._clock()))
