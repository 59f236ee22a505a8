"""Many pictures and films through one style: find, plan, convert several at once, report."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from toonify.converting.jobs import make_plan
from toonify.converting.request import ConvertRequest
from toonify.converting.result import ConvertResult, Ledger, Outcome
from toonify.converting.workshop import Workshop
from toonify.errors import ToonifyError
from toonify.progress import Progress


def convert_all(
    request: ConvertRequest,
    progress: Progress | None = None,
    tell: Callable[[Outcome], None] | None = None,
) -> ConvertResult:
    """Convert every picture that the request names, then every film, one after another.

    A picture that cannot be converted costs only itself; so do those that would become the same file.
    Ctrl-C stops at once: what is finished stays, nothing is half written, and the result says how far it
    came. What earlier runs were writing when they were killed is removed.

    Args:
        request: Which, and how.
        progress: Who listens to how it goes; silent by default.
        tell: Called with what became of each picture, as soon as that is known, by one thread at a time. What
            it raises ends the work.

    Raises:
        ToonifyError: before any picture is touched, if the style cannot be used or the request makes
            no sense: no pictures, one that would be overwritten, a control that the style does not have, one
            file that is there and was made in another way, films to be steadied without OpenCV.
    """
    if request.report:
        from toonify.html_report import check_place

        check_place(request.report, overwrite=request.overwrite)
    result = _converted(request, progress or Progress(), tell)
    return _reported(result, result.report, tell) if result.report else result


def _converted(
    request: ConvertRequest, progress: Progress, tell: Callable[[Outcome], None] | None
) -> ConvertResult:
    """Convert here, or between places; what that takes is loaded where it is asked for alone."""
    if not request.is_remote:
        return _convert_here(request, progress, tell)
    from toonify.converting.remote.pipeline import convert_remote

    return convert_remote(request, progress, tell)


def _reported(result: ConvertResult, page: Path, tell: Callable[[Outcome], None] | None) -> ConvertResult:
    """Write the page; a page that cannot be written is one failure more, and hides none of the others."""
    from toonify.converting.report import write_report

    try:
        write_report(page, result)
    except ToonifyError as error:
        failed = Outcome(page, page, "failed", error.message.removeprefix(f"{page} "))
        if tell:
            tell(failed)
        return replace(result, outcomes=[*result.outcomes, failed], report=None)
    return result


def _convert_here(
    request: ConvertRequest, progress: Progress, tell: Callable[[Outcome], None] | None
) -> ConvertResult:
    """Convert folders of this machine, on this machine."""
    started = time.perf_counter()
    ledger = Ledger(tell)
    workshop = Workshop.open(request, ledger, progress)
    plan = make_plan(request, workshop.made_with)
    for job, outcome in plan.settled():
        ledger.note(job, outcome)
    workshop.carry_out(plan.jobs)
    runtime = workshop.runtime
    return ConvertResult(
        output=plan.output,
        style=workshop.made_with.style,
        strength=request.strength,
        controls=dict(workshop.controls),
        outcomes=ledger.of([*plan.jobs, *plan.unreadable]),
        seconds=time.perf_counter() - started,
        stopped=workshop.stopped,
        left_aside=plan.left_aside,
        report=None if workshop.stopped else request.report,
        device=runtime.device if runtime else None,
        precision=runtime.precision if runtime else None,
        kept=workshop.kept,
    )
