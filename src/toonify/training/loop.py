"""The loop: batches through steps, with checkpoints, metrics, measurements and samples on the way."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from toonify.training.batches import Batches, prefetched
from toonify.training.engines import Engine
from toonify.training.engines.base import Figures
from toonify.training.models import Models
from toonify.training.objectives import figure_names
from toonify.training.plan import Phase, Plan
from toonify.training.records import Records, diverged
from toonify.training.runs import Run
from toonify.training.steps import make_step


@dataclass(frozen=True)
class Done:
    """A step whose figures may still be on their way.

    Attributes:
        step: Of the run, from 1.
        rate: The generator's learning rate.
        figures: As the engine gives them.
    """

    step: int
    rate: float
    figures: Figures


@dataclass
class Loop:
    """Everything a run works with; `run_from` is the only way in.

    Attributes:
        records: What is kept of the run; `None` on the machines that leave this to the first.
    """

    run: Run
    plan: Plan
    models: Models
    engine: Engine
    batches: Batches
    records: Records | None

    def run_from(self, done: int, stop: threading.Event) -> tuple[int, dict[str, float]]:
        """Train from step `done` to the plan's end, or until `stop` is set.

        Returns:
            Steps done, all of them in the newest checkpoint, and the last one's figures.

        Raises:
            ToonifyError: if the losses are no longer finite, or something cannot be written.
        """
        figures: dict[str, float] = {}
        for phase, first in self.plan.from_step(done):
            done, figures, stopped = self._phase(phase, first, stop)
            if stopped:
                break
        return done, figures

    def _phase(self, phase: Phase, first: int, stop: threading.Event) -> tuple[int, dict[str, float], bool]:
        step = self.engine.compile(
            make_step(phase.name, self.run.settings, self.models, self.engine), self.models.variables()
        )
        figures: dict[str, float] = {}
        waiting: Done | None = None
        done, stopped = first, False
        with prefetched(self.batches, first, phase.end) as batches:
            teller = Teller(self, phase)
            for batch in batches:
                rate = phase.settings.learning_rate * float(batch["rate"])
                made = Done(done + 1, rate, step(self.engine.put(batch)))
                done += 1
                if waiting:  # told while the device is busy with the next one
                    figures = teller.tell(waiting)
                waiting = made
                due = stop.is_set() or bool(self.records and self.records.due(phase, done))
                # Figures are fetched by all machines together, so all must pause after the same step.
                if self.engine.agreed(due) or done == phase.end:
                    figures, waiting = teller.tell(waiting), None
                    stopped = self.engine.agreed(stop.is_set())
                    if self.records:
                        self.records.keep(phase, done, stopping=stopped)
                if stopped:
                    break
        return done, figures, stopped


class Teller:
    """Fetches the figures of steps, in order, and tells whoever wants to know.

    Args:
        loop: Whose steps they are.
        phase: The phase they belong to.
    """

    def __init__(self, loop: Loop, phase: Phase) -> None:
        self._loop = loop
        self._phase = phase
        self._names = figure_names(loop.models.objectives)  # in the order in which people want them

    def tell(self, done: Done) -> dict[str, float]:
        """Waits for the step.

        Raises:
            ToonifyError: if a figure is not finite.
        """
        loop, phase = self._loop, self._phase
        fetched = loop.engine.fetch(done.figures)
        figures = {name: fetched[name] for name in self._names if name in fetched}
        bad = [f"{name} is {value}" for name, value in figures.items() if not math.isfinite(value)]
        if bad:
            raise diverged(loop.run, done.step, ", ".join(bad))
        if loop.records:
            loop.records.stepped(phase, done.step, done.rate, figures)
        return figures
