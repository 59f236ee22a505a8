"""One film, frame by frame: decoding, drawing and encoding overlap, and few frames are in memory."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from toonify import __version__
from toonify.converting.frames import Drawing, coded_frames
from toonify.converting.jobs import Job
from toonify.converting.picture import Conversion, failure
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Outcome
from toonify.converting.steadying import one_thread_each
from toonify.errors import ToonifyError, refusal
from toonify.inference import AUTO
from toonify.media import CONTAINERS, Redrawing, encoders, need_regular_file, redrawing
from toonify.progress import Progress
from toonify.resources import cores, usable_memory
from toonify.runners import ThreadRunner
from toonify.storage import AnyPath, Part, clear, make_folder, put_in_place, unfinished
from toonify.styles import AnyStyle, default_style

_HEAD = 2**20  # bytes that are hashed, to know a film again by them, its size and its time


def carry_out_film(conversion: Conversion, job: Job, progress: Progress) -> None:
    """Convert a film, and note what became of it; one that is stopped leaves no outcome, and no file.

    What is finished of one that is stopped, or that fails, is kept, and `Conversion.kept` says how much.
    """
    try:
        outcome = _convert(conversion, job, progress)
    except Exception as error:  # whatever it is, it must not stop the other films
        if conversion.stopped:
            return
        outcome = failure(job, error)
    conversion.ledger.note(job, outcome)


def _convert(conversion: Conversion, job: Job, progress: Progress) -> Outcome:
    settings, container = conversion.request.film_settings, CONTAINERS[job.target.suffix.lower()]
    if settings.codec and settings.codec not in container.codecs:
        raise ToonifyError(
            f"{container.name} is not written with the codec {settings.codec}",
            f"`codec` may be {' or '.join(container.codecs)} for it.",
        )
    make_folder(job.target.parent)
    made_of = _made_of(conversion, job)
    try:
        with (
            unfinished(job.target, made_of) as folder,
            redrawing(job.source, container, settings, folder) as film,
        ):
            try:
                _redraw(Drawing(conversion, film), job.source.name, progress)
                with Part(job.target) as part:
                    film.assemble(part.path, _told(conversion, job, film))
                    put_in_place(part.path, job.target)
            except BaseException:
                conversion.kept[job] = film.finished
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


def convert_film(
    film: AnyPath,
    output: AnyPath,
    style: AnyStyle | None = None,
    *,
    strength: float = 1.0,
    detail: int | None = None,
    controls: Mapping[str, float] | None = None,
    painter: bool = True,
    video_quality: int = 80,
    codec: str = "auto",
    start: float = 0.0,
    end: float | None = None,
    steady: bool | None = None,
    overwrite: bool = False,
    device: str = AUTO,
    progress: Progress | None = None,
) -> Outcome:
    """Turn a film into a cartoon, with its sound and everything else in it.

    Args:
        film: The file.
        output: What to write; its suffix says which kind of film.
        style: As of `Converter`.
        strength: 0 leaves the film, 1 gives the cartoon, between them is a mixture.
        detail: Frames of more than detail × detail pixels are drawn at that size; the style's own when
            left out.
        controls: Of the numbers that the style lets you choose, those that are not to be at their defaults.
        painter: Draw small faces once more, from closer by, if the style's card says so. Its painter itself
            leaves films alone.
        video_quality: 1, the smallest file, to 100.
        codec: `auto`, `h264`, `hevc`, `vp9` or `mpeg4`.
        start: Where to begin, in seconds.
        end: Where to end, in seconds; the film's own end when left out.
        steady: Less flicker between frames; where OpenCV is installed, when left out.
        overwrite: Replace `output` if it is there.
        device: As of `Converter`.
        progress: Told about each frame.

    Returns:
        What became of it: `converted`, with notes of what was lost, or `skipped`, because it is there.

    Raises:
        ToonifyError: if the request makes no sense, or the film cannot be read, or not as a whole: of one
            that is cut short, what is there has been converted then, and the message says so.
        KeyboardInterrupt: after Ctrl-C; what is finished is kept, hidden, for the next time.
    """
    from toonify.converting.pipeline import convert_all

    result = convert_all(
        ConvertRequest(
            [film],
            output,
            style=default_style() if style is None else style,
            strength=strength,
            detail=detail,
            controls=controls or {},
            painter=painter,
            video_quality=video_quality,
            codec=codec,
            start=start,
            end=end,
            steady=steady,
            overwrite=overwrite,
            device=device,
        ),
        progress,
    )
    if result.stopped:
        raise KeyboardInterrupt
    outcome = result.outcomes[0]
    if outcome.result == "failed":
        raise ToonifyError(f"{outcome.source}: {outcome.reason}")
    return outcome
