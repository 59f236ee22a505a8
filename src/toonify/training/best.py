"""Which checkpoint is the best so far, by one figure; lower is better."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from toonify.training.watching import read_table

PREFERRED = ("kid", "target", "content", "clarity")  # when the settings name none: the first that there is


@dataclass
class Best:
    """Told of each measurement.

    Attributes:
        figure: The one that counts; empty when there is none to go by.
        phase: The one whose measurements count: the last, since a run ends with its drawings.
        step: Of the best measurement; `None` before the first.
        value: What it was.
    """

    figure: str
    phase: str
    step: int | None = None
    value: float = math.inf

    def consider(self, step: int, phase: str, figures: Mapping[str, float]) -> None:
        """A measurement; the earlier of two that are alike stays the best."""
        value = figures.get(self.figure, math.nan)
        if phase == self.phase and value < self.value:
            self.step, self.value = step, value


def preferred(named: str, names: Collection[str]) -> str:
    """The figure to go by: the one that is named, or the first of `PREFERRED` that is measured."""
    return named or next((name for name in PREFERRED if name in names), "")


def best_in(table: Path, figure: str, phase: str) -> Best:
    """The best of the measurements in `measures.csv`."""
    best = Best(figure, phase)
    columns = read_table(table)
    if figure in columns:
        for step, name, value in zip(columns["step"], columns["phase"], columns[figure], strict=True):
            best.consider(int(step), str(name), {figure: float(value)})
    return best
