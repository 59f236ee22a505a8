"""Building what a run works with, and taking it from its newest checkpoint to a style."""

from __future__ import annotations

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.batches import Batches
from toonify.training.checkpoints import Checkpoints
from toonify.training.engines import Engine
from toonify.training.engines.tensorflow import TensorFlowEngine
from toonify.training.interrupts import stop_asked
from toonify.training.loop import Loop
from toonify.training.models import Models, build_models
from toonify.training.packaging import package_style
from toonify.training.plan import ARRAYS, Plan
from toonify.training.request import TrainReport
from toonify.training.runs import Run
from toonify.training.samples import Sampler


def carry_out(run: Run, plan: Plan, progress: Progress, *, resume: bool) -> TrainReport:
    """Train, from the newest checkpoint if asked for, then package the style.

    Raises:
        ToonifyError: if plugins, weights or checkpoints do not fit, or training goes astray.
    """
    engine = TensorFlowEngine()
    models = build_models(run.settings, engine, run.seed)
    checkpoints = Checkpoints(run.checkpoints)
    done = _restore(checkpoints, models, progress) if resume else 0
    if done >= plan.steps and run.style.exists():
        return _report(run, plan, "finished before", done, {})
    run.write()
    figures: dict[str, float] = {}
    if done < plan.steps:
        loop = _loop(run, plan, models, engine, checkpoints, progress)
        with stop_asked() as stop:
            done, figures = loop.run_from(done, stop)
    if done < plan.steps:
        return _report(run, plan, "interrupted", done, figures)
    progress.say(f"packaging {run.style}")
    package_style(run, models, done, figures)
    return _report(run, plan, "trained", done, figures)


def _restore(checkpoints: Checkpoints, models: Models, progress: Progress) -> int:
    """Steps done by the newest whole checkpoint, now in the models; 0 when there is none."""
    newest = checkpoints.newest(progress)
    if newest is None:
        return 0
    newest.restore(models.parts())
    return newest.step


def _loop(
    run: Run, plan: Plan, models: Models, engine: Engine, checkpoints: Checkpoints, progress: Progress
) -> Loop:
    settings = run.settings
    crop = _crop(run, models.plugin.multiple)
    batches = Batches(
        run.dataset, plan, settings.data, crop=crop, batch_size=settings.batch_size, seed=run.seed
    )
    multiple = models.plugin.multiple
    side = run.dataset.size // multiple * multiple
    sampler = Sampler(run.dataset, ARRAYS[plan.phases[0].name][0], side, run.samples)
    return Loop(run, plan, models, engine, batches, sampler, checkpoints, progress)


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


def _report(run: Run, plan: Plan, status: str, done: int, figures: dict[str, float]) -> TrainReport:
    hints = {
        "trained": f"toonify convert PHOTOS OUTPUT --style {run.folder}",
        "interrupted": f"toonify train --resume {run.folder}",
        "finished before": f"To train on: toonify train --resume {run.folder} --epochs MORE",
    }
    style = run.style if run.style.exists() else None
    return TrainReport(run.folder, status, done, plan.steps, figures, style, hints[status])
