"""metrics.csv and measures.csv: complete, in step with the checkpoints, and read whatever befell them."""

from __future__ import annotations

import csv
import errno
import os
from pathlib import Path

import numpy as np
import pytest

from toonify.errors import ToonifyError
from toonify.training.callbacks import MeasureEvent, StepEvent
from toonify.training.callbacks.tables import MeasureTable, StepTable
from toonify.training.tables import read_table

LOSSES = ("loss", "content", "discriminator")


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def steps(path: Path) -> list[int]:
    return [int(row["step"]) for row in rows(path)]


def write(path: Path, first: int, last: int) -> Path:
    table = StepTable(path, LOSSES)
    for step in range(first, last + 1):
        table.on_step(StepEvent(step, "adversarial", 1, 1e-3, {"loss": step / 7, "content": 0.5}))
    table.on_checkpoint(last)
    table.on_end()
    return path


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "metrics.csv"


def test_a_row_for_each_step(path):
    first, second = rows(write(path, 1, 2))
    assert list(first.items()) == [
        ("step", "1"),
        ("phase", "adversarial"),
        ("epoch", "1"),
        ("learning_rate", "0.001"),
        ("loss", "0.142857"),
        ("content", "0.5"),
        ("discriminator", ""),
    ]
    assert second["step"] == "2"


def test_a_row_for_each_measurement(tmp_path):
    table = MeasureTable(tmp_path / "measures.csv", ("kid", "real"))
    table.on_step(StepEvent(1, "adversarial", 1, 1e-3, {"loss": 1.0}))
    table.on_measure(MeasureEvent(40, "adversarial", 2, {"kid": 0.25, "real": 0.9, "unasked": 1.0}))
    table.on_end()
    expected = {"step": "40", "phase": "adversarial", "epoch": "2", "kid": "0.25", "real": "0.9"}
    assert rows(tmp_path / "measures.csv") == [expected]


def test_a_run_that_goes_on_adds_to_its_rows(path):
    write(path, 1, 5)
    assert steps(write(path, 6, 7)) == [1, 2, 3, 4, 5, 6, 7]


def test_flushed_rows_are_on_the_disk(path):
    table = StepTable(path, LOSSES)
    table.on_step(StepEvent(1, "paired", 1, 1e-3, {"loss": 1.0}))
    assert steps(path) == []
    table.on_checkpoint(1)
    assert steps(path) == [1]
    table.on_end()


def test_a_resumed_run_may_have_other_columns(path):
    write(path, 1, 2)
    StepTable(path, ("loss", "style")).on_end()
    assert [(row["loss"], row["style"]) for row in rows(path)] == [("0.142857", ""), ("0.285714", "")]


@pytest.mark.parametrize(
    "end",
    [b"", b"\0\0", b",,,,\n", b"\n" + b"9" * 5000 + b",a,1,1,1,1,1\n", b'5,"adversarial\n', b"\xff\xfe\n"],
)
def test_a_row_cut_short_by_a_kill_is_dropped(path, end):
    write(path, 1, 4)
    path.write_bytes(path.read_bytes()[:-6] + end)
    assert read_table(path)["step"].tolist() == [1, 2, 3]
    assert steps(write(path, 4, 4)) == [1, 2, 3, 4]


def test_a_damaged_row_costs_only_itself(path):
    lines = write(path, 1, 4).read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], '"', *lines[2:3], lines[3].replace("0.5", "half"), *lines[4:]]))
    assert read_table(path)["step"].tolist() == [1, 4]


def test_columns_are_arrays(path):
    columns = read_table(write(path, 1, 3))
    assert list(columns["phase"]) == ["adversarial"] * 3
    np.testing.assert_allclose(columns["loss"], [1 / 7, 2 / 7, 3 / 7], rtol=1e-5)
    assert np.isnan(columns["discriminator"]).all()
    assert {len(column) for column in columns.values()} == {3}


def test_what_a_spreadsheet_program_saved_again_is_read(path):
    path.write_bytes(b"\xef\xbb\xbf" + write(path, 1, 4).read_bytes().replace(b"\n", b"\r\n"))
    assert read_table(path)["step"].tolist() == [1, 2, 3, 4]
    assert steps(write(path, 5, 5)) == [1, 2, 3, 4, 5]


@pytest.mark.filterwarnings("error")
def test_numbers_that_no_run_writes_are_none(path):
    path.write_text(write(path, 1, 3).read_text().replace("0.5", "1e308").replace("0.001", "-inf"))
    columns = read_table(path)
    assert np.isnan([columns["content"], columns["learning_rate"]]).all()
    assert columns["step"].tolist() == [1, 2, 3]


def test_a_pipe_is_not_waited_for(path):
    os.mkfifo(path)
    assert read_table(path) == {}


@pytest.mark.parametrize("content", ["", "\0", "a,b\n1,2\n", "step,step\n1,2\n"])
def test_what_is_no_table_has_no_columns(path, content):
    path.write_text(content)
    assert read_table(path) == {}
    assert read_table(path.with_name("missing.csv")) == {}
    assert read_table(path.parent) == {}


def test_a_full_disk_is_told_in_a_line(path, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    table = StepTable(path, LOSSES)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ToonifyError, match=r"metrics\.csv cannot be written: no space left on device"):
        table.on_checkpoint(1)
