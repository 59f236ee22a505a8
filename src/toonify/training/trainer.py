"""One call from a request to a report; TensorFlow is not imported before the request makes sense."""

from __future__ import annotations

import os

from toonify.errors import usage_error
from toonify.plugins import load_plugin
from toonify.progress import Progress
from toonify.quiet import import_tensorflow
from toonify.training.checkpoints import Checkpoints
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
    plan = make_plan(run.settings, run.dataset)
    checkpoint = Checkpoints(run.checkpoints).newest(progress) if request.resume else None
    if checkpoint and checkpoint.step >= plan.steps and run.style.exists():
        return report(run, plan, "finished before", checkpoint.step, {})
    _check_backend()
    import_tensorflow()
    _check_plugins(run.settings)
    from toonify.training.session import carry_out

    return carry_out(run, plan, checkpoint, progress)


def _check_backend() -> None:
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        raise usage_error(
            f"training runs on TensorFlow, but KERAS_BACKEND is '{backend}'",
            "Unset it, or set it to tensorflow.",
        )


def _check_plugins(settings: Settings) -> None:
    load_plugin("generators", settings.generator.name)
    if settings.content:
        load_plugin("backbones", settings.content.backbone)
    if settings.adversarial:
        load_plugin("losses", settings.adversarial.loss)
