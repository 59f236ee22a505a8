"""`toonify runs`: what trainings came to, as a table, as JSON, and side by side on a page."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toonify.storage import RunFolder, RunManifest
from toonify.training.callbacks import MeasureEvent, StepEvent
from toonify.training.callbacks.tables import MeasureTable, StepTable
from toonify.training.grids import join


def write_run(
    folder: Path, *, rate: float = 2e-4, kid: float = 0.2, steps: int = 40, seed: int = 0, pictures: str = "0"
) -> Path:
    """A run that was measured once, and drew one grid of samples."""
    folder.mkdir(parents=True)
    settings = {"batch_size": 8, "adversarial": {"learning_rate": rate}}
    request = {"preset": "cartoongan", "seed": seed, "settings": settings}
    RunManifest(request, "dataset", pictures, 64, {"toonify": "1.2.3"}).write(folder)
    files = RunFolder(folder)
    table = StepTable(files.metrics, ("loss",))
    for step in range(1, steps + 1):
        table.on_step(StepEvent(step, "adversarial", 1, rate, {"loss": 1.0}))
    table.on_end()
    figures = {"kid": kid, "kid_of_photos": 0.4, "change": 20.0, "likeness": 0.9, "contrast": 1.0}
    measures = MeasureTable(files.measures, tuple(figures))
    measures.on_measure(MeasureEvent(steps, "adversarial", 1, figures))
    measures.on_end()
    files.samples.mkdir()
    grid = join(list(np.full((2, 3, 16, 16, 3), 99, np.uint8)))
    Image.fromarray(grid).save(files.samples / f"step-{steps:07d}.png")
    return folder


@pytest.fixture
def two() -> list[Path]:
    return [write_run(Path("runs/a")), write_run(Path("runs/b"), kid=0.4, rate=3e-4)]


def test_those_in_runs_are_listed_with_their_figures(run, two):
    result = run("runs")
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.stdout.splitlines()]
    assert " ".join(lines[0]) == "run preset steps kid change verdict style"
    assert " ".join(lines[1]) == "runs/a cartoongan 40 0.2 20 learnt"
    assert " ".join(lines[2]) == "runs/b cartoongan 40 0.4 20 nothing yet"


def test_for_scripts(run, two):
    found = json.loads(run("runs", "runs", "runs/b", "--json").stdout)["runs"]  # each once
    assert [one["run"] for one in found] == ["runs/a", "runs/b"]
    first = found[0]
    assert (first["preset"], first["steps"], first["style"]) == ("cartoongan", 40, False)
    assert first["figures"]["kid"] == 0.2
    assert first["best"] == {"figure": "kid", "step": 40, "value": 0.2}
    assert first["verdict"]["state"] == "learnt"


def test_side_by_side_on_a_page(run, two):
    result = run("runs", *two, "--report", "both.html")
    assert result.exit_code == 0, result.output
    page = Path("both.html").read_text(encoding="utf-8")
    assert page.count('alt="samples of ') == 2 and "a, step 40" in page and "b, step 40" in page
    assert "kid of each run over the steps" in page
    differing = page[page.index("What differs") :]
    assert "learning rate" in differing and "0.0003" in differing
    assert not any(same in differing for same in ("batch size", "dataset", "seed", "1.2.3"))
    assert "cannot be compared" not in page
    assert "<strong>b: nothing yet.</strong> Drawings differ" in page


def test_runs_that_differ_in_their_pictures_or_seed_say_so(run):
    write_run(Path("runs/a"))
    write_run(Path("runs/b"), seed=7, pictures="abcd")
    run("runs", "--report", "both.html")
    page = Path("both.html").read_text(encoding="utf-8")
    differing = page[page.index("What differs") :]
    assert "seed" in differing and "abcd" in differing
    assert "cannot be compared from run to run" in page


@pytest.mark.parametrize(
    ("name", "said"), [("notes.html", "is no report"), ("runs/a/run.json", "no name for a page")]
)
def test_a_file_that_is_no_page_is_not_replaced(run, two, name, said):
    Path("notes.html").write_text("my notes")
    before = Path(name).read_bytes()
    result = run("runs", *two, "--report", name)
    assert result.exit_code == 2
    assert said in result.stderr and "Call the --report something" in result.stderr
    assert Path(name).read_bytes() == before


def test_runs_of_one_name_are_told_apart_by_their_folders(run, two):
    write_run(Path("old/a"))
    run("runs", "runs/a", "old/a", "--report", "both.html")
    page = Path("both.html").read_text(encoding="utf-8")
    assert "runs/a, step 40" in page and "old/a, step 40" in page


def test_one_that_just_began_or_is_damaged_is_listed_too(run, two):
    begun = Path("runs/b").rename("runs/MyRun")
    RunManifest({"preset": "pairs"}, "dataset", "0", 64, {}).write(begun)
    (begun / "metrics.csv").unlink()
    (begun / "samples/step-0000040.png").write_bytes(b"no picture")
    result = run("runs", "--report", "page.html")
    assert result.exit_code == 0, result.output
    assert "pairs" in result.stdout and "MyRun: nothing yet." in Path("page.html").read_text()
    (begun / "run.json").write_text("{")
    assert run("runs").exit_code == 0


@pytest.mark.parametrize(("folder", "code", "said"), [("gone", 2, "gone"), (".", 1, "there is no run in .")])
def test_where_there_is_none_it_is_said(run, folder, code, said):
    result = run("runs", folder)
    assert result.exit_code == code
    assert said in result.stderr
