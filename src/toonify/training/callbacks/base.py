"""The contract of a callback, and the events that it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from toonify.training.plan import Phase


@dataclass(frozen=True)
class StepEvent:
    """A training step is done.

    Attributes:
        step: Of the run, from 1: how many are done.
        phase: The name of its phase.
        epoch: Of the phase, from 1.
        learning_rate: The generator's.
        losses: By name, the whole loss first.
    """

    step: int
    phase: str
    epoch: int
    learning_rate: float
    losses: Mapping[str, float]


@dataclass(frozen=True)
class MeasureEvent:
    """The validation pictures were measured after a step; the names are as in `StepEvent`."""

    step: int
    phase: str
    epoch: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class SampleEvent:
    """A sample grid, a PNG, was written after a step.

    Attributes:
        step: How many are done.
        path: Of the grid.
        look: What became of the photographs in it: `change`, `likeness` and `contrast`.
    """

    step: int
    path: Path
    look: Mapping[str, float]


@dataclass(frozen=True)
class Pause:
    """A moment between two steps: the device is idle, and all figures so far have been told.

    Attributes:
        phase: Of the step before.
        step: How many are done.
        stopping: Whether the run stops here.
    """

    phase: Phase
    step: int
    stopping: bool


class Callback:
    """Is told what happens in a run, and may act between two steps; by default it does nothing.

    Only the first of several machines has callbacks. Those that make something tell `everyone`, which is
    all callbacks of the run, themselves included.
    """

    def due(self, phase: Phase, step: int) -> bool:
        """Whether this callback wants a pause once `step` steps are done, the newest of `phase`."""
        return False

    def on_begin(self, step: int, everyone: Callback) -> None:
        """Training begins after `step` steps: 0 for a new run."""

    def on_step(self, event: StepEvent) -> None:
        """A step is done; the next one is under way already."""

    def on_stray(self, event: StepEvent) -> None:
        """A step is done whose losses, or weights, are no numbers; training ends with an error.

        Where it is the weights, `on_step` was told of the same step before.
        """

    def on_pause(self, pause: Pause, everyone: Callback) -> None:
        """Some callback is due, or the run stops. Networks may be used and changed now."""

    def on_sample(self, event: SampleEvent) -> None:
        """Sample pictures were drawn."""

    def on_measure(self, event: MeasureEvent) -> None:
        """The generator was measured."""

    def on_checkpoint(self, step: int) -> None:
        """A checkpoint of this step is about to be written: flush what belongs to it to the disk first."""

    def on_end(self) -> None:
        """The run is finished, stopped or failed; nothing more is told."""


class Callbacks(Callback):
    """Several callbacks as one; each is told in the order given."""

    def __init__(self, callbacks: Iterable[Callback] = ()) -> None:
        self._callbacks = tuple(callbacks)

    def due(self, phase: Phase, step: int) -> bool:
        return any(callback.due(phase, step) for callback in self._callbacks)

    def on_begin(self, step: int, everyone: Callback) -> None:
        for callback in self._callbacks:
            callback.on_begin(step, everyone)

    def on_step(self, event: StepEvent) -> None:
        for callback in self._callbacks:
            callback.on_step(event)

    def on_stray(self, event: StepEvent) -> None:
        for callback in self._callbacks:
            callback.on_stray(event)

    def on_pause(self, pause: Pause, everyone: Callback) -> None:
        for callback in self._callbacks:
            callback.on_pause(pause, everyone)

    def on_sample(self, event: SampleEvent) -> None:
        for callback in self._callbacks:
            callback.on_sample(event)

    def on_measure(self, event: MeasureEvent) -> None:
        for callback in self._callbacks:
            callback.on_measure(event)

    def on_checkpoint(self, step: int) -> None:
        for callback in self._callbacks:
            callback.on_checkpoint(step)

    def on_end(self) -> None:
        with ExitStack() as stack:  # one that fails must not keep the others' files open
            for callback in reversed(self._callbacks):
                stack.callback(callback.on_end)
