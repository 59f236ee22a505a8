"""`metrics.csv` and `measures.csv`: a row for each step and each measurement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from toonify.storage import flush_file
from toonify.training.callbacks.base import Callback, MeasureEvent, StepEvent
from toonify.training.runs import recording
from toonify.training.tables import MEASUREMENT, STEP, text_of, whole_rows, write_rows


class Table(Callback):
    """A CSV file to which rows are appended, in step with the checkpoints.

    Args:
        path: The file; made, or gone on with after its rows.
        columns: Names without commas, `step` first.

    Raises:
        ToonifyError: if the file cannot be written, as any method may.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = tuple(columns)
        write_rows(path, self._so_far())
        with recording(self._path):
            self._file = path.open("a", newline="", encoding="utf-8")

    def on_checkpoint(self, step: int) -> None:
        with recording(self._path):
            self._file.flush()
            flush_file(self._path)

    def on_end(self) -> None:
        with recording(self._path):
            self._file.close()

    def _add(self, row: Mapping[str, object]) -> None:
        """What it lacks stays empty, and what is no column is left out."""
        with recording(self._path):
            self._file.write(text_of([_text(row.get(name, "")) for name in self._columns]))

    def _so_far(self) -> Iterator[Sequence[str]]:
        """The header, and the whole rows that there are, under it."""
        yield self._columns
        rows = whole_rows(self._path)
        header = next(rows, [])
        for row in rows:
            cells = dict(zip(header, row, strict=True))
            yield [cells.get(name, "") for name in self._columns]


class StepTable(Table):
    """`metrics.csv`: phase, epoch, learning rate and losses of each step."""

    def __init__(self, path: Path, losses: Sequence[str]) -> None:
        super().__init__(path, (*STEP, *losses))

    def on_step(self, event: StepEvent) -> None:
        self._add({**vars(event), **event.losses})

    def on_stray(self, event: StepEvent) -> None:
        self.on_step(event)  # so that whoever looks at the run later sees what it ended with


class MeasureTable(Table):
    """`measures.csv`: phase, epoch and figures of each measurement."""

    def __init__(self, path: Path, figures: Sequence[str]) -> None:
        super().__init__(path, (*MEASUREMENT, *figures))

    def on_measure(self, event: MeasureEvent) -> None:
        self._add({**vars(event), **event.figures})


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
