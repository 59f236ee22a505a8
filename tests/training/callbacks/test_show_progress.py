"""What a run tells the screen."""

from __future__ import annotations

from toonify.progress import Task
from toonify.training.callbacks import MeasureEvent, StepEvent
from toonify.training.callbacks.progress import ShowProgress
from toonify.training.plan import Phase, Plan
from toonify.training.settings import PhaseSettings, TermSettings


class Heard(Task):
    def __init__(self) -> None:
        self.steps: list[dict[str, float]] = []
        self.facts: dict[str, dict[str, float | str]] = {}

    def advance(self, amount: int = 1, /, **figures: float) -> None:
        self.steps += [figures] * amount

    def show(self, title: str, /, *words: str, **facts: float | str) -> None:
        self.facts[title] = facts


PHASE = PhaseSettings(200, 1e-3, {"adversarial": TermSettings(1.0)})
PLAN = Plan((Phase("adversarial", PHASE, ("photo",), 0, 10),))


def test_steps_are_counted_with_their_losses_whatever_their_names():
    heard = Heard()
    shown = ShowProgress(heard, PLAN)
    shown.on_step(StepEvent(7, "adversarial", 3, 2e-4, {"loss": 0.5, "amount": 1.0, "self": 2.0}))
    assert heard.steps == [{"loss": 0.5, "amount": 1.0, "self": 2.0}]
    assert heard.facts == {"schedule": {"epoch": "3 of 200", "learning_rate": 2e-4}}


def test_the_newest_measurement_replaces_the_one_before():
    heard = Heard()
    shown = ShowProgress(heard, PLAN)
    shown.on_measure(MeasureEvent(10, "adversarial", 1, {"kid": 0.5, "title": 1.0}))
    shown.on_measure(
        MeasureEvent(20, "adversarial", 2, {"kid": 0.25, "kid_of_photos": 0.5})
    )  # in the verdict
    assert heard.facts == {"validation": {"step": 20, "kid": 0.25}}
