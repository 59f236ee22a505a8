"""Many pictures through one style: find, plan, convert several at once, report."""

from __future__ import annotations

import time

from toonify.converting.converter import Converter
from toonify.converting.jobs import Job, make_plan
from toonify.converting.request import ConvertRequest
from toonify.converting.result import ConvertResult, Outcome
from toonify.converting.workshop import Workshop
from toonify.progress import Progress
from toonify.resources import cores
from toonify.styles import load_style


def convert_all(request: ConvertRequest, progress: Progress | None = None) -> ConvertResult:
    """Convert every picture that the request names.

    A picture that cannot be converted costs only itself. Ctrl-C stops at once: what is finished stays,
    nothing is half written, and the report says how far it came.

    Raises:
        ToonifyError: before any picture is touched, if the style cannot be used or the request makes
            no sense: no pictures, two that would become the same file, one that would be overwritten.
    """
    progress = progress or Progress()
    started = time.perf_counter()
    style = load_style(request.style)
    plan = make_plan(request)
    report = ConvertResult(request.output, style.manifest.name, request.strength)
    there = {job for job in plan.jobs if not request.overwrite and job.target.is_file()}
    outcomes = {job: Outcome(job.source, job.target, "skipped", "already there") for job in there}
    waiting = [job for job in plan.jobs if job not in there]
    if waiting:
        workers = min(request.workers or cores(), len(waiting))
        # Pictures side by side use the cores better than one picture on all of them.
        converter = Converter(style, threads=max(1, cores() // workers), detail=request.detail)
        workshop = Workshop(converter, request.strength, workers)
        with progress.task("Converting", len(plan.jobs), done=len(there)) as task:

            def finished(job: Job, outcome: Outcome) -> None:
                outcomes[job] = outcome
                task.advance()

            workshop.convert(waiting, finished)
        report.stopped = workshop.stopped
    report.outcomes = [outcomes[job] for job in plan.jobs if job in outcomes]
    report.outcomes += [Outcome(folder, request.output, "failed", why) for folder, why in plan.unreadable]
    report.seconds = time.perf_counter() - started
    return report
