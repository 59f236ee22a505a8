"""The verdict while a run goes on: from steps, samples and measurements, earlier ones included."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from listener import Listener

from toonify.progress import Task
from toonify.storage import RunFolder
from toonify.training.callbacks import MeasureEvent, SampleEvent, StepEvent
from toonify.training.callbacks.judging import Judge
from toonify.training.callbacks.tables import MeasureTable, StepTable
from toonify.training.settings import PhaseSettings, TermSettings

PHASE = PhaseSettings(9, 2e-4, {"content": TermSettings(10.0), "adversarial": TermSettings(1.0)})
SAME = {"change": 1.0, "likeness": 1.0, "contrast": 1.0, "kid": 0.5, "kid_of_photos": 0.5, "kid_error": 0.01}
WON = {"real": 1.0, "generated": 0.0}


class Heard(Task, Listener):
    said = ""

    def show(self, title: str, /, *words: str, **facts: float | str) -> None:
        assert title == "verdict" and not facts
        (self.said,) = words


@pytest.fixture
def heard() -> Heard:
    return Heard()


def judge(folder: Path, heard: Heard, *, critic: bool = False) -> Judge:
    run: Any = SimpleNamespace(
        settings=SimpleNamespace(phases={"adversarial": PHASE}), files=RunFolder(folder)
    )
    return Judge(run, heard, heard, critic=critic)


def steps(listener: Any, first: int, last: int) -> None:
    for step in range(first, last + 1):
        losses = {"loss": 2.0, "content": 0.1, "adversarial": 1.0}
        listener.on_step(StepEvent(step, "adversarial", 1, 2e-4, losses))


def test_samples_are_judged_before_anything_is_measured(tmp_path, heard):
    listener = judge(tmp_path, heard)
    listener.on_sample(SampleEvent(0, tmp_path, SAME))  # before the first step there is nothing to say
    assert heard.said == ""
    steps(listener, 1, 100)
    listener.on_sample(SampleEvent(100, tmp_path, {"change": 0.8, "likeness": 1.0, "contrast": 1.0}))
    assert heard.said.startswith("nothing yet: drawings differ from the photographs by 0.8 of 255 levels;")
    listener.on_sample(SampleEvent(101, tmp_path, {"change": 90.0, "likeness": 0.0, "contrast": 1.0}))
    assert heard.said.startswith("gone astray: ")


@pytest.mark.parametrize(("critic", "said"), [(False, "wins outright"), (True, "nothing else seems")])
def test_the_discriminator_may_win_where_it_is_a_critic(tmp_path, heard, critic, said):
    listener = judge(tmp_path, heard, critic=critic)
    steps(listener, 1, 100)
    listener.on_measure(MeasureEvent(100, "adversarial", 1, SAME | WON))
    assert said in heard.said


def test_a_discriminator_that_wins_three_times_is_warned_of_once_before_and_after_a_pause(tmp_path, heard):
    measures = MeasureTable(tmp_path / "measures.csv", ("real", "generated"))
    for step in (100, 200):
        measures.on_measure(MeasureEvent(step, "adversarial", 1, WON))
    measures.on_end()
    listener = judge(tmp_path, heard)
    steps(listener, 201, 300)
    for step in (300, 400):
        listener.on_measure(MeasureEvent(step, "adversarial", 1, SAME | WON))
    (warning,) = heard.warnings
    assert warning.startswith("step 300: the discriminator wins outright: it takes 100% of the real pictures")


def test_a_resumed_run_knows_what_was_done_and_measured(tmp_path, heard):
    table = StepTable(tmp_path / "metrics.csv", ("loss", "content", "adversarial"))
    steps(table, 1, 100)
    table.on_end()
    measures = MeasureTable(tmp_path / "measures.csv", tuple(SAME))
    measures.on_measure(MeasureEvent(100, "adversarial", 1, SAME | {"kid": 0.2, "change": 20.0}))
    measures.on_end()
    listener = judge(tmp_path, heard)
    steps(listener, 101, 101)  # alone it would be too early
    listener.on_sample(SampleEvent(101, tmp_path, {"change": 21.0}))
    assert heard.said.startswith(
        "learnt: drawings differ from the photographs by 21.0 of 255 levels and have"
    )


def test_what_an_earlier_phase_measured_says_nothing_of_this_one(tmp_path, heard):
    measures = MeasureTable(tmp_path / "measures.csv", tuple(SAME))
    measures.on_measure(MeasureEvent(50, "initialisation", 1, SAME | {"kid": 0.9}))
    measures.on_end()
    listener = judge(tmp_path, heard)
    steps(listener, 51, 150)
    listener.on_sample(SampleEvent(150, tmp_path, {"change": 21.0}))
    assert heard.said.startswith("not measured: drawings differ from the photographs by 21.0 of 255 levels;")


def test_a_phase_that_is_measured_for_the_first_time_is_compared_with_the_one_before(tmp_path, heard):
    listener = judge(tmp_path, heard)
    steps(listener, 1, 100)
    listener.on_measure(MeasureEvent(50, "paired", 1, SAME | {"kid": 0.9, "change": 20.0}))
    listener.on_measure(MeasureEvent(100, "adversarial", 1, SAME | {"kid": 0.8, "change": 20.0}))
    assert "come nearer with every measurement" in heard.said
