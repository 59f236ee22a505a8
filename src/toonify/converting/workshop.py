"""Several pictures at once: while one is decoded or written, others are with the network."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from toonify.converting.comparison import reduced, side_by_side
from toonify.converting.converter import Converter
from toonify.converting.jobs import Job
from toonify.converting.memory import Budget
from toonify.converting.result import Outcome
from toonify.errors import ToonifyError, one_line, refusal
from toonify.media import Picture, check_fits, picture_size, read_picture, save_picture
from toonify.resources import available_memory

_MEMORY_SHARE = 0.8  # of what is free when the work begins; estimates are not exact


class Workshop:
    """Converts pictures in threads, each from reading to writing.

    Args:
        converter: The style.
        strength: How much of the cartoon to mix in, 0 to 1.
        workers: Pictures worked on at once, unless they are too large for the memory together.

    Attributes:
        stopped: Whether Ctrl-C ended the work early.
    """

    def __init__(self, converter: Converter, strength: float, workers: int) -> None:
        self.stopped = False
        self._converter = converter
        self._strength = strength
        self._workers = workers
        self._budget = Budget(int(available_memory() * _MEMORY_SHARE))

    def convert(self, jobs: list[Job], finished: Callable[[Job, Outcome], None]) -> None:
        """Convert all, or as many as there is time for before Ctrl-C.

        Args:
            jobs: What to convert.
            finished: Told about each, in the order in which they are finished.
        """
        with ThreadPoolExecutor(self._workers, thread_name_prefix="convert") as pool:
            waiting = {pool.submit(self._convert, job): job for job in jobs}
            try:
                for future in as_completed(list(waiting)):
                    _tell(future, waiting.pop(future), finished)
            except KeyboardInterrupt:
                self._stop(pool)
        for future, job in waiting.items():
            _tell(future, job, finished)

    def _stop(self, pool: ThreadPoolExecutor) -> None:
        """What is being written is finished, what is with the network is dropped."""
        self.stopped = True
        self._converter.runtime.stop()
        pool.shutdown(cancel_futures=True)

    def _convert(self, job: Job) -> Outcome | None:
        try:
            notes = self._read_paint_write(job)
        except Exception as error:  # also a bug that one picture in a thousand brings to light
            if self.stopped:
                return None
            return Outcome(job.source, job.target, "failed", _reason(error))
        return Outcome(job.source, job.target, "converted", notes=tuple(notes))

    def _read_paint_write(self, job: Job) -> list[str]:
        size = picture_size(job.source)
        check_fits(size, job.file_format)
        # A picture that is alone has nobody to share with, and need not wait for the estimate.
        with self._budget.share(self._converter.memory_needed(size) if self._workers > 1 else 0):
            self._converter.check_memory(size)
            picture = read_picture(job.source)
            before = reduced(picture.image) if job.comparison else None
            self._converter.paint(picture.image, self._strength)
            _make_folder(job)
            save_picture(picture, job.target, job.file_format)
            if before is not None and job.comparison is not None:
                both = side_by_side(before, reduced(picture.image))
                save_picture(Picture(both, picture.icc_profile), job.comparison, job.file_format)
        notes = [*picture.notes, *([job.note] if job.note else [])]
        if job.file_format in ("JPEG", "BMP") and picture.image.mode == "RGBA":
            notes.append("transparency laid over white")
        return notes


def _tell(future: Future[Outcome | None], job: Job, finished: Callable[[Job, Outcome], None]) -> None:
    outcome = None if future.cancelled() else future.result()
    if outcome is not None:
        finished(job, outcome)


def _make_folder(job: Job) -> None:
    try:
        job.target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToonifyError(f"cannot be written: {refusal(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ToonifyError):
        return " ".join(part for part in (error.message, error.hint) if part)
    if isinstance(error, MemoryError):
        return "too large for the memory of this machine"
    return f"unexpected {type(error).__name__}: {one_line(error)}"
