"""Whole frames out of those that were taken as two halves, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from toonify.media.films.filters import Filters

if TYPE_CHECKING:
    import av


def deinterlaced(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same frames at the same times; from the first one that says that it is interlaced, through `bwdif`.

    That filter leaves alone those that do not say so, needs a frame before and after each, and takes frames
    of one kind only: where their size or layout changes, another one begins.

    Args:
        frames: Each with its time.
    """
    filters: Filters | None = None
    kind: tuple[object, ...] = ()
    unit = Fraction(1)
    for frame in frames:
        if filters and _kind(frame) != kind:
            yield from _through(filters, None, unit)
            filters = None
        if not filters and not frame.interlaced_frame:
            yield frame
            continue
        if not filters:
            filters = Filters(frame, ("bwdif", "mode=send_frame:deint=interlaced"))
            kind, unit = _kind(frame), frame.time_base
        yield from _through(filters, frame, unit)
    if filters:
        yield from _through(filters, None, unit)


def _kind(frame: av.VideoFrame) -> tuple[object, ...]:
    return frame.width, frame.height, frame.format.name


def _through(filters: Filters, frame: av.VideoFrame | None, unit: Fraction) -> Iterator[av.VideoFrame]:
    for done in filters.through(frame):
        halves = done.time_base / unit  # in which the filter counts
        done.pts, done.duration = round(done.pts * halves), round((done.duration or 0) * halves)
        done.time_base = unit
        yield done
