"""What is kept of a run while it trains: metrics, samples, measurements and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toonify.errors import ToonifyError
from toonify.training.checkpoints import Checkpoints
from toonify.training.models import Models
from toonify.training.plan import Phase
from toonify.training.runs import Run
from toonify.training.samples import Sampler
from toonify.training.watching import Watcher

PATIENCE = 600.0  # seconds without a checkpoint, where steps are slow


@dataclass
class Records:
    """Writes what a run leaves behind, each thing at its time."""

    run: Run
    models: Models
    sampler: Sampler
    checkpoints: Checkpoints
    watchers: Sequence[Watcher]
    _saved: float = field(default_factory=time.monotonic)

    def stepped(self, phase: Phase, done: int, rate: float, figures: Mapping[str, float]) -> None:
        """A step's losses."""
        for watcher in self.watchers:
            watcher.stepped(done, phase.name, phase.epoch(done - 1), rate, figures)

    def due(self, phase: Phase, done: int) -> bool:
        """Whether there is anything to keep after this step."""
        return self._sample_due(phase, done) or self._save_due(phase, done)

    def keep(self, phase: Phase, done: int, *, stopping: bool) -> None:
        """Keep what is due.

        Raises:
            ToonifyError: if a weight is no longer finite, or something cannot be written.
        """
        if self._sample_due(phase, done):
            self.sample(done)
        if stopping or self._save_due(phase, done):
            self._save(done)

    def sample(self, done: int) -> None:
        """Draw the grid."""
        path = self.sampler.draw(done)
        for watcher in self.watchers:
            watcher.sampled(done, path)

    def close(self) -> None:
        """Nothing more will come."""
        for watcher in self.watchers:
            watcher.close()

    def _sample_due(self, phase: Phase, done: int) -> bool:
        return done == phase.end or done % self.run.settings.sample_every == 0

    def _save_due(self, phase: Phase, done: int) -> bool:
        every = self.run.settings.checkpoint_every
        return done == phase.end or done % every == 0 or time.monotonic() > self._saved + PATIENCE

    def _save(self, done: int) -> None:
        for watcher in self.watchers:
            watcher.flush()
        if self.checkpoints.save(done, self.models.parts()) is None:
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
