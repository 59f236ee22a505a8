"""Building what a run works with, and taking it from its newest checkpoint to a style."""

from __future__ import annotations

from collections.abc import Mapping

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.batches import Batches
from toonify.training.checkpoints import Checkpoint, Checkpoints
from toonify.training.engines import Engine, make_engine
from toonify.training.interrupts import stop_asked
from toonify.training.loop import Loop
from toonify.training.models import Models, build_models
from toonify.training.objectives import Objective, figure_names
from toonify.training.packaging import package
from toonify.training.plan import Plan
from toonify.training.records import Records
from toonify.training.reporting import TrainReport, report
from toonify.training.runs import Run
from toonify.training.samples import Sampler
from toonify.training.watching import StepTable


def carry_out(
    run: Run,
    plan: Plan,
    objectives: Mapping[str, Objective],
    checkpoint: Checkpoint | None,
    progress: Progress,
) -> TrainReport:
    """Train, from a checkpoint if there is one, then package the style.

    Raises:
        ToonifyError: if plugins, weights or checkpoints do not fit, or training goes astray.
    """
    engine = make_engine(run.engine, run.strategy)
    _check_shares(run, engine)
    models = build_models(run.settings, objectives, engine, run.seed)
    if checkpoint:
        checkpoint.restore(models.parts())
    done = checkpoint.step if checkpoint else 0
    crop = _crop(run, models.plugin.multiple)
    figures: dict[str, float] = {}
    if engine.worker == 0:
        run.write()
    if done < plan.steps:
        progress.say(f"{run.folder}: {plan}" + (f"; going on at step {done:,}" if done else ""))
        records = _records(run, plan, models, engine, done) if engine.worker == 0 else None
        try:
            loop = Loop(run, plan, models, engine, _batches(run, plan, engine, crop), records, progress)
            with stop_asked() as stop:
                done, figures = loop.run_from(done, stop)
        finally:
            if records:
                records.close()
    if done < plan.steps:
        return report(run, plan, "interrupted", done, figures)
    if engine.worker:
        return report(run, plan, "trained", done, figures)
    progress.say(f"packaging {run.style}")
    packaged = package(run, done)
    return report(run, plan, "trained" if packaged else "trained, not packaged", done, figures)


def _records(run: Run, plan: Plan, models: Models, engine: Engine, done: int) -> Records:
    multiple = models.plugin.multiple
    side = run.dataset.size // multiple * multiple
    artist = engine.forward(models.artist)
    sampler = Sampler(run.dataset, plan.phases[0].arrays[0], side, run.samples, artist)
    watchers = [StepTable(run.metrics, figure_names(models.objectives), done)]
    records = Records(run, models, sampler, Checkpoints(run.checkpoints, run.settings.keep), watchers)
    if done == 0:
        records.sample(0)
    return records


def _batches(run: Run, plan: Plan, engine: Engine, crop: int) -> Batches:
    settings = run.settings
    return Batches(
        run.dataset,
        plan,
        settings.data,
        crop=crop,
        batch_size=settings.batch_size,
        seed=run.seed,
        ema=settings.ema,
        part=(engine.worker, engine.workers),
    )


def _check_shares(run: Run, engine: Engine) -> None:
    size = run.settings.batch_size
    if size % engine.replicas:
        raise ToonifyError(
            f"a batch of {size} pictures cannot be shared out evenly over {engine.replicas} devices",
            f"Give a --batch-size that {engine.replicas} divides.",
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
