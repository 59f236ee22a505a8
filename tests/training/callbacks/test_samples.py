"""When sample grids are drawn: spread over the run, at its ends, when it stops, and when somebody asks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_dataset import write_dataset

from toonify.storage import RunFolder
from toonify.training.callbacks import Callback, Pause, SampleEvent
from toonify.training.callbacks.samples import DrawSamples
from toonify.training.dataset import Dataset
from toonify.training.plan import Phase, Plan
from toonify.training.settings import PhaseSettings, TermSettings

PHASE = Phase("paired", PhaseSettings(9, 1e-3, {"colour": TermSettings(1.0)}), ("paired",), 0, 100)


class Heard(Callback):
    def __init__(self) -> None:
        self.events: list[SampleEvent] = []

    def on_sample(self, event: SampleEvent) -> None:
        self.events.append(event)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def samples(tmp_path, monkeypatch) -> DrawSamples:
    """Of a run of 900 steps, on a clock that goes a second further at every look."""
    clock = iter(range(1, 1000))
    monkeypatch.setattr("toonify.training.callbacks.samples.time.monotonic", lambda: next(clock))
    dataset = Dataset(write_dataset(tmp_path / "pairs", "paired"))
    settings = SimpleNamespace(sample_every=0)
    run: Any = SimpleNamespace(dataset=dataset, settings=settings, files=RunFolder(tmp_path))
    return DrawSamples(run, Plan((PHASE,)), 32, lambda photos: photos)


def steps(samples: DrawSamples, heard: Heard, *done: int, stopping: bool = False) -> list[int]:
    """The steps after which one was drawn."""
    for step in done:
        samples.on_pause(Pause(PHASE, step, stopping), heard)
    return [event.step for event in heard.events]


@pytest.mark.parametrize(
    ("steps", "every"), [(84_000, 2000), (16_000, 500), (900, 20), (217, 10), (4, 10), (10**7, 200_000)]
)
def test_some_thirty_are_spread_over_a_run(steps, every):
    once = PhaseSettings(1, 1e-3, PHASE.settings.terms)
    plan = Plan((Phase("paired", once, ("paired",), 0, steps),))
    assert plan.sample_every(0) == every
    assert plan.sample_every(7) == 7


def test_they_are_drawn_so_and_at_the_end(samples, heard):
    assert steps(samples, heard, 10, 20, 30, 40, 900) == [20, 40, 900]
    assert sorted(path.name for path in heard.events[0].path.parent.iterdir()) == [
        "step-0000020.png",
        "step-0000040.png",
        "step-0000900.png",
    ]
    assert heard.events[0].look == {"change": 0, "likeness": pytest.approx(1), "contrast": 1}


@pytest.mark.filterwarnings("error")
def test_what_is_no_number_is_black_without_a_warning_of_numpy(samples, heard):
    samples._draw = lambda photos: photos * np.nan
    assert steps(samples, heard, 20) == [20]
    with Image.open(heard.events[0].path) as grid:
        assert (np.asarray(grid) == 0).all(-1).sum() >= 2 * 32 * 32  # two drawings


def test_a_run_that_stops_shows_how_far_it_came(samples, heard):
    assert steps(samples, heard, 217, stopping=True) == [217]


def test_whoever_makes_a_file_gets_one(samples, heard, tmp_path):
    asked = tmp_path / "samples.now"
    assert not samples.due(PHASE, 3)
    asked.touch()
    assert samples.due(PHASE, 4)
    assert steps(samples, heard, 4) == [4]
    assert not asked.exists() and not samples.due(PHASE, 5)


def test_the_disk_is_asked_once_a_second(samples, tmp_path, monkeypatch):
    looks = []
    monkeypatch.setattr("toonify.training.callbacks.samples.time.monotonic", lambda: 1000.5)
    monkeypatch.setattr(Path, "exists", lambda path: looks.append(path) or False)
    for step in range(1, 10):
        samples.due(PHASE, step)
    assert looks == [tmp_path / "samples.now"]
