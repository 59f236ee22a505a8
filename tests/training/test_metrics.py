"""metrics.csv stays in step with the checkpoints."""

from __future__ import annotations

import csv
from pathlib import Path

from toonify.training.metrics import COLUMNS, Metrics


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, first: int, last: int, done: int = 0) -> None:
    metrics = Metrics(path, done)
    for step in range(first, last + 1):
        metrics.add(step, "paired", 1, 1e-3, {"loss": step / 7, "colour": 0.5})
    metrics.flush()
    metrics.close()


def test_a_row_for_each_step(tmp_path):
    write(tmp_path / "metrics.csv", 1, 2)
    first, second = rows(tmp_path / "metrics.csv")
    assert tuple(first) == COLUMNS
    assert (first["step"], first["phase"], first["loss"], first["content"]) == ("1", "paired", "0.142857", "")
    assert second["step"] == "2"


def test_rows_after_the_checkpoint_are_dropped(tmp_path):
    path = tmp_path / "metrics.csv"
    write(path, 1, 9)
    write(path, 6, 7, done=5)
    assert [row["step"] for row in rows(path)] == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_row_cut_short_by_a_kill_is_dropped(tmp_path):
    path = tmp_path / "metrics.csv"
    write(path, 1, 4)
    path.write_bytes(path.read_bytes()[:-9] + b"\0\0")
    write(path, 4, 4, done=4)
    assert [row["step"] for row in rows(path)] == ["1", "2", "3", "4"]


def test_a_run_from_the_beginning_forgets_old_rows(tmp_path):
    path = tmp_path / "metrics.csv"
    write(path, 1, 4)
    write(path, 1, 1)
    assert len(rows(path)) == 1
