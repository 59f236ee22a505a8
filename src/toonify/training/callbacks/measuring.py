"""Measuring the generator on the validation pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from toonify.plugins import NOISE_CHANNELS
from toonify.progress import Progress
from toonify.training.balance import KINDS
from toonify.training.callbacks.base import Callback, MeasureEvent, Pause
from toonify.training.engines import Engine
from toonify.training.metrics.measurer import HEADS, Measurer
from toonify.training.models import Models
from toonify.training.plan import Phase
from toonify.training.runs import Run


class Measure(Callback):
    """Measures every few epochs and at each phase's end.

    Args:
        run: By which pictures, and how often.
        models: Whose inference model is measured, with the backbone and discriminator that it learns by.
        engine: Makes the networks fast.
        draw: The inference model, made fast.
        progress: Is told when the figures will flatter.

    Attributes:
        names: The figures that can be measured.
    """

    def __init__(
        self, run: Run, models: Models, engine: Engine, draw: Callable[..., Any], progress: Progress
    ) -> None:
        self._every = run.settings.measuring.every
        self._objectives = models.objectives
        self._draw = draw
        self._progress = progress
        backbone = engine.forward(models.backbone) if models.backbone else None
        self._measurer = Measurer(
            run.dataset,
            multiple=models.plugin.multiple,
            backbone=backbone,
            discriminator=_discriminator(models, engine, backbone),
            gan_loss=models.gan_loss,
            heads=_heads(models, engine),
            limit=run.settings.measuring.pictures,
        )
        self.names = self._measurer.names

    def due(self, phase: Phase, step: int) -> bool:
        every = self._every * phase.steps_per_epoch
        due = step == phase.end or (every > 0 and (step - phase.first) % every == 0)
        return due and bool(self.names)

    def on_begin(self, step: int, everyone: Callback) -> None:
        if self._measurer.learnt_from and step == 0:
            arrays = ", ".join(self._measurer.learnt_from)
            self._progress.warn(
                f"too few validation pictures: measured on training pictures, which flatters: {arrays}"
            )

    def on_pause(self, pause: Pause, everyone: Callback) -> None:
        if not self.due(pause.phase, pause.step):
            return
        figures = self._measurer.measure(self._draw)
        if not self._objectives[pause.phase.name].adversaries:
            # A discriminator's say nothing before it learns.
            figures = {name: value for name, value in figures.items() if name not in KINDS}
        epoch = pause.phase.epoch(pause.step - 1)
        everyone.on_measure(MeasureEvent(pause.step, pause.phase.name, epoch, figures))


def _heads(models: Models, engine: Engine) -> Callable[..., Any] | None:
    """The heads of the inference model, which may be an average of the weights."""
    if not models.head_channels.keys() >= {*HEADS}:
        return None
    heads = models.plugin.heads(models.inference_model)
    return engine.forward(heads) if heads else None


def _discriminator(
    models: Models, engine: Engine, backbone: Callable[..., Any] | None
) -> Callable[..., Any] | None:
    """From pictures to logits: the first discriminator, shown what its term would show it."""
    if not models.discriminators:
        return None
    name, discriminator = next(iter(models.discriminators.items()))
    term = models.objectives["adversarial"].adversaries[name]
    plugin = models.objectives["adversarial"].plugin(name)
    network = engine.forward(discriminator.network)

    def logits(pictures: Any, training: bool = False) -> Any:
        with plugin.errors():
            seen = term.generated(cast(Any, AsIfGenerated(pictures, backbone)))
        return network(seen)

    return logits


@dataclass(frozen=True)
class AsIfGenerated:
    """The part of a `LossContext` that is needed to treat pictures as if they had been generated."""

    generated: Any
    backbone: Callable[..., Any] | None

    def features(self, pictures: Any) -> Any:
        assert self.backbone
        return self.backbone(pictures, training=False)

    @property
    def noise(self) -> np.ndarray:
        """The same noise each time, so that measurements can be compared."""
        return np.full((len(self.generated), 1, 1, NOISE_CHANNELS), 0.5, np.float32)
