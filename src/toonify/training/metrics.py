"""`metrics.csv`: a row for each step, in step with the checkpoints."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

from toonify.manifests import write_atomically

COLUMNS = (
    "step",
    "phase",
    "epoch",
    "learning_rate",
    "loss",
    "colour",
    "gradient",
    "ink",
    "content",
    "adversarial",
    "discriminator",
)


class Metrics:
    """Appends rows to a file.

    Args:
        path: The file; made, or cut back to its rows up to `step`.
        step: Steps that were done before.
    """

    def __init__(self, path: Path, step: int) -> None:
        write_atomically(path, _until(path, step).encode())
        self._file = path.open("a", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file, lineterminator="\n")

    def add(
        self, step: int, phase: str, epoch: int, learning_rate: float, figures: Mapping[str, float]
    ) -> None:
        """A row; `step` counts from 1."""
        row = {"step": step, "phase": phase, "epoch": epoch, "learning_rate": learning_rate, **figures}
        self._writer.writerow(_text(row.get(name, "")) for name in COLUMNS)

    def flush(self) -> None:
        """Onto the disk: a checkpoint of this step is about to be written."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _until(path: Path, step: int) -> str:
    """The header, and the whole rows of steps up to `step`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    if step and path.is_file():
        with open(path, newline="", encoding="utf-8", errors="replace") as file:
            for row in csv.reader(line.replace("\0", "") for line in file):
                if len(row) == len(COLUMNS) and row[0].isdigit() and int(row[0]) <= step:
                    writer.writerow(row)
    return out.getvalue()
