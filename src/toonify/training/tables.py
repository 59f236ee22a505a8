"""Tables of a run as CSV files, in step with its checkpoints, and read whatever befell them."""

from __future__ import annotations

import array
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from toonify.storage import flush_file, write_bytes
from toonify.training.runs import recording

STEP = ("step", "phase", "epoch", "learning_rate")
MEASUREMENT = ("step", "phase", "epoch")

Columns = dict[str, np.ndarray]


class Table:
    """Appends rows to a CSV file.

    Args:
        path: The file; made, or cut back to its rows up to `step`.
        columns: Names without commas, `step` first.
        step: Steps that were done before.

    Raises:
        ToonifyError: if the file cannot be written; every method does.
    """

    def __init__(self, path: Path, columns: Sequence[str], step: int) -> None:
        self._path = path
        self._columns = tuple(columns)
        write_bytes(path, self._until(step).encode())
        with recording(self._path):
            self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def add(self, row: Mapping[str, object]) -> None:
        """A row; what it lacks stays empty, and what is no column is left out."""
        with recording(self._path):
            self._writer.writerow(_text(row.get(name, "")) for name in self._columns)

    def flush(self) -> None:
        """All rows onto the disk."""
        with recording(self._path):
            self._file.flush()
            flush_file(self._path)

    def close(self) -> None:
        """Nothing more is added."""
        with recording(self._path):
            self._file.close()

    def _until(self, step: int) -> str:
        """The header, and the whole rows of steps up to `step`."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self._columns)
        if step:
            rows = _whole_rows(self._path)
            header = next(rows, [])
            for row in rows:
                if int(row[0]) <= step:
                    cells = dict(zip(header, row, strict=True))
                    writer.writerow(cells.get(name, "") for name in self._columns)
        return out.getvalue()


def read_table(path: Path) -> Columns:
    """A table's columns; rows that are damaged or cut short are passed over.

    Returns:
        By name, arrays of one length: `phase` of text, all others float64, NaN where a cell is empty.
        Nothing if the file is missing, unreadable or no table.
    """
    rows = _whole_rows(path)
    header = next(rows, [])
    texts: list[str] = []
    numbers = {name: array.array("d") for name in header if name != "phase"}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        text = cells.pop("phase", "")
        try:
            values = [float(cell or "nan") for cell in cells.values()]
        except ValueError:
            continue
        texts.append(text)
        for column, value in zip(numbers.values(), values, strict=True):
            column.append(value)
    columns = {name: np.array(column) for name, column in numbers.items()}
    return columns | {"phase": np.array(texts, str)} if header else {}


def measurements(columns: Columns) -> list[tuple[str, dict[str, float]]]:
    """Phase and figures of each row of `measures.csv`, NaN where one was not measured."""
    names = [name for name in columns if name not in MEASUREMENT]
    phases = columns["phase"] if columns else ()
    return [
        (str(phase), {name: float(columns[name][row]) for name in names}) for row, phase in enumerate(phases)
    ]


def _whole_rows(path: Path) -> Iterator[list[str]]:
    """The header, then every row that has its number of cells, a step, and an end.

    Without regard to quotes, which we never write: one gone astray would swallow the rows after it.
    """
    try:
        with open(path, newline="", encoding="utf-8", errors="replace") as file:
            header = file.readline().strip().split(",")
            if header[0] != "step" or len(set(header)) < len(header):
                return
            yield header
            for line in file:
                row = line.strip().split(",")
                if len(row) == len(header) and line.endswith("\n") and re.fullmatch("[0-9]{1,12}", row[0]):
                    yield row
    except OSError:
        return


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
