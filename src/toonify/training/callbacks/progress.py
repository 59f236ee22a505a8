"""The progress of a run on the screen."""

from __future__ import annotations

from toonify.progress import Task
from toonify.training.callbacks.base import Callback, MeasureEvent, StepEvent
from toonify.training.plan import Plan

TOLD = ("kid_error", "kid_of_photos", "kid_from_photos", "target_of_photos", "change", "likeness", "contrast")
"""Figures whose sense is in the verdict."""


class ShowProgress(Callback):
    """Tells a task of `Progress.watch` of steps and measurements.

    Args:
        task: What shows them.
        plan: How many epochs each phase has.
    """

    def __init__(self, task: Task, plan: Plan) -> None:
        self._task = task
        self._epochs = {phase.name: phase.settings.epochs for phase in plan.phases}

    def on_step(self, event: StepEvent) -> None:
        self._task.advance(1, **event.losses)
        epoch = f"{event.epoch:,} of {self._epochs[event.phase]:,}"
        self._task.show("schedule", epoch=epoch, learning_rate=event.learning_rate)

    def on_measure(self, event: MeasureEvent) -> None:
        shown = {name: value for name, value in event.figures.items() if name not in TOLD}
        self._task.show("validation", step=event.step, **shown)
