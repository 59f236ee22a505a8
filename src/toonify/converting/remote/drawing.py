"""One picture from place to place, in a thread of this machine or in a worker of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from toonify.converting.animation import animation_memory, drawn_frames
from toonify.converting.budget import Budget
from toonify.converting.converter import Converter
from toonify.converting.made_with import UNKNOWN, MadeWith, is_own
from toonify.converting.picture import notes_of, why
from toonify.converting.reading import Reading
from toonify.converting.remote.jobs import LARGEST, RemoteJob
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Outcome
from toonify.errors import ToonifyError
from toonify.media import (
    ANIMATED,
    SAYS_WHAT_MADE_IT,
    Animation,
    encode_animation,
    encode_picture,
    is_animation,
)
from toonify.resources import usable_memory
from toonify.styles import Style, load_style

HEAD = 2**17
"""Bytes in which most files say how they were made: a segment of EXIF data, and what stands before it."""


@dataclass(frozen=True)
class Recipe:
    """All that another machine needs to draw as this one would.

    Attributes:
        style: The style as one file, so that workers need not have it.
        request: What is asked for.
        made_with: How each cartoon is made.
    """

    style: bytes
    request: ConvertRequest
    made_with: MadeWith


def open_studio(recipe: Recipe) -> Studio:
    """Load the style of a recipe, once for a worker, which draws one picture at a time on one core.

    Raises:
        ToonifyError: if it cannot be used there: its painter is not installed, say.
    """
    with TemporaryDirectory(prefix="toonify-") as folder:
        file = Path(folder, "style.toonify")
        file.write_bytes(recipe.style)
        return Studio(recipe.request, load_style(file), recipe.made_with, threads=1)


class Studio:
    """A style, ready to draw, and how pictures are asked for.

    Args:
        request: What is asked for.
        style: The style.
        made_with: How each cartoon is made.
        threads: Cores to use for one picture.

    Raises:
        ToonifyError: as `Converter`.
    """

    def __init__(self, request: ConvertRequest, style: Style, made_with: MadeWith, *, threads: int) -> None:
        self.stopped = False
        self._converter = Converter.asked_for(request, style, threads=threads)
        self._request = request
        self._made_with = made_with
        self._budget = Budget(usable_memory())

    def stop(self) -> None:
        """Stop drawing; what is being written is finished."""
        self.stopped = True
        self._converter.stop()

    def convert(self, job: RemoteJob) -> Outcome | None:
        """Read, draw, write; unless the cartoon is there, and is to stay.

        Returns:
            What became of it; `None` of a cartoon of toonify's own that lies beside its photograph.

        Raises:
            Exception: whatever goes wrong.
        """
        photo = b""
        if job.file_format in ANIMATED and job.undecided:
            photo = job.read()
            job = job.decided(moves=is_animation(photo))
        if not self._request.overwrite and (there := job.there(HEAD)) is not None:
            return job.ended("skipped", "already there", differs=self._differences(job, there))
        photo = photo or job.read()
        if not job.named and is_own(PurePosixPath(job.found.name), photo):  # nobody wants those twice
            return None
        moves = job.file_format in ANIMATED and not self._request.first_frame and is_animation(photo)
        cartoon, notes = (self._animation if moves else self._still)(job.decided(moves=moves), photo)
        if not job.target.write(job.name, cartoon, replace=self._request.overwrite):
            return job.ended("skipped", "already there")  # since a moment ago
        return job.ended("converted", notes=notes)

    def finished_before(self, job: RemoteJob) -> Outcome | None:
        """What became of a job whose worker was lost, if that had written the cartoon; `None` otherwise."""
        if job.undecided:
            job = job.decided(moves=is_animation(job.read()))
        there = job.there(HEAD)
        says = job.file_format in SAYS_WHAT_MADE_IT and self._request.strip != "metadata"
        if there is None or not says or self._differences(job, there):
            return None
        return job.ended("converted", notes=())

    def _still(self, job: RemoteJob, photo: bytes) -> tuple[bytes, Sequence[str]]:
        strength = self._request.strength
        reading = Reading.of(photo, job.file_format, self._converter, strength)
        with self._budget.share(reading.memory):
            self._converter.check_memory(reading.size)
            picture = reading.read(self._wanted(len(photo)), self._request.strip)
            self._converter.convert(picture.image, strength, in_place=True)
            return encode_picture(picture, job.file_format), notes_of(picture, job.file_format)

    def _animation(self, job: RemoteJob, photo: bytes) -> tuple[bytes, Sequence[str]]:
        animation = Animation.of(photo)
        with self._budget.share(animation_memory(self._converter, animation.size)):
            self._converter.check_memory(animation.size)
            painted = self._converter.is_paintable(animation.size)
            made_by = replace(self._wanted(len(photo), moving=True), painted=painted, place=False).told()
            frames = drawn_frames(self._converter, animation, self._request.strength)
            cartoon = encode_animation(animation, frames, job.file_format, made_by=made_by)
        return cartoon, animation.notes

    def _differences(self, job: RemoteJob, there: bytes) -> tuple[str, ...]:
        """In what the cartoon that is there differs from what is asked for."""
        if job.file_format not in SAYS_WHAT_MADE_IT:
            return ()
        size = job.found.size if job.found.size >= 0 else len(job.read())
        # Whether it moves only the photograph knows, which is not fetched for that.
        wanted = self._wanted(size, moving=False if self._request.first_frame else None)
        differs = wanted.differences(there)
        if differs == (UNKNOWN,) and len(there) == HEAD:  # it may say so further on
            differs = wanted.differences(job.there(LARGEST) or there)
        return differs

    def _wanted(self, size: int, *, moving: bool | None = False) -> MadeWith:
        return replace(self._made_with, photograph=size, moving=moving, film=None)


def carry_out(studio: Studio, job: RemoteJob) -> Outcome | None:
    """Do a job; as `Studio.convert`, but what goes wrong is what became of it.

    Raises:
        Exception: of a job that is stopped.
    """
    try:
        return studio.convert(job)
    except Exception as error:  # whatever it is, it must not stop the other pictures
        if studio.stopped:
            raise
        return job.ended("failed", why(error))


def carry_out_again(studio: Studio, job: RemoteJob) -> Outcome | None:
    """As `carry_out`, for a job whose worker was lost, perhaps a moment after it had written the cartoon."""
    try:
        done = studio.finished_before(job)
    except ToonifyError:  # whoever tries again says why
        done = None
    return done or carry_out(studio, job)
