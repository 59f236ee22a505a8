"""The best checkpoint: chosen by a named figure, kept, and made into the style when asked."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from toonify.storage import RunFolder, StyleManifest
from toonify.training import packaging
from toonify.training.callbacks import MeasureEvent
from toonify.training.callbacks.best import Best, best_in
from toonify.training.metrics import preferred

pytestmark = pytest.mark.usefixtures("no_report", "uncompiled")


def measures(run: Path) -> list[dict[str, str]]:
    with open(run / "measures.csv", newline="") as file:
        return list(csv.DictReader(file))


def pretend(run: Path, figure: str, value: Callable[[int], float]) -> None:
    """Let another figure have been measured at each step."""
    rows = measures(run)
    for row in rows:
        row[figure] = str(value(int(row["step"])))
    with open(run / "measures.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def steps(run: Path) -> list[int]:
    return sorted(int(path.stem.partition("-")[2]) for path in (run / "checkpoints").iterdir())


def test_lower_is_better_and_the_earlier_of_two_alike():
    best = Best("kid", "adversarial")
    for step, value in ((5, 0.3), (10, 0.1), (15, 0.1), (20, float("nan"))):
        best.on_measure(MeasureEvent(step, "adversarial", 1, {"kid": value}))
    best.on_measure(MeasureEvent(25, "initialisation", 1, {"kid": 0.0}))
    best.on_measure(MeasureEvent(30, "adversarial", 1, {"content": 0.0}))
    assert (best.step, best.value) == (10, 0.1)


def test_kid_is_preferred_where_it_can_be_measured():
    assert preferred("", ["content", "kid", "clarity"]) == "kid"
    assert preferred("", ["target", "ink"]) == "target"
    assert preferred("clarity", ["kid", "clarity"]) == "clarity"
    assert preferred("", []) == ""


def test_the_checkpoint_that_changed_least_is_not_the_best_unless_asked_for():
    assert preferred("", ["content", "change"]) == ""
    assert preferred("content", ["content", "kid"]) == "content"


def test_a_run_is_measured_every_few_epochs_and_at_its_end(trained):
    rows = measures(trained)
    assert [row["step"] for row in rows] == ["4", "8", "12", "14"]
    best = min(rows, key=lambda row: float(row["target"]))
    assert steps(trained) == sorted({int(best["step"]), 12, 14})
    found = best_in(RunFolder(trained), "target", "paired")
    assert found.step == int(best["step"])


def test_the_style_is_made_of_the_best_when_a_figure_is_named(run, copied):
    assert StyleManifest.read(copied / "style").training["steps"] == 14
    # Without another step, of what was measured best by then.
    pretend(copied, "ink", lambda step: 0.1 if step == 12 else 0.2)
    report = json.loads(run("train", "--resume", "run", "--best", "ink", "--json").stdout)
    assert report["best"] == {"figure": "ink", "phase": "paired", "step": 12, "value": 0.1}
    card = StyleManifest.read(copied / "style")
    assert card.training["steps"] == 12
    assert card.figures["ink"] == 0.1
    with (
        np.load(copied / "checkpoints" / "step-0000012.npz") as saved,
        np.load(copied / "style" / "generator.npz") as style,
    ):
        np.testing.assert_array_equal(style["pixels/kernel"], saved["generator/0000"])


def test_the_best_is_one_of_those_that_are_still_there(run, copied, packaged):
    for step in {*steps(copied)} - {12, 14}:
        (copied / "checkpoints" / f"step-{step:07d}.npz").unlink()
    pretend(copied, "colour", lambda step: step / 100)  # the earlier the better, and 4 and 8 are gone
    result = run("train", "--resume", "run", "--best", "colour")
    assert result.exit_code == 0, result.output
    assert "best by colour (0.12): step 12" in result.stdout
    assert packaged == [12]


def test_a_style_of_an_earlier_end_is_made_anew(run, copied, monkeypatch):
    with monkeypatch.context() as patch:  # the power fails before the longer run is packaged
        patch.setattr(packaging, "package", lambda run, step: 1 / 0)
        assert run("train", "--resume", "run", "--epochs", "8").exit_code == 1
    assert StyleManifest.read(copied / "style").training["steps"] == 14
    assert json.loads(run("train", "--resume", "run", "--json").stdout)["status"] == "trained"
    assert StyleManifest.read(copied / "style").training["steps"] == 16
    assert json.loads(run("train", "--resume", "run", "--json").stdout)["status"] == "finished before"


def test_a_resumed_run_forgets_what_was_measured_after_its_checkpoint(run, copied, packaged):
    (copied / "checkpoints" / "step-0000014.npz").unlink()
    assert run("train", "--resume", "run").exit_code == 0
    assert [row["step"] for row in measures(copied)] == ["4", "8", "12", "14"]
