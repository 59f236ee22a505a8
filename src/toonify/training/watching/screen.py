"""What a person sees of a run while it goes on."""

from __future__ import annotations

from collections.abc import Mapping

from toonify.progress import Task
from toonify.training.watching.watcher import Watcher


class Screen(Watcher):
    """Passes on to a task what happens in a run.

    Args:
        task: Of `Progress.watch`.
        epochs: Of each phase, by name.
    """

    def __init__(self, task: Task, epochs: Mapping[str, int]) -> None:
        self._task = task
        self._epochs = epochs

    def stepped(self, done: int, phase: str, epoch: int, rate: float, figures: Mapping[str, float]) -> None:
        self._task.advance(1, **figures)
        self._task.show("schedule", epoch=f"{epoch:,} of {self._epochs[phase]:,}", learning_rate=rate)

    def measured(self, done: int, phase: str, epoch: int, figures: Mapping[str, float]) -> None:
        self._task.show("validation", step=done, **figures)
