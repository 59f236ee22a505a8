"""The callbacks of a run: what is added here happens beside every training."""

from __future__ import annotations

from toonify.progress import Progress, Task
from toonify.storage import RunManifest
from toonify.training.callbacks.base import Callback, Callbacks
from toonify.training.callbacks.best import best_in
from toonify.training.callbacks.checkpointing import SaveCheckpoints
from toonify.training.callbacks.judging import Judge
from toonify.training.callbacks.measuring import Measure
from toonify.training.callbacks.progress import ShowProgress
from toonify.training.callbacks.report import WriteReport
from toonify.training.callbacks.samples import DrawSamples
from toonify.training.callbacks.tables import MeasureTable, StepTable
from toonify.training.callbacks.tensorboard import TensorBoard
from toonify.training.engines import Engine
from toonify.training.metrics import preferred
from toonify.training.models import Models
from toonify.training.objectives import figure_names
from toonify.training.plan import Plan
from toonify.training.runs import Run


def standard_callbacks(
    run: Run, plan: Plan, models: Models, engine: Engine, done: int, task: Task, progress: Progress
) -> Callbacks:
    """What is kept, shown and watched of a run that goes on after `done` steps; `run.json` is written.

    Args:
        run: Where it is kept.
        plan: What is to come.
        models: What is measured, sampled and saved.
        engine: Makes the networks fast.
        done: Steps that were done before.
        task: Shows the run on the screen.
        progress: Is told warnings.
    """
    draw = engine.forward(models.inference_model)
    multiple = models.plugin.multiple
    side = run.dataset.size // multiple * multiple
    measure = Measure(run, models, engine, draw, progress)
    tables = [
        StepTable(run.files.metrics, figure_names(models.objectives)),
        MeasureTable(run.files.measures, measure.names),
    ]
    figure = preferred(run.settings.measuring.best, measure.names)
    best = best_in(run.files, figure, plan.phases[-1].name)
    listeners: list[Callback] = [
        *tables,
        ShowProgress(task, plan),
        best,
        Judge(run, task, progress, critic=models.gan_loss.boundary is None),
    ]
    if run.tensorboard:
        request = RunManifest.read(run.folder).request
        listeners.append(TensorBoard(run.files.tensorboard, request, done, run.settings.batch_size))
    makers = [DrawSamples(run, plan, side, draw), measure, SaveCheckpoints(run, models, best)]
    return Callbacks([*listeners, *makers, WriteReport(run.folder, progress)])
