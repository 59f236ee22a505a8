"""The best checkpoint: chosen by a named figure, kept, and made into the style when asked."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from tiny_dataset import write_dataset

from toonify.storage import StyleManifest
from toonify.training import session
from toonify.training.best import Best, best_in
from toonify.training.checkpoints import Checkpoints
from toonify.training.metrics import preferred

FLAGS = ("--preset", "comic", "--generator", "tiny", "--batch-size", "4", "--learning-rate", "0.3")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("pairs"), "paired", val=5)


def measures(run: Path) -> list[dict[str, str]]:
    with open(run / "measures.csv", newline="") as file:
        return list(csv.DictReader(file))


def steps(run: Path) -> list[int]:
    return sorted(int(path.stem.partition("-")[2]) for path in (run / "checkpoints").iterdir())


def test_lower_is_better_and_the_earlier_of_two_alike():
    best = Best("kid", "adversarial")
    for step, value in ((5, 0.3), (10, 0.1), (15, 0.1), (20, float("nan"))):
        best.consider(step, "adversarial", {"kid": value})
    best.consider(25, "initialisation", {"kid": 0.0})
    best.consider(30, "adversarial", {"content": 0.0})
    assert (best.step, best.value) == (10, 0.1)


def test_kid_is_preferred_where_it_can_be_measured():
    assert preferred("", ["content", "kid", "clarity"]) == "kid"
    assert preferred("", ["target", "ink"]) == "target"
    assert preferred("clarity", ["kid", "clarity"]) == "clarity"
    assert preferred("", []) == ""


def test_a_run_is_measured_every_few_epochs_and_at_its_end(run, pairs):
    result = run("train", pairs, *FLAGS, "--epochs", "5", "--measure-every", "2", "-o", "run", "--keep", "1")
    assert result.exit_code == 0, result.output
    rows = measures(Path("run"))
    assert [row["step"] for row in rows] == ["4", "8", "10"]
    best = min(rows, key=lambda row: float(row["target"]))
    assert f"best by target ({float(best['target']):.4g}): step {best['step']}" in result.stdout
    assert steps(Path("run")) == sorted({int(best["step"]), 10})
    found = best_in(Path("run/measures.csv"), "target", "paired", Checkpoints(Path("run/checkpoints")))
    assert found.step == int(best["step"])


def test_the_style_is_made_of_the_best_when_a_figure_is_named(run, pairs):
    flags = (*FLAGS, "--epochs", "5", "--measure-every", "1")
    assert run("train", pairs, *flags, "-o", "run").exit_code == 0
    assert StyleManifest.read(Path("run/style")).training["steps"] == 10
    # Afterwards, too, without another step; the worst measured first is made up.
    lines = Path("run/measures.csv").read_text().splitlines()
    header, rows = lines[0].split(","), [line.split(",") for line in lines[1:]]
    kept = steps(Path("run"))[0]
    for row in rows:
        row[header.index("ink")] = "0.1" if row[0] == str(kept) else "0.2"
    Path("run/measures.csv").write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    report = json.loads(run("train", "--resume", "run", "--best", "ink", "--json").stdout)
    assert report["best"] == {"figure": "ink", "phase": "paired", "step": kept, "value": 0.1}
    card = StyleManifest.read(Path("run/style"))
    assert card.training["steps"] == kept
    assert card.figures["ink"] == 0.1
    with (
        np.load(f"run/checkpoints/step-{kept:07d}.npz") as saved,
        np.load("run/style/generator.npz") as style,
    ):
        np.testing.assert_array_equal(style["pixels/kernel"], saved["generator/0000"])


def test_the_best_is_one_of_those_that_are_still_there(run, pairs):
    flags = (*FLAGS, "--epochs", "5", "--measure-every", "1", "--keep", "1")
    assert run("train", pairs, *flags, "-o", "run").exit_code == 0
    there = steps(Path("run"))
    lines = Path("run/measures.csv").read_text().splitlines()
    header, rows = lines[0].split(","), [line.split(",") for line in lines[1:]]
    for row in rows:
        row[header.index("colour")] = str(int(row[0]) / 100)  # the earlier the better, and 2 is gone
    assert 2 not in there
    Path("run/measures.csv").write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    result = run("train", "--resume", "run", "--best", "colour")
    assert result.exit_code == 0, result.output
    assert StyleManifest.read(Path("run/style")).training["steps"] == there[0]


def test_a_style_of_an_earlier_end_is_made_anew(run, pairs, monkeypatch):
    assert run("train", pairs, *FLAGS, "--epochs", "1", "-o", "run").exit_code == 0
    with monkeypatch.context() as patch:  # the power fails before the longer run is packaged
        patch.setattr(session, "package", lambda run, step: 1 / 0)
        assert run("train", "--resume", "run", "--epochs", "2").exit_code == 1
    assert StyleManifest.read(Path("run/style")).training["steps"] == 2
    assert json.loads(run("train", "--resume", "run", "--json").stdout)["status"] == "trained"
    assert StyleManifest.read(Path("run/style")).training["steps"] == 4
    assert json.loads(run("train", "--resume", "run", "--json").stdout)["status"] == "finished before"


def test_a_resumed_run_forgets_what_was_measured_after_its_checkpoint(run, pairs):
    assert run("train", pairs, *FLAGS, "--epochs", "2", "--measure-every", "1", "-o", "run").exit_code == 0
    Path("run/checkpoints/step-0000004.npz").unlink()
    assert run("train", "--resume", "run").exit_code == 0
    assert [row["step"] for row in measures(Path("run"))] == ["2", "4"]


@pytest.mark.parametrize(
    ("figure", "answer"),
    [
        ("tarjet", "called 'tarjet'. Did you mean 'target'?"),
        (
            "kid",
            "this run cannot measure 'kid': it has no cartoons and no backbone",
        ),
        ("real", "no figure to choose the best checkpoint by called 'real'"),
    ],
)
def test_a_figure_that_is_not_measured_is_refused(run, pairs, figure, answer):
    result = run("train", pairs, *FLAGS, "--best", figure)
    assert result.exit_code == 2
    assert answer in " ".join(result.stderr.split())
    assert not Path("runs").exists()
