"""Whole frames out of those that were taken as two halves, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from toonify.media.films.frames import load_av

if TYPE_CHECKING:
    import av


def deinterlaced(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same frames at the same times; from the first one that says that it is interlaced, through `bwdif`.

    That filter leaves alone those that do not say so, needs a frame before and after each, and takes frames
    of one kind only: where their size or layout changes, another one begins.

    Args:
        frames: Each with its time.
    """
    graph: Any = None
    kind: tuple[object, ...] = ()
    unit = Fraction(1)
    for frame in frames:
        if graph is not None and _kind(frame) != kind:
            yield from _rest(graph, unit)
            graph = None
        if graph is None and not frame.interlaced_frame:
            yield frame
            continue
        if graph is None:
            graph, kind, unit = _graph(frame), _kind(frame), frame.time_base
        graph.push(frame)
        yield from _ready(graph, unit)
    if graph is not None:
        yield from _rest(graph, unit)


def _kind(frame: av.VideoFrame) -> tuple[object, ...]:
    return frame.width, frame.height, frame.format.name


def _graph(frame: av.VideoFrame) -> Any:
    graph = load_av().filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    graph.link_nodes(
        source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink")
    ).configure()
    return graph


def _rest(graph: Any, unit: Fraction) -> Iterator[av.VideoFrame]:
    graph.push(None)
    yield from _ready(graph, unit)


def _ready(graph: Any, unit: Fraction) -> Iterator[av.VideoFrame]:
    failures = load_av()
    while True:
        try:
            frame = graph.pull()
        except (failures.BlockingIOError, failures.EOFError):
            return
        halves = frame.time_base / unit  # in which the filter counts
        frame.pts, frame.duration = round(frame.pts * halves), round((frame.duration or 0) * halves)
        frame.time_base = unit
        yield frame
