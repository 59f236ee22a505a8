"""The report on a run, written whenever training ends."""

from __future__ import annotations

from pathlib import Path

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.callbacks.base import Callback
from toonify.training.report import write_report


class WriteReport(Callback):
    """Writes `report.html` at the end, however that comes; must be told after those whose files it reads.

    That it cannot be written is no reason to lose a run, or the error that the run ends with.

    Args:
        folder: Of the run.
        progress: Is warned then.
    """

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder = folder
        self._progress = progress

    def on_end(self) -> None:
        try:
            write_report(self._folder)
        except ToonifyError as error:
            self._progress.warn(error.message)
