"""A film whose frames are drawn anew, while everything else in it is copied."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from toonify.errors import ToonifyError
from toonify.media.enlarging import Enlarging
from toonify.media.films.containers import Container
from toonify.media.films.copying import tells_place
from toonify.media.films.excerpt import Excerpt
from toonify.media.films.frames import FilmFrame
from toonify.media.films.output import LAYOUT, FilmOutput, FilmSettings
from toonify.media.films.pauses import pausing_sounds
from toonify.media.films.pyav import writing_errors
from toonify.media.films.reading import Film, opened
from toonify.media.films.segments import SegmentWriter, finished_segments, joined
from toonify.media.films.truncation import missing_bytes
from toonify.media.tone_mapping import note_of
from toonify.text import counted

if TYPE_CHECKING:
    import av
    import numpy as np
    from numpy.typing import NDArray

SEGMENT = 250
"""Frames of a segment: as many as encoders let depend on one another, so that segments cost no quality."""

_LONGEST_PAUSE = 3600
"""Seconds between two frames in containers of one rate: MPEG-4's encoder takes no more, and each frame that
could be there is written as an empty one."""

_FINEST = 65535  # parts of a second that MPEG-4 counts in (ISO/IEC 14496-2), and so films of even rates


@contextlib.contextmanager
def redrawing(
    source: Path, container: Container, settings: FilmSettings, folder: Path
) -> Iterator[Redrawing]:
    """Open a film to be drawn anew.

    Args:
        source: The film.
        container: What to write.
        settings: How.
        folder: For the segments of the film, where those may be that an earlier process has finished; they
            must be of the same film, drawn in the same way, and are left there.

    Raises:
        ToonifyError: if the film cannot be read, or not be written; the message is the reason.
    """
    first = next(Film(source).frames(), None)
    if first is None:
        raise ToonifyError("holds no frame that can be decoded")
    with opened(source) as stream, contextlib.ExitStack() as stack:
        stream.thread_type = "AUTO"
        yield Redrawing(source, stream, first, container, settings, folder, stack)


class Redrawing:
    """A film on its way from one file to another: its frames go out and come back, all else is copied.

    Attributes:
        size: Width and height of its pictures, upright.
        total: Frames, about; `None` if that is not known.
    """

    def __init__(
        self,
        source: Path,
        stream: av.VideoStream,
        first: FilmFrame,
        container: Container,
        settings: FilmSettings,
        folder: Path,
        stack: contextlib.ExitStack,
    ) -> None:
        self._source, self._stream, self._first, self._settings = source, stream, first, settings
        self._folder, self._stack = folder, stack
        self._excerpt = _excerpt(stream, settings)
        rate = self._excerpt.rate if container.any_time else self._excerpt.even_rate
        unit = Fraction(stream.time_base) if container.any_time else (1 / rate).limit_denominator(_FINEST)
        pausing = frozenset() if container.any_time else pausing_sounds(source, self._excerpt.begin)
        self._output = FilmOutput(source, container, settings, first, rate, unit, pausing)
        self._coding, self._kept = self._output.coding, self._output.size
        left_out = self._output.rehearse(stream, self._excerpt)
        self._segments = finished_segments(folder)
        self._piece: _Piece | None = None
        self._last = max((time for segment in self._segments for time in segment.times), default=-1)
        self._refused = 0
        self.size, self.total = first.size, self._excerpt.total
        self._notes = [*self._losses(first), *left_out]

    @property
    def finished(self) -> int:
        """Frames of whole segments, by this process or an earlier one: `write` does not need them again."""
        return sum(segment.taken for segment in self._segments)

    @property
    def notes(self) -> list[str]:
        """What of it is lost, by what is finished."""
        left_out = sum(segment.taken - len(segment.packets) for segment in self._segments)
        name = self._output.container.name
        frames = counted(left_out, "frame")
        one_rate = f"{frames} left out: {name} has one rate, and others were nearer to their places"
        return [*self._notes, *([one_rate] if left_out else [])]

    @property
    def tells_place(self) -> bool:
        """Whether it says where it was taken."""
        return tells_place(self._stream.container.metadata)

    def _losses(self, first: FilmFrame) -> Iterator[str]:
        components = first.raw.format.components
        if first.coding.high_range:
            yield note_of(first.coding.transfer)
        elif components[0].bits > 8:
            yield f"{components[0].bits} bits a channel reduced to 8"
        if any(component.is_alpha for component in components) or _has_alpha_beside(self._stream):
            yield "transparency left out"
        if self._output.coded_size != self._kept:
            width, height = self._output.coded_size
            yield f"stretched to {width} x {height}: this codec holds square pixels only"
        if self._output.squared:
            width, height = self._output.shown_size
            yield (
                "shown as if its pixels were square: this codec holds no others, and "
                f"{width} x {height} would be too large"
            )
        if self._kept != self.size:
            yield f"cut to {self._kept[0]} x {self._kept[1]}: this codec holds even sizes only"

    def frames(self, begin: int = 0) -> Iterator[FilmFrame]:
        """The frames in the order in which they are shown; give them back to `write` in this order.

        Args:
            begin: How many to skip. They are decoded all the same: seeking may give other frames.
        """
        yield from islice(self._excerpt.frames(self._first), begin, None)

    def coded(self, frame: FilmFrame, picture: NDArray[np.uint8]) -> av.VideoFrame:
        """Make a picture what `write` takes in place of a frame. May be called in any thread.

        Args:
            frame: One of `frames`.
            picture: Upright, RGB, (H, W, 3); enlarged if it is smaller than the film.
        """
        import numpy as np

        if self._kept != self.size:
            whole = np.asarray(Enlarging(Image.fromarray(picture), self.size).rows(0, self.size[1]))
            picture = whole[: self._kept[1], : self._kept[0]]
        coded = self._coding.encode(picture, frame.scalers, LAYOUT, self._output.coded_size)
        unit = self._output.unit
        coded.time_base = unit
        time = (frame.seconds - self._excerpt.begin) / unit
        coded.pts = math.floor(time + Fraction(1, 2))  # `round` takes halves to even numbers: two at a time
        coded.duration = round((frame.raw.duration or 0) * self._stream.time_base / unit)
        return coded

    def write(self, coded: av.VideoFrame) -> None:
        """Append a frame; one that is rounded to the time of the last is left out."""
        with writing_errors():
            if self._piece is None:
                encoder = self._stack.enter_context(self._output.encoder(self._stream))
                writer = self._stack.enter_context(SegmentWriter(self._folder, len(self._segments)))
                self._piece = _Piece(encoder, writer)
            self._piece.taken += 1
            if coded.pts > self._last:
                self._check_pause(coded.pts)
                self._last = coded.pts
                self._piece.writer.write(self._piece.encoder.encode(coded))
            if self._piece.taken == SEGMENT:
                self._finish_piece(self._piece)

    def _check_pause(self, pts: int) -> None:
        """Refuse a frame that comes too long after the last, or after the beginning."""
        before = max(self._last, 0) * self._output.unit
        pause = pts * self._output.unit - before
        container = self._output.container
        if not container.any_time and pause > _LONGEST_PAUSE:
            raise ToonifyError(
                f"shows nothing new for {float(pause / 3600):.1f} hours from second {float(before):.0f} on: "
                f"{container.name} has one rate, and holds pauses of an hour at most",
                "Write MKV, which has a time for each frame.",
            )

    def _finish_piece(self, piece: _Piece) -> None:
        piece.writer.write(piece.encoder.encode())
        self._segments.append(piece.writer.finish(piece.taken))
        self._piece = None
        self._stack.close()

    def assemble(self, target: Path, made_by: str = "") -> None:
        """Once all frames are written, write the film.

        Args:
            target: A file, which is not whole before the end.
            made_by: A line for it to say how it was made.

        Raises:
            ToonifyError: if there was no frame at all, or it cannot be written.
        """
        with writing_errors():
            if self._piece:
                self._finish_piece(self._piece)
        if self._last < 0:
            part = self._settings.start or self._settings.end is not None
            raise ToonifyError(
                f"holds no frame {'between `start` and `end`' if part else 'that can be decoded'}"
            )
        step = max(1, round(1 / self._excerpt.rate / self._output.unit))
        with opened(self._source) as stream:
            packets = joined(self._segments, step)
            excerpt = _excerpt(stream, self._settings)
            self._refused = self._output.write(target, stream, excerpt, packets, made_by)

    @property
    def fault(self) -> str:
        """What was wrong with the film, once it is assembled; empty for nothing."""
        excerpt = self._excerpt
        return excerpt.cut_short or self._cut_at_the_end() or excerpt.damage or self._not_copied()

    def _cut_at_the_end(self) -> str:
        """Cut short by less than its length in seconds tells."""
        missing = missing_bytes(self._source) if self._excerpt.end is None else 0
        return f"cut short: {missing} bytes are missing at its end; all else was converted" if missing else ""

    def _not_copied(self) -> str:
        if not self._refused:
            return ""
        packets = counted(self._refused, "packet")
        return f"damaged: {packets} of sound or subtitles could not be copied; all else is there"


@dataclass
class _Piece:
    """A segment in the making."""

    encoder: av.VideoStream
    writer: SegmentWriter
    taken: int = 0


def _has_alpha_beside(stream: av.VideoStream) -> bool:
    """WebM codes alpha as a second picture beside each, which FFmpeg's own decoders ignore."""
    return any(key.lower() == "alpha_mode" and value == "1" for key, value in stream.metadata.items())


def _excerpt(stream: av.VideoStream, settings: FilmSettings) -> Excerpt:
    end = None if settings.end is None else _exactly(settings.end)
    return Excerpt(stream, _exactly(settings.start), end)


def _exactly(seconds: float) -> Fraction:
    """Seconds as a fraction: 1/5 for 0.2, whose binary value is a little more."""
    return Fraction(seconds).limit_denominator(1_000_000)
