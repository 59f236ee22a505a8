"""Which checkpoint is the best so far, by one figure; lower is better."""

from __future__ import annotations

import math
from dataclasses import dataclass

from toonify.storage import RunFolder
from toonify.training.callbacks.base import Callback, MeasureEvent
from toonify.training.checkpoints import Checkpoints
from toonify.training.metrics import FIGURES, preferred
from toonify.training.plan import Plan
from toonify.training.runs import Run
from toonify.training.tables import read_table


@dataclass
class Best(Callback):
    """The best measurement so far; of two equal ones, the earlier.

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

    def on_measure(self, event: MeasureEvent) -> None:
        self.consider(event.step, event.phase, event.figures.get(self.figure, math.nan))

    def consider(self, step: int, phase: str, value: float) -> None:
        """What the figure was at a step of a phase."""
        if phase == self.phase and value < self.value:
            self.step, self.value = step, value


def best_in(files: RunFolder, figure: str, phase: str) -> Best:
    """The best of the measurements in `measures.csv` whose checkpoint is still there."""
    best, checkpoints = Best(figure, phase), Checkpoints(files)
    columns = read_table(files.measures)
    if figure in columns:
        for step, name, value in zip(columns["step"], columns["phase"], columns[figure], strict=True):
            if checkpoints.has(int(step)):
                best.consider(int(step), str(name), float(value))
    return best


def best_of(run: Run, plan: Plan) -> Best:
    """The best of a run's checkpoints, by what was measured."""
    measured = [name for name in read_table(run.files.measures) if name in FIGURES]
    return best_in(run.files, preferred(run.settings.measuring.best, measured), plan.phases[-1].name)


def style_step(run: Run, best: Best, done: int) -> int:
    """Which checkpoint the style is made from: the last, or the best if a figure was named for it."""
    return best.step if run.settings.measuring.best and best.step is not None else done
