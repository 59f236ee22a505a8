"""One call from a request to a report; no framework is imported before the request makes sense."""

from __future__ import annotations

from contextlib import nullcontext

from toonify.plugins import load_plugin
from toonify.progress import Progress
from toonify.training.checkpoints import Checkpoints
from toonify.training.engines import choose_backend, worker_index
from toonify.training.objectives import make_objectives
from toonify.training.plan import make_plan
from toonify.training.presets import Settings
from toonify.training.reporting import TrainReport, report
from toonify.training.request import TrainRequest
from toonify.training.runs import new_run, resumed_run


def train(request: TrainRequest, progress: Progress | None = None) -> TrainReport:
    """Train a generator, or go on with a run; the result is the run's `style/`.

    Args:
        request: What to train.
        progress: Who listens; silent by default.

    Raises:
        ToonifyError: if the request cannot be met, or training goes astray.
    """
    progress = progress or Progress()
    run = resumed_run(request) if request.resume else new_run(request)
    first = worker_index(run.strategy) == 0
    choose_backend(run.engine)
    objectives = make_objectives(run.settings)
    plan = make_plan(run.settings, objectives, run.dataset)
    with run.held() if first else nullcontext():
        checkpoint = Checkpoints(run.checkpoints).newest(progress) if request.resume else None
        if checkpoint and checkpoint.step >= plan.steps and run.style.exists() and not request.best:
            return report(run, plan, "finished before", checkpoint.step, {})
        _check_plugins(run.settings)
        from toonify.training.session import carry_out

        return carry_out(run, plan, objectives, checkpoint, progress)


def _check_plugins(settings: Settings) -> None:
    load_plugin("generators", settings.generator.name)
    if settings.backbone:
        load_plugin("backbones", settings.backbone.name)
    if settings.adversarial:
        load_plugin("losses", settings.adversarial.loss)
