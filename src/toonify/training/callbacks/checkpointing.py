"""Saving checkpoints while a run trains."""

from __future__ import annotations

import dataclasses
import math
import time

from toonify.training.callbacks.base import Callback, MeasureEvent, Pause, StepEvent
from toonify.training.callbacks.best import Best
from toonify.training.checkpoints import Checkpoints
from toonify.training.failures import diverged
from toonify.training.models import Models
from toonify.training.plan import Phase
from toonify.training.runs import Run

PATIENCE = 600.0  # seconds without a checkpoint, where steps are slow


class SaveCheckpoints(Callback):
    """Saves every few steps, at each phase's end, when the run stops, and whatever was just measured.

    Args:
        run: Where, and how often.
        models: What is saved.
        best: Whose checkpoint stays in any case; told of a measurement before this callback is.
    """

    def __init__(self, run: Run, models: Models, best: Best) -> None:
        self._run = run
        self._models = models
        self._best = best
        self._checkpoints = Checkpoints(run.files, run.settings.keep)
        self._measured = False
        self._saved = time.monotonic()
        self._newest: StepEvent | None = None

    def due(self, phase: Phase, step: int) -> bool:
        overdue = time.monotonic() > self._saved + PATIENCE
        return step % self._run.settings.checkpoint_every == 0 or step == phase.end or overdue

    def on_step(self, event: StepEvent) -> None:
        self._newest = event

    def on_measure(self, event: MeasureEvent) -> None:
        self._measured = True  # it may be the best, whose checkpoint must be there

    def on_pause(self, pause: Pause, everyone: Callback) -> None:
        """Raises:
        ToonifyError: if a weight is no longer finite, or the checkpoint cannot be written.
        """
        if not (pause.stopping or self._measured or self.due(pause.phase, pause.step)):
            return
        everyone.on_checkpoint(pause.step)
        if self._checkpoints.save(pause.step, self._models.parts(), self._best.step) is None:
            if self._newest:  # its losses were found before the weights were changed by them
                losses = {**self._newest.losses, "loss": math.nan}
                everyone.on_stray(dataclasses.replace(self._newest, losses=losses))
            objective = self._models.objectives[pause.phase.name]
            raise diverged(self._run, objective, pause.step, "a weight is no longer finite")
        self._measured = False
        self._saved = time.monotonic()
