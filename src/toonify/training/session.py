"""Taking a run from its newest checkpoint to a style."""

from __future__ import annotations

from collections.abc import Mapping

from toonify.errors import ToonifyError, one_line
from toonify.progress import Progress
from toonify.training.assembly import make_batches, make_records
from toonify.training.best import best_of, style_step
from toonify.training.checkpoints import Checkpoint
from toonify.training.engines import make_engine, worker_index
from toonify.training.interrupts import stop_asked
from toonify.training.loop import Loop
from toonify.training.models import build_models
from toonify.training.objectives import Objective
from toonify.training.packaging import package
from toonify.training.plan import Plan
from toonify.training.result import TrainResult, report
from toonify.training.runs import Run
from toonify.training.watching import write_report


def carry_out(
    run: Run,
    plan: Plan,
    objectives: Mapping[str, Objective],
    checkpoint: Checkpoint | None,
    progress: Progress,
) -> TrainResult:
    """Train, from a checkpoint if there is one, then package the style.

    Raises:
        ToonifyError: if plugins, weights or checkpoints do not fit, or training goes astray.
    """
    done = checkpoint.step if checkpoint else 0
    figures: dict[str, float] = {}
    first = worker_index(run.strategy) == 0
    if done < plan.steps:
        done, figures = _train(run, plan, objectives, checkpoint, progress)
    if done < plan.steps or not first:
        status = "interrupted" if done < plan.steps else "trained"
        return report(run, plan, status, done, figures)
    run.write()
    best = best_of(run, plan)
    step = style_step(run, plan, done)
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
) -> tuple[int, dict[str, float]]:
    """Steps done, and the last one's figures."""
    engine = make_engine(run.engine, run.strategy)
    first = engine.worker == 0
    progress = progress if first else Progress()  # one machine of many speaks for all
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
            except engine.failures as error:
                raise _failed(run, error) from error
            finally:
                if records:
                    records.close()
    finally:
        if first:
            _tell(run, progress)
    return done, figures


def _failed(run: Run, error: Exception) -> ToonifyError:
    """A device's or another machine's failure, for people."""
    if "exhausted" in str(error).lower() or "out of memory" in str(error).lower():
        return ToonifyError(
            f"the memory of the device is too small for batches of {run.settings.batch_size} pictures",
            "Give a smaller --batch-size, or --precision mixed_bfloat16.",
        )
    return ToonifyError(
        f"a step failed: {one_line(error)}", f"Go on with it: toonify train --resume {run.folder}"
    )


def _tell(run: Run, progress: Progress) -> None:
    """Write the report; that it cannot be written is no reason to lose a run, or the error it ends with."""
    try:
        write_report(run.folder)
    except ToonifyError as error:
        progress.warn(error.message)
