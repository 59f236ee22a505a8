"""`metrics.csv` and `measures.csv`: a row for each step and each measurement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toonify.training.callbacks.base import Callback, MeasureEvent, StepEvent
from toonify.training.tables import MEASUREMENT, STEP, Table


class TableCallback(Callback):
    """Keeps a table in step with the checkpoints.

    Args:
        path: The CSV file.
        key: The columns that every row has.
        figures: The names of the others.
        step: Steps that were done before; rows of later ones are dropped.

    Raises:
        ToonifyError: if the file cannot be written, as any method may.
    """

    def __init__(self, path: Path, key: Sequence[str], figures: Sequence[str], step: int) -> None:
        self.table = Table(path, (*key, *figures), step)

    def on_checkpoint(self, step: int) -> None:
        self.table.flush()

    def on_end(self) -> None:
        self.table.close()


class StepTable(TableCallback):
    """`metrics.csv`: phase, epoch, learning rate and losses of each step."""

    def __init__(self, path: Path, losses: Sequence[str], step: int) -> None:
        super().__init__(path, STEP, losses, step)

    def on_step(self, event: StepEvent) -> None:
        self.table.add({**vars(event), **event.losses})


class MeasureTable(TableCallback):
    """`measures.csv`: phase, epoch and figures of each measurement."""

    def __init__(self, path: Path, figures: Sequence[str], step: int) -> None:
        super().__init__(path, MEASUREMENT, figures, step)

    def on_measure(self, event: MeasureEvent) -> None:
        self.table.add({**vars(event), **event.figures})
