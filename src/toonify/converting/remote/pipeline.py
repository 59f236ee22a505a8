"""Many pictures from place to place: listed, drawn by threads or by a cluster, and counted."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from toonify.converting.jobs import refuse_what_differs
from toonify.converting.made_with import MadeWith
from toonify.converting.picture import why
from toonify.converting.remote.drawing import Recipe, Studio, carry_out, carry_out_again, open_studio
from toonify.converting.remote.jobs import RemoteJob, list_jobs
from toonify.converting.remote.route import Route, settle_route
from toonify.converting.remote.tally import Tally
from toonify.converting.request import ConvertRequest
from toonify.converting.result import ConvertResult, Outcome, no_pictures
from toonify.media import READ
from toonify.progress import Progress, Task
from toonify.resources import cores
from toonify.runners import Attempt, RayRunner, Runner, ThreadRunner
from toonify.styles import Style, choose, load_style

PATIENCE = 20.0
"""Seconds that pictures in the making have to be finished after Ctrl-C."""


def convert_remote(
    request: ConvertRequest, progress: Progress, tell: Callable[[Outcome], None] | None
) -> ConvertResult:
    """Convert every picture in the places that the request names; arguments as of `convert_all`.

    Raises:
        ToonifyError: before any picture is touched, if the style cannot be used, the request makes no sense,
            or there are no pictures; later, if a cluster is lost.
    """
    started = time.perf_counter()
    (name,) = request.styles  # of several, `compare` makes a sheet, and only on this machine
    style = load_style(name, progress)
    controls = choose(style.manifest, request.controls)
    made_with = MadeWith.of(request, style, controls)
    route = settle_route(request)
    tally = Tally(tell)
    with progress.task("Converting") as task:
        stopped = _run(request, style, made_with, route, tally, task)
    if not tally.outcomes and not stopped:
        raise no_pictures((source.where for source in route.sources), tally.left_aside, READ)
    if route.name and tally.outcomes:
        refuse_what_differs(tally.outcomes[0])
    return ConvertResult(
        output=route.where,
        style=style.manifest.name,
        strength=request.strength,
        controls=controls,
        outcomes=tally.outcomes,
        unnamed=tally.unnamed,
        seconds=time.perf_counter() - started,
        stopped=stopped,
        left_aside=tally.left_aside,
        report=None if stopped else request.report,
    )


def _run(
    request: ConvertRequest, style: Style, made_with: MadeWith, route: Route, tally: Tally, task: Task
) -> bool:
    """Carry out jobs as they are listed, or as many as there is time for before Ctrl-C; whether that came."""
    jobs = list_jobs(request, route, tally)
    with contextlib.suppress(KeyboardInterrupt), _runner(request, style, made_with) as (runner, stop):
        try:
            for job, attempt in runner.run(jobs, carry_out, ordered=False):
                _note(tally, job, attempt)
                task.advance()
        except KeyboardInterrupt:
            stop()  # before the runner waits for what has begun
            for job, attempt in runner.drain(PATIENCE):
                if attempt.error is None:
                    _note(tally, job, attempt)
            raise
        return False
    return True


@contextlib.contextmanager
def _runner(
    request: ConvertRequest, style: Style, made_with: MadeWith
) -> Iterator[tuple[Runner, Callable[[], None]]]:
    """Who carries jobs out, and how to make that stop."""
    if request.runner == "ray":
        recipe = Recipe(style.packed(), request, made_with)
        with RayRunner(
            request.workers, recipe, open_studio, address=request.address, again=carry_out_again
        ) as cluster:
            yield cluster, lambda: None
        return
    workers = request.workers or cores()
    threads = max(1, cores() // workers)
    studio = Studio(request, style, made_with, threads=threads)
    with ThreadRunner(workers, studio) as runner:
        yield runner, studio.stop


def _note(tally: Tally, job: RemoteJob, attempt: Attempt[Outcome | None]) -> None:
    if attempt.error is not None:
        tally.add(job.ended("failed", why(attempt.error)))
    elif attempt.result is None:
        tally.leave_aside("made by toonify")
    else:
        tally.add(attempt.result)
