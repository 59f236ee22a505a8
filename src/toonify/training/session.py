"""Building what a run works with, and taking it from its newest checkpoint to a style."""

from __future__ import annotations

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.batches import Batches
from toonify.training.checkpoints import Checkpoint, Checkpoints
from toonify.training.engines import Engine
from toonify.training.engines.tensorflow import TensorFlowEngine
from toonify.training.interrupts import stop_asked
from toonify.training.loop import Loop
from toonify.training.models import Models, build_models
from toonify.training.packaging import package_style
from toonify.training.plan import ARRAYS, Plan
from toonify.training.reporting import TrainReport, report
from toonify.training.runs import Run
from toonify.training.samples import Sampler


def carry_out(run: Run, plan: Plan, checkpoint: Checkpoint | None, progress: Progress) -> TrainReport:
    """Train, from a checkpoint if there is one, then package the style.

    Raises:
        ToonifyError: if plugins, weights or checkpoints do not fit, or training goes astray.
    """
    engine = TensorFlowEngine()
    models = build_models(run.settings, engine, run.seed)
    if checkpoint:
        checkpoint.restore(models.parts())
    done = checkpoint.step if checkpoint else 0
    figures: dict[str, float] = {}
    loop = _loop(run, plan, models, engine, progress)
    run.write()
    if done < plan.steps:
        progress.say(f"{run.folder}: {plan}" + (f"; going on at step {done:,}" if done else ""))
        with stop_asked() as stop:
            done, figures = loop.run_from(done, stop)
    if done < plan.steps:
        return report(run, plan, "interrupted", done, figures)
    progress.say(f"packaging {run.style}")
    package_style(run, models, done, figures)
    return report(run, plan, "trained", done, figures)


def _loop(run: Run, plan: Plan, models: Models, engine: Engine, progress: Progress) -> Loop:
    settings = run.settings
    crop = _crop(run, models.plugin.multiple)
    batches = Batches(
        run.dataset, plan, settings.data, crop=crop, batch_size=settings.batch_size, seed=run.seed
    )
    multiple = models.plugin.multiple
    side = run.dataset.size // multiple * multiple
    sampler = Sampler(run.dataset, ARRAYS[plan.phases[0].name][0], side, run.samples)
    return Loop(run, plan, models, engine, batches, sampler, Checkpoints(run.checkpoints), progress)


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
