"""The loop: batches through steps, with checkpoints, metrics and samples on the way."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.batches import Batches, prefetched
from toonify.training.checkpoints import Checkpoints
from toonify.training.engines import Engine
from toonify.training.metrics import Metrics
from toonify.training.models import Models
from toonify.training.plan import Phase, Plan
from toonify.training.runs import Run
from toonify.training.samples import Sampler
from toonify.training.steps import make_step

PATIENCE = 600.0  # seconds without a checkpoint, where steps are slow


@dataclass
class Loop:
    """Everything a run works with; `run_from` is the only way in."""

    run: Run
    plan: Plan
    models: Models
    engine: Engine
    batches: Batches
    sampler: Sampler
    checkpoints: Checkpoints
    progress: Progress

    def run_from(self, done: int, stop: threading.Event) -> tuple[int, dict[str, float]]:
        """Train from step `done` to the plan's end, or until `stop` is set.

        Returns:
            Steps done, all of them in the newest checkpoint, and the last one's figures.

        Raises:
            ToonifyError: if the losses are no longer finite, or something cannot be written.
        """
        figures: dict[str, float] = {}
        if done == 0:
            self.sampler.draw(0, self.models.generator)
        metrics = Metrics(self.run.metrics, done)
        try:
            for phase, first in self.plan.from_step(done):
                done, figures = self._phase(phase, first, metrics, stop)
                if stop.is_set():
                    break
        finally:
            metrics.close()
        return done, figures

    def _phase(
        self, phase: Phase, first: int, metrics: Metrics, stop: threading.Event
    ) -> tuple[int, dict[str, float]]:
        step = self.engine.compile(
            make_step(phase.name, self.run.settings, self.models, self.engine), self.models.variables()
        )
        size = self.run.settings.batch_size
        figures: dict[str, float] = {}
        done, saved = first, first
        with (
            self.progress.task(phase.name, phase.steps, unit="steps", done=first - phase.first) as task,
            prefetched(self.batches, first, phase.end) as batches,
        ):
            before, overdue = time.monotonic(), time.monotonic() + PATIENCE
            for batch in batches:
                figures = self.engine.reduce(step(self.engine.put(batch)))
                done += 1
                self._check(done, figures)
                rate = phase.settings.learning_rate * float(batch["rate"])
                metrics.add(done, phase.name, phase.epoch(done - 1), rate, figures)
                now = time.monotonic()
                task.advance(1, **{"pictures/s": size / (now - before)}, **figures)
                before = now
                if done % self.run.settings.sample_every == 0:
                    self.sampler.draw(done, self.models.generator)
                if done % self.run.settings.checkpoint_every == 0 or now > overdue:
                    self._save(done, metrics)
                    saved, overdue = done, time.monotonic() + PATIENCE
                if stop.is_set():
                    break
        if saved != done:
            self._save(done, metrics)
        if done == phase.end and done % self.run.settings.sample_every:
            self.sampler.draw(done, self.models.generator)
        return done, figures

    def _save(self, done: int, metrics: Metrics) -> None:
        metrics.flush()
        if self.checkpoints.save(done, self.models.parts()) is None:
            raise self._diverged(done, "a weight is no longer finite")

    def _check(self, done: int, figures: Mapping[str, float]) -> None:
        bad = [f"{name} is {value}" for name, value in figures.items() if not math.isfinite(value)]
        if bad:
            raise self._diverged(done, ", ".join(bad))

    def _diverged(self, done: int, why: str) -> ToonifyError:
        good = self.checkpoints.newest_path()
        if good is None:
            return ToonifyError(
                f"training went astray at step {done}, before the first checkpoint: {why}",
                "Train anew with a lower --learning-rate.",
            )
        return ToonifyError(
            f"training went astray at step {done}: {why}. The last good checkpoint is {good}",
            f"Go on from it: toonify train --resume {self.run.folder} --learning-rate LOWER",
        )
