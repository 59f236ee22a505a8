"""Warnings while a run trains."""

from __future__ import annotations

from collections.abc import Mapping

from toonify.progress import Progress
from toonify.training.callbacks.base import Callback, MeasureEvent
from toonify.training.report import imbalance


class WarnOfImbalance(Callback):
    """Says when generator and discriminator are no longer a match for each other.

    Args:
        progress: Is told.
        critic: Whether the discriminator is a critic, which may be far ahead.
    """

    def __init__(self, progress: Progress, *, critic: bool) -> None:
        self._progress = progress
        self._critic = critic
        self._history: list[Mapping[str, float]] = []

    def on_measure(self, event: MeasureEvent) -> None:
        self._history.append(event.figures)
        if warning := imbalance(self._history, critic=self._critic):
            self._progress.warn(f"step {event.step:,}: {warning}")
