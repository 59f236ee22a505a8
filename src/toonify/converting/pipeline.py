"""Many pictures and films through one style: find, plan, convert several at once, report."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from toonify.converting.budget import Budget
from toonify.converting.converter import Converter
from toonify.converting.film import carry_out_film, is_steadied
from toonify.converting.jobs import Job, make_plan
from toonify.converting.made_with import MadeWith
from toonify.converting.picture import Conversion, carry_out
from toonify.converting.report import check_place, write_report
from toonify.converting.request import ConvertRequest
from toonify.converting.result import ConvertResult, Outcome
from toonify.progress import Progress, Task
from toonify.resources import USABLE, available_memory, cores
from toonify.runners import ThreadRunner
from toonify.storage import sweep
from toonify.styles import Style, choose, load_style


def convert_all(request: ConvertRequest, progress: Progress | None = None) -> ConvertResult:
    """Convert every picture that the request names, then every film, one after another.

    A picture that cannot be converted costs only itself; so do those that would become the same file.
    Ctrl-C stops at once: what is finished stays, nothing is half written, and the result says how far it
    came. What earlier runs were writing when they were killed is removed.

    Raises:
        ToonifyError: before any picture is touched, if the style cannot be used or the request makes
            no sense: no pictures, one that would be overwritten, a control that the style does not have, one
            file that is there and was made in another way, films to be steadied without OpenCV.
    """
    progress = progress or Progress()
    started = time.perf_counter()
    style = load_style(request.style, progress)
    controls = choose(style.manifest, request.controls)
    made_with = MadeWith.of(request, style, controls)
    if request.report:
        check_place(request.report, overwrite=request.overwrite)
    plan = make_plan(request, made_with)
    outcomes = {
        job: job.ended("skipped", "already there", differs=job.differs)
        for job in plan.jobs
        if job.todo == "nothing"
    }
    outcomes |= {job: job.ended("failed", why) for job, why in plan.clashes.items()}
    sweep(*{file.parent for job in plan.jobs for file in job.files})
    waiting = [job for job in plan.jobs if job not in outcomes]
    films = [job for job in waiting if job.is_film]
    steady = bool(films) and is_steadied(request)
    kept: dict[Path, int] = {}
    stopped = False
    if pictures := [job for job in waiting if not job.is_film]:
        workers = min(request.workers or cores(), len(pictures))
        conversion = _conversion(request, style, made_with, workers)
        with progress.task("Converting", len(plan.jobs), done=len(outcomes)) as task:
            _run(conversion, pictures, workers, task)
        outcomes |= conversion.outcomes
        stopped = conversion.stopped
    if films and not stopped:
        # Of each as many frames are drawn at once.
        conversion = _conversion(request, style, made_with, cores())
        with contextlib.suppress(KeyboardInterrupt):
            for job in films:
                carry_out_film(conversion, job, request.film_settings, progress, steady=steady)
        outcomes |= conversion.outcomes
        stopped = conversion.stopped
        kept = {job.source: frames for job, frames in conversion.kept.items() if frames}
    result = ConvertResult(
        output=plan.output,
        style=style.manifest.name,
        strength=request.strength,
        controls=controls,
        outcomes=[
            *(outcomes[job] for job in plan.jobs if job in outcomes),
            *(Outcome(folder, plan.output, "failed", reason) for folder, reason in plan.unreadable),
        ],
        seconds=time.perf_counter() - started,
        stopped=stopped,
        left_aside=plan.left_aside,
        report=None if stopped else request.report,
        kept=kept,
    )
    if result.report:
        write_report(result.report, result)
    return result


def _conversion(request: ConvertRequest, style: Style, made_with: MadeWith, workers: int) -> Conversion:
    # Pictures side by side use the cores better than one picture on all of them.
    threads = max(1, cores() // workers)
    converter = Converter(
        style,
        threads=threads,
        detail=request.detail,
        controls=request.controls,
        painter=request.painter,
        only=request.only,
    )
    budget = Budget(int(available_memory() * USABLE))
    return Conversion(
        converter,
        request.strength,
        made_with,
        budget,
        alone=workers == 1,
        first_frame=request.first_frame,
        strip=request.strip,
    )


def _run(conversion: Conversion, jobs: list[Job], workers: int, task: Task) -> None:
    """Carry out all jobs, or as many as there is time for before Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt), ThreadRunner(workers, conversion) as runner:
        try:
            for _, outcome in runner.run(jobs, carry_out, ordered=False):
                outcome.get()
                task.advance()
        except KeyboardInterrupt:
            conversion.stop()  # before the runner waits for what has begun
            raise
