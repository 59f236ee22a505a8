"""One picture, from reading to writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from toonify.converting.animation import animation_memory, drawn_frames
from toonify.converting.budget import Budget
from toonify.converting.comparison import LONGEST, reduced, side_by_side
from toonify.converting.converter import Converter
from toonify.converting.detail import smaller
from toonify.converting.jobs import Job, what_is_left
from toonify.converting.made_with import MadeWith
from toonify.converting.reading import Reading
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Ledger, Outcome
from toonify.errors import ToonifyError, lacks_memory, one_line
from toonify.media import (
    Animation,
    Picture,
    decoding_memory,
    picture_size,
    read_made_by,
    read_picture,
    save_animation,
    save_picture,
)
from toonify.storage import Occupied, make_folder

if TYPE_CHECKING:
    from PIL import Image

    from toonify.converting.sheet import ContactSheet


@dataclass
class Conversion:
    """What is shared by the threads that convert pictures.

    Attributes:
        request: What is asked for.
        converter: The style, or several for a sheet.
        made_with: How each cartoon is made.
        budget: Memory for the pictures.
        ledger: What became of each job; kept here, so that Ctrl-C loses none.
        steady: Whether frames of films are mixed with their neighbours, against flicker.
        kept: Of films that are not finished, how many frames the next run need not draw again.
        stopped: Whether `stop` was called.
    """

    request: ConvertRequest
    converter: Converter | ContactSheet
    made_with: MadeWith
    budget: Budget
    ledger: Ledger
    steady: bool
    kept: dict[Path, int] = field(default_factory=dict)
    stopped: bool = False

    def attempt(self, job: Job, work: Callable[[Job], Outcome]) -> None:
        """Note what became of a job once its work is done; a job that is stopped leaves no outcome."""
        try:
            outcome = self._outcome(job, work)
        except Exception as error:  # whatever it is, it must not stop the other jobs
            if self.stopped:
                return
            outcome = job.ended("failed", why(error))
        self.ledger.note(job, outcome)

    def _outcome(self, job: Job, work: Callable[[Job], Outcome]) -> Outcome:
        """Do what is left of a job: others may have written there since it was planned, or do meanwhile."""
        left = what_is_left(job, self.made_with)
        if left.todo == "nothing":
            return left.skipped
        try:
            return work(left)
        except Occupied:
            left = what_is_left(job, self.made_with)
            if left.todo == "nothing":
                return left.skipped
            if left.todo == "compare":  # the comparison is still to come, theirs or ours
                return work(left)
            raise ToonifyError("cannot be written: file exists") from None

    def stop(self) -> None:
        """Stop drawing; what is being written is finished."""
        self.stopped = True
        self.converter.stop()


def carry_out(conversion: Conversion, job: Job) -> None:
    """Do what a job asks for, and note what became of it."""
    conversion.attempt(job, lambda job: (_compare if job.todo == "compare" else _draw)(conversion, job))


def _draw(conversion: Conversion, job: Job) -> Outcome:
    made_with = conversion.made_with.out_of(job.source, job.file_format)
    return (_animate if made_with.moving else _convert)(conversion, job, made_with)


def _convert(conversion: Conversion, job: Job, made_with: MadeWith) -> Outcome:
    """Write the cartoon, and the comparison if there is to be one."""
    request, converter = conversion.request, conversion.converter
    compared = job.comparison is not None
    reading = Reading.of(job.source, job.file_format, converter, request.strength, compared=compared)
    with conversion.budget.share(reading.memory):
        converter.check_memory(reading.size)
        picture = reading.read(made_with, request.strip)
        before = reduced(picture.image) if compared else None
        picture.image = converter.convert(picture.image, request.strength, in_place=True)
        make_folder(job.target.parent)
        save_picture(picture, job.target, job.file_format, over=job.replaces)
        if before is not None:
            _save_comparison(job, before, picture)
    return job.ended("converted", notes=notes_of(picture, job.file_format))


def notes_of(picture: Picture, file_format: str) -> list[str]:
    """What of a picture was lost in reading and writing."""
    transparent = file_format in ("JPEG", "BMP") and picture.image.mode == "RGBA"
    return [*picture.notes, *(["transparency laid over white"] if transparent else [])]


def _animate(conversion: Conversion, job: Job, made_with: MadeWith) -> Outcome:
    """Write the cartoon frame by frame; few are in memory."""
    converter = cast("Converter", conversion.converter)  # of what moves, contact sheets show one frame
    animation = Animation.of(job.source)
    made_by = replace(made_with, painted=converter.is_paintable(animation.size), place=False).told()
    with conversion.budget.share(animation_memory(converter, animation.size)):
        converter.check_memory(animation.size)
        make_folder(job.target.parent)
        frames = drawn_frames(converter, animation, conversion.request.strength)
        first = list(islice(frames, 1)) if job.comparison else []
        pairs = [
            (reduced(photo.image), Picture(reduced(drawn.image), animation.icc_profile, made_by=made_by))
            for drawn, photo in zip(first, animation.frames(), strict=False)
        ]
        drawing = chain(first, frames)
        save_animation(animation, drawing, job.target, job.file_format, made_by=made_by, over=job.replaces)
        for before, after in pairs:
            _save_comparison(job, before, after)
    return job.ended("converted", notes=animation.notes)


def _compare(conversion: Conversion, job: Job) -> Outcome:
    """Write the comparison of a photograph with the cartoon that is there already."""
    needed = sum(decoding_memory(picture_size(path)) for path in (job.source, job.target))
    with conversion.budget.share(needed):
        before, after = _seen(job.source), _seen(job.target)
        after.made_by = read_made_by(job.target)
        if before.image.size != after.image.size:
            raise ToonifyError(
                f"{job.target} is of another size, and so no cartoon of it to be compared with",
                "Give `overwrite` to replace it.",
            )
        _save_comparison(job, reduced(before.image), after)
    return job.ended("compared", differs=job.differs)


def _seen(path: Path) -> Picture:
    """A picture for a comparison, read no larger than needed."""
    size = picture_size(path)
    return read_picture(path, enough=smaller(size, 2 * LONGEST / max(size)))


def _save_comparison(job: Job, before: Image.Image, after: Picture) -> None:
    if job.comparison is not None:
        both = side_by_side(before, reduced(after.image))
        file_format = "PNG" if job.file_format == "GIF" else job.file_format
        told = Picture(both, after.icc_profile, made_by=after.made_by)
        try:
            # Beside a new cartoon the comparison is new, too.
            save_picture(told, job.comparison, file_format, over=job.replaces or job.todo == "convert")
        except ToonifyError as error:  # the cartoon itself is there
            raise ToonifyError(f"{job.comparison} {error.message}", error.hint) from error


def why(error: Exception) -> str:
    """Why a picture was not converted."""
    if isinstance(error, ToonifyError):
        return ". ".join(part for part in (error.message, error.hint) if part)
    if lacks_memory(error):
        return "too large for the memory of this machine"
    if isinstance(error, ImportError):
        return f"a library cannot be loaded: {one_line(error)}"
    return f"unexpected {type(error).__name__}: {one_line(error)}"
