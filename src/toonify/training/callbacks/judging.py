"""The verdict on a run, kept up to date while it trains."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import numpy as np

from toonify.progress import Progress, Task
from toonify.training.balance import game, imbalances
from toonify.training.callbacks.base import Callback, MeasureEvent, SampleEvent, StepEvent
from toonify.training.runs import Run
from toonify.training.tables import measurements, read_table
from toonify.training.verdict import LATE, Standing, judge


class Judge(Callback):
    """Shows the verdict on the run whenever new samples or measurements change it, and warns when the
    discriminator wins outright or collapses.

    Args:
        run: What its phases minimise, and what was done and measured before.
        task: What shows it.
        progress: Is warned.
        critic: Whether the discriminator is a critic, which may be far ahead.
    """

    def __init__(self, run: Run, task: Task, progress: Progress, *, critic: bool) -> None:
        self._phases = run.settings.phases
        self._task = task
        self._progress = progress
        self._critic = critic
        self._reach = float(np.nansum(read_table(run.files.metrics).get("learning_rate", [0.0])))
        self._measured = [*measurements(read_table(run.files.measures))]
        self._losses: dict[str, deque[float]] = {}
        self._look: Mapping[str, float] = {}
        self._newest: StepEvent | None = None

    def on_step(self, event: StepEvent) -> None:
        self._newest = event
        self._reach += event.learning_rate
        if self._losses.keys() != event.losses.keys():
            self._losses = {name: deque(maxlen=LATE) for name in event.losses}
        for name, value in event.losses.items():
            self._losses[name].append(value)

    def on_sample(self, event: SampleEvent) -> None:
        self._look = event.look
        self._say()

    def on_measure(self, event: MeasureEvent) -> None:
        self._measured.append((event.phase, dict(event.figures)))
        self._look = {}
        warnings = dict(imbalances(self._history, critic=self._critic))
        if warning := warnings.get(len(self._measured) - 1):
            self._progress.warn(f"step {event.step:,}: {warning}")
        self._say()

    @property
    def _history(self) -> list[dict[str, float]]:
        return [figures for _, figures in self._measured]

    def _say(self) -> None:
        if self._newest:
            self._task.show("verdict", str(judge(self._standing(self._newest))))

    def _standing(self, newest: StepEvent) -> Standing:
        state = game(self._history)
        return Standing(
            newest.phase,
            rate=newest.learning_rate,
            reach=self._reach,
            terms=self._phases[newest.phase].terms,
            losses={name: float(np.mean(values)) for name, values in self._losses.items()},
            measured=tuple(self._measured),
            look=self._look,
            game="" if self._critic and state == "won" else state,
            chosen_rate=self._phases[newest.phase].learning_rate,
        )
