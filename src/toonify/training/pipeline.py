"""One call from a request to a report; no framework is imported before the request makes sense."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from contextlib import nullcontext

from toonify.errors import ToonifyError
from toonify.plugins import load_plugin
from toonify.progress import Progress
from toonify.storage import RunManifest, StyleManifest
from toonify.training.best import style_step
from toonify.training.checkpoints import Checkpoints
from toonify.training.engines import choose_backend, installed, worker_index
from toonify.training.metrics import check_best, parts_of
from toonify.training.objectives import Objective, make_objectives
from toonify.training.plan import Plan, make_plan
from toonify.training.presets import Settings
from toonify.training.request import TrainRequest
from toonify.training.result import TrainResult, report
from toonify.training.runs import Run, in_use, new_run, resumed_run
from toonify.training.watching import need_tensorboard

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
    run = _at_hand(resumed_run(request), request, progress) if request.resume else new_run(request)
    first = worker_index(run.strategy) == 0
    choose_backend(run.engine)
    objectives = make_objectives(run.settings)
    plan = make_plan(run.settings, objectives, run.dataset)
    if run.settings.measuring.best:
        check_best(run.settings.measuring.best, _parts(run, objectives))
    if run.tensorboard:
        need_tensorboard()
    with run.held() if first else nullcontext():
        checkpoint = Checkpoints(run.checkpoints).newest(progress) if request.resume else None
        if not request.resume and first and (run.folder / RunManifest.FILE).exists():
            raise in_use(run.folder)  # somebody else's, begun since we looked
        if checkpoint and checkpoint.step >= plan.steps and _packaged(run, plan, checkpoint.step):
            return report(run, plan, "finished before", checkpoint.step, {})
        _check_plugins(run.settings)
        from toonify.training.session import carry_out

        return carry_out(run, plan, objectives, checkpoint, progress)


def _at_hand(run: Run, request: TrainRequest, progress: Progress) -> Run:
    """A run goes on where its engine is missing, too: a style is made where TensorFlow is."""
    if request.engine or installed(run.engine) or not installed(FALLBACK):
        return run
    progress.warn(f"the engine '{run.engine}' is not installed here; going on with '{FALLBACK}'")
    return dataclasses.replace(run, engine=FALLBACK)


def _packaged(run: Run, plan: Plan, done: int) -> bool:
    """Whether the style is made, and of the checkpoint that it should be of."""
    try:
        return StyleManifest.read(run.style).training.get("steps") == style_step(run, plan, done)
    except ToonifyError:
        return False


def _parts(run: Run, objectives: Mapping[str, Objective]) -> frozenset[str]:
    """What there will be to measure with."""
    uses = frozenset().union(*(objective.uses for objective in objectives.values()))
    return parts_of(
        run.dataset,
        backbone="features" in uses,
        discriminator=any(objective.adversaries for objective in objectives.values()),
        heads="paired" in uses,
    )


def _check_plugins(settings: Settings) -> None:
    load_plugin("generators", settings.generator.name)
    if settings.backbone:
        load_plugin("backbones", settings.backbone.name)
    if settings.adversarial:
        load_plugin("losses", settings.adversarial.loss)
