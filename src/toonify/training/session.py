"""Taking a run from its newest checkpoint to a style."""

from __future__ import annotations

from collections.abc import Mapping

from toonify.errors import ToonifyError
from toonify.progress import Progress
from toonify.training.assembly import make_batches, make_records
from toonify.training.best import Best, best_in, preferred
from toonify.training.checkpoints import Checkpoint
from toonify.training.engines import make_engine
from toonify.training.interrupts import stop_asked
from toonify.training.loop import Loop
from toonify.training.measuring import FIGURES
from toonify.training.models import build_models
from toonify.training.objectives import Objective
from toonify.training.packaging import package
from toonify.training.plan import Plan
from toonify.training.reporting import TrainReport, report
from toonify.training.runs import Run
from toonify.training.watching import read_table, write_report


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
    done = checkpoint.step if checkpoint else 0
    figures: dict[str, float] = {}
    first = True
    if done < plan.steps:
        done, figures, first = _train(run, plan, objectives, checkpoint, progress)
    if done < plan.steps or not first:
        status = "interrupted" if done < plan.steps else "trained"
        return report(run, plan, status, done, figures)
    run.write()
    best = _best(run, plan)
    step = best.step if run.settings.measuring.best and best.step is not None else done
    progress.say(f"packaging {run.style}, step {step:,}")
    packaged = package(run, step)
    _tell(run, progress)
    return report(run, plan, "trained" if packaged else "trained, not packaged", done, figures, best)


def _train(
    run: Run,
    plan: Plan,
    objectives: Mapping[str, Objective],
    checkpoint: Checkpoint | None,
    progress: Progress,
) -> tuple[int, dict[str, float], bool]:
    """Steps done, the last one's figures, and whether this is the (first) machine, which packages."""
    engine = make_engine(run.engine, run.strategy)
    first = engine.worker == 0
    models = build_models(run.settings, objectives, engine, run.seed)
    batches = make_batches(run, plan, models, engine)
    if checkpoint:
        checkpoint.restore(models.parts())
    done = checkpoint.step if checkpoint else 0
    if first:
        run.write()
    progress.say(f"{run.folder}: {plan}" + (f"; going on at step {done:,}" if done else ""))
    phases = {phase.name: phase.steps for phase in plan.phases}
    try:
        with progress.watch(str(run.folder), phases, size=run.settings.batch_size, done=done) as task:
            records = make_records(run, plan, models, engine, done, task, progress) if first else None
            try:
                if records and done == 0:
                    records.sample(0)
                with stop_asked() as stop:
                    done, figures = Loop(run, plan, models, engine, batches, records).run_from(done, stop)
            finally:
                if records:
                    records.close()
    finally:
        if first:
            _tell(run, progress)
    return done, figures, first


def _best(run: Run, plan: Plan) -> Best:
    """The best of the checkpoints, by what was measured."""
    measured = [name for name in read_table(run.measures) if name in FIGURES]
    return best_in(run.measures, preferred(run.settings.measuring.best, measured), plan.phases[-1].name)


def _tell(run: Run, progress: Progress) -> None:
    """Write the report; that it cannot be written is no reason to lose a run, or the error it ends with."""
    try:
        write_report(run.folder)
    except ToonifyError as error:
        progress.warn(error.message)
