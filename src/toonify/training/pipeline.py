"""One call from a request to a style; no framework is imported before the request makes sense."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING

from toonify.backend_import import installed
from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.storage import RunManifest
from toonify.styles import load_style
from toonify.training.batches import make_batches
from toonify.training.callbacks import Callbacks
from toonify.training.callbacks.best import best_of, style_step
from toonify.training.callbacks.report import WriteReport
from toonify.training.checkpoints import Checkpoint, Checkpoints
from toonify.training.checks import check_run
from toonify.training.engines import make_engine, worker_index
from toonify.training.objectives import Objective
from toonify.training.plan import Plan
from toonify.training.promises import check_exported
from toonify.training.request import TrainRequest
from toonify.training.result import TrainResult, make_result
from toonify.training.rewinding import rewind
from toonify.training.runs import Run, in_use, new_run, resumed_run
from toonify.training.start import Start, find_start

if TYPE_CHECKING:
    from toonify.training.models import Models
    from toonify.training.trainer import Trainer

FALLBACK = "tensorflow"


def train(request: TrainRequest, progress: Progress | None = None) -> TrainResult:
    """Train a generator, or go on with a run; the result is the run's `style/`.

    Args:
        request: What to train.
        progress: Who listens; silent by default.

    Raises:
        ToonifyError: if the request cannot be met, or training goes astray.
    """
    progress = progress or Progress()
    run = _resumed(request, progress) if request.resume else new_run(request)
    start = find_start(request.start_from, progress) if request.start_from else None
    if start:
        settings = start.put_into(run.settings, request)
        run = dataclasses.replace(run, settings=settings, start_from=start.record)
    objectives, plan = check_run(run, start)
    first = worker_index(run.strategy) == 0
    with run.held() if first else nullcontext():
        if first and not request.resume and (run.folder / RunManifest.FILE).exists():
            raise in_use(run.folder)  # somebody else's, begun since we looked
        checkpoint = _last_checkpoint(run, progress) if request.resume else None
        done, losses = checkpoint.step if checkpoint else 0, dict[str, float]()
        if done >= plan.steps:
            if first:
                rewind(run.files, done)  # it may have had more steps to do
            if _packaged(run, plan, done):
                return make_result(run, plan, "finished before", done)
        else:
            trainer = _fit(run, plan, objectives, checkpoint or start, progress)
            run, done, losses = trainer.run, trainer.done, trainer.losses
        if done < plan.steps:
            return make_result(run, plan, "interrupted", done, losses)
        if not first:
            return make_result(run, plan, "trained", done, losses)
        return _make_style(run, plan, done, losses, progress)


def _resumed(request: TrainRequest, progress: Progress) -> Run:
    """The run to continue, on TensorFlow if its own engine is not installed here."""
    run = resumed_run(request, progress)
    if request.engine or installed(run.engine) or not installed(FALLBACK):
        return run
    progress.warn(f"the engine '{run.engine}' is not installed here; continuing with '{FALLBACK}'")
    return dataclasses.replace(run, engine=FALLBACK)


def _last_checkpoint(run: Run, progress: Progress) -> Checkpoint | None:
    """The checkpoint from which a run continues; `None` at its beginning.

    Raises:
        ToonifyError: if it began with the weights of a style, which are gone with its checkpoints.
    """
    checkpoint = Checkpoints(run.files).newest(progress)
    if checkpoint is None and run.start_from:
        raise ToonifyError(
            f"{run.folder} began with the weights of '{run.start_from.get('style')}', "
            "and has no checkpoint that still holds them",
            "Begin a new run with `start_from`.",
        )
    return checkpoint


def _fit(
    run: Run,
    plan: Plan,
    objectives: Mapping[str, Objective],
    begin_with: Checkpoint | Start | None,
    progress: Progress,
) -> Trainer:
    """Train from a checkpoint, a style's weights or random ones; gives the trainer after its last step."""
    # These import Keras, for which a backend has been chosen by now.
    from toonify.training.callbacks.standard import standard_callbacks
    from toonify.training.models import build_models, check_labels
    from toonify.training.trainer import Trainer

    engine = make_engine(run.engine, run.strategy)
    first = engine.worker == 0
    progress = progress if first else Progress()  # one machine of many speaks for all
    run = run.together(engine)
    if first and not isinstance(begin_with, Checkpoint):  # of a run that goes on, it was looked at then
        check_exported(run.settings.generator.name, run.settings.generator.options)
    models = build_models(run.settings, objectives, engine, run.seed)
    check_labels(models, run.dataset)
    batches = make_batches(run, plan, engine, models.plugin.multiple)
    done = _restore(models, begin_with, Checkpoints(run.files) if first else None)
    if first:
        rewind(run.files, done)  # not before nothing is in the way of going on
        run.write()
    progress.say(f"{run.folder}: {plan}" + (f"; continuing at step {done:,}" if done else ""))
    phases = {phase.name: phase.steps for phase in plan.phases}
    with progress.watch(str(run.folder), phases, size=run.settings.batch_size, done=done) as task:
        callbacks = (
            standard_callbacks(run, plan, models, engine, done, task, progress) if first else Callbacks()
        )
        trainer = Trainer(run, plan, models, engine, batches, callbacks, done)
        trainer.fit()
    return trainer


def _restore(models: Models, begin_with: Checkpoint | Start | None, checkpoints: Checkpoints | None) -> int:
    """Load what training begins with, and save a style's weights; gives the number of steps done before."""
    if isinstance(begin_with, Checkpoint):
        begin_with.restore(models.parts())
        return begin_with.step
    if begin_with:
        begin_with.load(models)
        if checkpoints:  # a run that is killed before its next checkpoint must not go on with random weights
            checkpoints.save(0, models.parts())
    return 0


def _packaged(run: Run, plan: Plan, done: int) -> bool:
    """Whether the style exists, sound, from the right checkpoint and with the card asked for."""
    try:
        style = load_style(run.files.style)
        style.network()  # a damaged one is made again
    except ToonifyError:
        return False
    card = style.manifest
    settings = run.settings
    asked = (settings.name or card.name, settings.licence, settings.sources)
    same = asked == (card.name, card.licence, card.sources)
    return same and card.training.get("steps") == style_step(run, best_of(run, plan), done)


def _make_style(
    run: Run, plan: Plan, done: int, losses: Mapping[str, float], progress: Progress
) -> TrainResult:
    """Package the style of a run whose steps are done."""
    from toonify.training.packaging import package

    run.write()  # with what changed since it was begun
    best = best_of(run, plan)
    step = style_step(run, best, done)
    progress.say(f"packaging {run.files.style}, step {step:,}")
    packaged = package(run, step)
    WriteReport(run.folder, progress).on_end()
    return make_result(run, plan, "trained" if packaged else "trained, not packaged", done, losses, best)
