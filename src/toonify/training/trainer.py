"""The loop: batches through compiled steps, and callbacks beside them."""

from __future__ import annotations

import dataclasses
import math
import threading
from dataclasses import dataclass, field

from toonify.ending import stop_asked
from toonify.training.batches import Batches, prefetched
from toonify.training.callbacks import Callbacks, Pause, StepEvent
from toonify.training.engines import Engine
from toonify.training.failures import device_failed, diverged, no_number, nothing_to_learn
from toonify.training.models import Models
from toonify.training.objectives import figure_names
from toonify.training.plan import Phase, Plan
from toonify.training.runs import Run
from toonify.training.steps import FLAT, make_step


@dataclass
class Trainer:
    """Trains the models of a run as planned; `fit` is the only way in.

    Attributes:
        run: What is trained.
        plan: Its phases and their steps.
        models: Networks and optimizers, as they are after `done` steps.
        engine: Runs the steps.
        batches: This machine's part of them.
        callbacks: Everything that happens beside the steps; none on machines that leave it to the first.
        done: Steps done; in the end all of them are in the newest checkpoint.
        losses: The last step's.
    """

    run: Run
    plan: Plan
    models: Models
    engine: Engine
    batches: Batches
    callbacks: Callbacks
    done: int = 0
    losses: dict[str, float] = field(default_factory=dict)

    def fit(self) -> None:
        """Train to the plan's end, or until Ctrl-C or a polite kill is heard on any machine.

        Raises:
            ToonifyError: if losses or weights are no longer finite, a device fails, or something cannot
                be written.
        """
        try:
            with stop_asked() as stop:
                self.callbacks.on_begin(self.done, self.callbacks)
                for phase in self.plan.phases:
                    if self.done < phase.end and self._train(phase, stop):
                        return
        except self.engine.failures as error:
            raise device_failed(self.run, error) from error
        finally:
            self.callbacks.on_end()

    def _train(self, phase: Phase, stop: threading.Event) -> bool:
        """The steps of a phase that are still to do; gives whether the run was stopped."""
        step = make_step(phase.name, self.run.settings, self.models, self.engine)
        run_step = self.engine.compile(step, self.models.variables())
        before: StepEvent | None = None
        with prefetched(self.batches, self.done, phase.end) as batches:
            for batch in batches:
                rate = phase.settings.learning_rate * float(batch["rate"])
                epoch, losses = phase.epoch(self.done), run_step(self.engine.put(batch))
                self.done += 1
                newest = StepEvent(self.done, phase.name, epoch, rate, losses)
                if before:  # told while the device is busy with the newest
                    self._tell(before, phase)
                before = newest
                due = stop.is_set() or self.callbacks.due(phase, self.done)
                # Losses are fetched by all machines together, so all must pause after the same step.
                if self.engine.agreed(due) or self.done == phase.end:
                    self._tell(newest, phase)
                    before = None
                    stopping = self.engine.agreed(stop.is_set())
                    self.callbacks.on_pause(Pause(phase, self.done, stopping), self.callbacks)
                    if stopping:
                        return True
        return False

    def _tell(self, event: StepEvent, phase: Phase) -> None:
        """Wait for a step's losses, which are still as the engine gives them, and tell the callbacks.

        Raises:
            ToonifyError: if one is not finite, or nothing can be learnt from it where its phase begins.
        """
        fetched = self.engine.fetch(dict(event.losses))
        names = figure_names(self.models.objectives)  # in the order in which people want them
        self.losses = {name: fetched[name] for name in names if name in fetched}
        bad = [f"{name} is {value}" for name, value in self.losses.items() if not math.isfinite(value)]
        if bad and event.step == 1:
            raise no_number(self.run, self.models.objectives[event.phase], self.losses)
        event = dataclasses.replace(event, losses=self.losses)
        if bad:
            self.callbacks.on_stray(event)
            raise diverged(self.run, self.models.objectives[event.phase], event.step, ", ".join(bad))
        # A loss of 0 is as small as it gets: it may be flat there.
        flat = [name for name, value in self.losses.items() if value and fetched.get(FLAT + name) == 1]
        if flat and event.step == phase.first + 1:
            raise nothing_to_learn(self.run, phase.name, self.models.objectives[phase.name], flat[0])
        self.callbacks.on_step(event)
