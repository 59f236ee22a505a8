"""The report on a run, written whenever training ends."""

from __future__ import annotations

from pathlib import Path

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.callbacks.base import Callback
from toonify.training.report import write_report


class WriteReport(Callback):
    """Writes `report.html` when the run ends in any way; must come after the callbacks whose files it reads.

    A failure to write it is only a warning: the run, or the error that it ends with, counts more.

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
