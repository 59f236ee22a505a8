"""Puts together what a run works with, from its settings and models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from toonify.errors import ToonifyError
from toonify.plugins import NOISE_CHANNELS, plugin_errors
from toonify.progress import Progress, Task
from toonify.storage import RunManifest
from toonify.training.batches import Batches
from toonify.training.best import best_in
from toonify.training.checkpoints import Checkpoints
from toonify.training.engines import Engine
from toonify.training.metrics import preferred
from toonify.training.metrics.measurer import Measurer
from toonify.training.models import Models
from toonify.training.objectives import figure_names
from toonify.training.plan import Plan
from toonify.training.records import Records
from toonify.training.runs import Run
from toonify.training.samples import Sampler
from toonify.training.watching import MeasureTable, Screen, StepTable, TensorBoard, Watcher


def make_batches(run: Run, plan: Plan, models: Models, engine: Engine) -> Batches:
    """This machine's part of the batches.

    Raises:
        ToonifyError: if a batch cannot be shared out evenly, or the pictures are too small.
    """
    settings = run.settings
    if settings.batch_size % engine.replicas:
        raise ToonifyError(
            f"a batch of {settings.batch_size} pictures cannot be shared out evenly "
            f"over {engine.replicas} devices",
            f"Give a --batch-size that {engine.replicas} divides, or --strategy none.",
        )
    return Batches(
        run.dataset,
        plan,
        settings.data,
        crop=_crop(run, models.plugin.multiple),
        batch_size=settings.batch_size,
        seed=run.seed,
        ema=settings.ema,
        part=(engine.worker, engine.workers),
    )


def _crop(run: Run, multiple: int) -> int:
    """The crops' side: the settings', as far as the pictures reach and the generator can take it."""
    size = run.dataset.size
    crop = min(run.settings.data.crop or size, size) // multiple * multiple
    if crop == 0:
        raise ToonifyError(
            f"the dataset's pictures of {size} pixels are too small: the generator needs {multiple}",
            "Prepare it with a larger --size.",
        )
    return crop


def make_records(
    run: Run, plan: Plan, models: Models, engine: Engine, done: int, task: Task, progress: Progress
) -> Records:
    """What is kept of the run, going on after `done` steps.

    Args:
        task: Shows the run on the screen.
        progress: Is told warnings.
    """
    multiple = models.plugin.multiple
    artist = engine.forward(models.artist)
    side = run.dataset.size // multiple * multiple
    measurer = _measurer(run, models, engine)
    if measurer.learnt_from and done == 0:
        arrays = " and ".join(measurer.learnt_from)
        progress.warn(f"too few validation pictures: {arrays} are measured on training pictures, and flatter")
    watchers: list[Watcher] = [
        StepTable(run.metrics, figure_names(models.objectives), done),
        MeasureTable(run.measures, measurer.names, done),
        Screen(task, {phase.name: phase.settings.epochs for phase in plan.phases}),
    ]
    if run.tensorboard:
        request = RunManifest.read(run.folder).request
        watchers.append(TensorBoard(run.folder / "tensorboard", request, done, run.settings.batch_size))
    figure = preferred(run.settings.measuring.best, measurer.names)
    checkpoints = Checkpoints(run.checkpoints, run.settings.keep)
    return Records(
        run=run,
        models=models,
        artist=artist,
        sampler=Sampler(run.dataset, plan.phases[0].arrays[0], side, run.samples, artist),
        measurer=measurer,
        checkpoints=checkpoints,
        best=best_in(run.measures, figure, plan.phases[-1].name, checkpoints),
        watchers=watchers,
        progress=progress,
    )


def _measurer(run: Run, models: Models, engine: Engine) -> Measurer:
    # The heads of whatever network draws: an average has its own.
    heads = models.plugin.heads(models.artist) if models.heads else None
    return Measurer(
        run.dataset,
        multiple=models.plugin.multiple,
        backbone=engine.forward(models.backbone) if models.backbone else None,
        discriminator=_critic(models, engine),
        adversary=models.adversary,
        heads=engine.forward(heads) if heads else None,
        limit=run.settings.measuring.pictures,
    )


def _critic(models: Models, engine: Engine) -> Callable[..., Any] | None:
    """The first adversary's opinion of pictures, as its discriminator sees them."""
    if not models.discriminators:
        return None
    name, discriminator = next(iter(models.discriminators.items()))
    term, judge = models.objectives["adversarial"].adversaries[name], engine.forward(discriminator.network)

    def critic(pictures: Any, training: bool = False) -> Any:
        with plugin_errors(f"the term '{name}'"):
            seen = term.generated(cast(Any, Shown(pictures)))
        return judge(seen)

    return critic


@dataclass(frozen=True)
class Shown:
    """As much of a `LossContext` as it takes to look at pictures as if they had been drawn."""

    generated: Any

    @property
    def noise(self) -> np.ndarray:
        """Always the same: measurements are to be compared."""
        return np.full((len(self.generated), 1, 1, NOISE_CHANNELS), 0.5, np.float32)
