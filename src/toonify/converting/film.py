"""One film, frame by frame: decoding, drawing and encoding overlap, and few frames are in memory."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import asdict, replace
from typing import Any

from toonify import __version__
from toonify.converting.frames import Drawing, coded_frames
from toonify.converting.jobs import Job
from toonify.converting.picture import Conversion
from toonify.converting.result import Outcome
from toonify.converting.steadying import one_thread_each
from toonify.errors import ToonifyError, refusal
from toonify.media import CONTAINERS, Redrawing, encoders, need_regular_file, redrawing
from toonify.progress import Progress
from toonify.resources import cores, usable_memory
from toonify.runners import ThreadRunner
from toonify.storage import Occupied, Part, clear, make_folder, put_in_place, unfinished

_HEAD = 2**20  # bytes that are hashed, to know a film again by them, its size and its time


def carry_out_film(conversion: Conversion, job: Job, progress: Progress) -> None:
    """Convert a film, and note what became of it; one that is stopped leaves no outcome, and no file.

    What is finished of one that is stopped, or that fails, is kept, and `Conversion.kept` says how much.
    """
    conversion.attempt(job, lambda job: _convert(conversion, job, progress))


def _convert(conversion: Conversion, job: Job, progress: Progress) -> Outcome:
    settings, container = conversion.request.film_settings, CONTAINERS[job.target.suffix.lower()]
    container.codec(settings.codec)  # which refuses one that it does not hold, before anything is made
    make_folder(job.target.parent)
    made_of = _made_of(conversion, job)
    try:
        with unfinished(job.target, made_of) as folder, Part(job.target) as part:
            with redrawing(job.source, container, settings, folder) as film:
                try:
                    _redraw(Drawing(conversion, film), job.source.name, progress)
                    film.assemble(part.path, _told(conversion, job, film))
                except BaseException:
                    if film.finished:
                        conversion.kept[job.source] = film.finished
                    raise
            try:
                put_in_place(part.path, job.target, over=job.replaces)
            except Occupied:  # somebody else wrote the film, and that stays
                clear(folder)
                raise
            clear(folder)
    except OSError as error:
        raise ToonifyError(f"cannot be written: {refusal(error)}") from error
    return job.ended("failed" if film.fault else "converted", film.fault, film.notes)


def _told(conversion: Conversion, job: Job, film: Redrawing) -> str:
    made_with = conversion.made_with.out_of(job.source, job.file_format)
    return replace(made_with, place=film.tells_place).told()


def _made_of(conversion: Conversion, job: Job) -> dict[str, Any]:
    """Everything that determines the film: unfinished work is continued only if none of it has changed."""
    need_regular_file(job.source)
    try:
        status = job.source.stat()
        with open(job.source, "rb") as file:
            head = hashlib.sha256(file.read(_HEAD)).hexdigest()
    except OSError as error:
        raise ToonifyError(refusal(error)) from error
    return {
        "toonify": __version__,
        "encoders": encoders(),
        "film": {"bytes": status.st_size, "changed": status.st_mtime_ns, "head": head},
        "drawn": asdict(conversion.made_with),
        "settings": asdict(conversion.request.film_settings),
        "kind": job.file_format,
        "steady": conversion.steady,
    }


def _redraw(drawing: Drawing, name: str, progress: Progress) -> None:
    film, workers = drawing.film, _workers(drawing)
    drawing.converter.expect(film.size)
    with (
        one_thread_each() if drawing.conversion.steady else contextlib.nullcontext(),
        progress.task(name, film.total, unit="frames", done=film.finished) as task,
        ThreadRunner(workers, drawing) as runner,
    ):
        try:
            for coded in coded_frames(drawing, runner, workers):
                film.write(coded)
                task.advance()
        except KeyboardInterrupt:
            drawing.conversion.stop()  # before the runner waits for what has begun
            raise


def _workers(drawing: Drawing) -> int:
    """Frames to draw at a time: one for each core, if the memory holds so many."""
    converter, size = drawing.conversion.converter, drawing.film.size
    converter.check_memory(size)
    room = usable_memory() // converter.memory_needed(size)
    return max(1, min(cores(), room))
