"""What became of pictures, counted: there may be too many to remember each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from toonify.converting.result import Outcome

REMEMBERED = 10_000
"""Of each kind, how many outcomes are kept; the rest are counted."""

KINDS = 1_000
"""Of files that are left aside; the rest are of other kinds."""


class Tally:
    """Outcomes as they come.

    Args:
        tell: Called with each.

    Attributes:
        outcomes: Those that are remembered, as they came.
        unnamed: How many more there are, by kind.
        left_aside: Files that are not converted, counted by kind.
    """

    def __init__(self, tell: Callable[[Outcome], None] | None) -> None:
        self._tell = tell
        self._kept: Counter[str] = Counter()
        self.outcomes: list[Outcome] = []
        self.unnamed: Counter[str] = Counter()
        self.left_aside: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Count one, and remember it while there is room for its kind."""
        if self._tell:
            self._tell(outcome)
        if self._kept[outcome.result] < REMEMBERED:
            self._kept[outcome.result] += 1
            self.outcomes.append(outcome)
        else:
            self.unnamed[outcome.result] += 1

    def leave_aside(self, kind: str) -> None:
        """Count a file that is not converted."""
        known = kind in self.left_aside or len(self.left_aside) < KINDS
        self.left_aside[kind if known else "of other kinds"] += 1
