"""The tables of a run, CSV files that `callbacks/tables.py` appends to: read even if they are damaged."""

from __future__ import annotations

import array
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from toonify.storage import write_bytes
from toonify.storage.arrays import Damaged, need_regular_file

STEP = ("step", "phase", "epoch", "learning_rate")
MEASUREMENT = ("step", "phase", "epoch")

MOST = 1e100
"""Of a number in a table: no run writes larger ones, and sums and axes of them would overflow."""

Columns = dict[str, np.ndarray]


def read_table(path: Path) -> Columns:
    """A table's columns; rows that are damaged or cut short are passed over.

    Returns:
        By name, arrays of one length: `phase` of text, all others float64, NaN where a cell is empty or
        beyond `MOST`.
        Nothing if the file is missing, unreadable or no table.
    """
    rows = whole_rows(path)
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
    columns = {name: _bounded(np.array(column)) for name, column in numbers.items()}
    return columns | {"phase": np.array(texts, str)} if header else {}


def _bounded(column: np.ndarray) -> np.ndarray:
    return np.where(np.abs(column) <= MOST, column, np.nan)


def measurements(columns: Columns) -> list[tuple[str, dict[str, float]]]:
    """Phase and figures of each row of `measures.csv`, NaN where one was not measured."""
    names = [name for name in columns if name not in MEASUREMENT]
    phases = columns["phase"] if columns else ()
    return [
        (str(phase), {name: float(columns[name][row]) for name in names}) for row, phase in enumerate(phases)
    ]


def whole_rows(path: Path) -> Iterator[list[str]]:
    """The header, then every row that has its number of cells, a step, and an end.

    Without regard to quotes, which we never write: one gone astray would swallow the rows after it. A byte
    order mark, which spreadsheet programs put first, is none of the header.
    """
    try:
        need_regular_file(path)
        with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
            header = file.readline().strip().split(",")
            if header[0] != "step" or len(set(header)) < len(header):
                return
            yield header
            for line in file:
                row = line.strip().split(",")
                if len(row) == len(header) and line.endswith("\n") and re.fullmatch("[0-9]{1,12}", row[0]):
                    yield row
    except (OSError, Damaged):
        return


def text_of(row: Sequence[str]) -> str:
    """A row of a table as it is written: no cell has a comma or a quote."""
    return ",".join(row) + "\n"


def write_rows(path: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write a table anew, whole or not at all.

    Args:
        path: The file, from which `rows` may come.
        rows: The header first.

    Raises:
        ToonifyError: if it cannot be written.
    """
    write_bytes(path, "".join(map(text_of, rows)).encode())
