"""What is kept of a run while it trains: metrics, samples, measurements and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.best import Best
from toonify.training.checkpoints import Checkpoints
from toonify.training.metrics.measurer import Measurer
from toonify.training.models import Models
from toonify.training.plan import Phase
from toonify.training.runs import Run
from toonify.training.samples import Sampler
from toonify.training.watching import Watcher, imbalance
from toonify.training.watching.balance import KINDS

PATIENCE = 600.0  # seconds without a checkpoint, where steps are slow


@dataclass
class Records:
    """Writes what a run leaves behind, each thing at its time.

    Attributes:
        run: Where it is written.
        models: What is saved.
        artist: The network that draws samples and is measured, made fast.
        sampler: Draws the grids.
        measurer: Measures on validation pictures.
        checkpoints: Where the models are saved.
        best: Which of them must stay.
        watchers: Told of everything.
        progress: Told when something looks wrong.
    """

    run: Run
    models: Models
    artist: Callable[..., Any]
    sampler: Sampler
    measurer: Measurer
    checkpoints: Checkpoints
    best: Best
    watchers: Sequence[Watcher]
    progress: Progress
    _measured: list[Mapping[str, float]] = field(default_factory=list)
    _saved: float = field(default_factory=time.monotonic)

    def stepped(self, phase: Phase, done: int, rate: float, figures: Mapping[str, float]) -> None:
        """A step's losses."""
        for watcher in self.watchers:
            watcher.stepped(done, phase.name, phase.epoch(done - 1), rate, figures)

    def due(self, phase: Phase, done: int) -> bool:
        """Whether there is anything to keep after this step."""
        return any(due(phase, done) for due in (self._sample_due, self._measure_due, self._save_due))

    def keep(self, phase: Phase, done: int, *, stopping: bool) -> None:
        """Keep what is due.

        Raises:
            ToonifyError: if a weight is no longer finite, or something cannot be written.
        """
        if self._sample_due(phase, done):
            self.sample(done)
        if self._measure_due(phase, done):
            self._measure(phase, done)
        if stopping or self._save_due(phase, done):
            self._save(done)

    def sample(self, done: int) -> None:
        """Draw the grid."""
        path = self.sampler.draw(done)
        for watcher in self.watchers:
            watcher.sampled(done, path)

    def close(self) -> None:
        """Nothing more will come."""
        with ExitStack() as stack:  # one that fails must not keep the others open
            for watcher in self.watchers:
                stack.callback(watcher.close)

    def _sample_due(self, phase: Phase, done: int) -> bool:
        return done == phase.end or done % self.run.settings.sample_every == 0

    def _measure_due(self, phase: Phase, done: int) -> bool:
        every = self.run.settings.measuring.every * phase.steps_per_epoch
        due = done == phase.end or (every > 0 and (done - phase.first) % every == 0)
        return due and bool(self.measurer.names)

    def _save_due(self, phase: Phase, done: int) -> bool:
        every = self.run.settings.checkpoint_every
        overdue = time.monotonic() > self._saved + PATIENCE
        return done % every == 0 or overdue or done == phase.end or self._measure_due(phase, done)

    def _measure(self, phase: Phase, done: int) -> None:
        figures = self.measurer.measure(self.artist)
        if not self.models.objectives[
            phase.name
        ].adversaries:  # a discriminator's say nothing before it learns
            figures = {name: value for name, value in figures.items() if name not in KINDS}
        epoch = phase.epoch(done - 1)
        for watcher in self.watchers:
            watcher.measured(done, phase.name, epoch, figures)
        self.best.consider(done, phase.name, figures)
        self._measured.append(figures)
        critic = self.models.adversary.boundary is None
        if warning := imbalance(self._measured, critic=critic):
            self.progress.warn(f"step {done:,}: {warning}")

    def _save(self, done: int) -> None:
        for watcher in self.watchers:
            watcher.flush()
        if self.checkpoints.save(done, self.models.parts(), self.best.step) is None:
            raise diverged(self.run, done, "a weight is no longer finite")
        self._saved = time.monotonic()


def diverged(run: Run, step: int, why: str) -> ToonifyError:
    """The error for numbers that are none."""
    good = Checkpoints(run.checkpoints).newest_path()
    if good is None:
        return ToonifyError(
            f"training went astray at step {step}, before the first checkpoint: {why}",
            "Train anew with a lower --learning-rate.",
        )
    return ToonifyError(
        f"training went astray at step {step}: {why}. The last good checkpoint is {good}",
        f"Go on from it: toonify train --resume {run.folder} --learning-rate LOWER",
    )
