"""Whole frames out of those that were taken as two halves, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from toonify.media.films.frames import load_av

if TYPE_CHECKING:
    import av


def deinterlaced(frames: Iterable[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """The same frames at the same times; from the first one that says that it is interlaced, through `bwdif`.

    That filter leaves alone those that do not say so, and needs a frame before and after each.
    """
    graph: Any = None
    unit = None
    for frame in frames:
        if graph is None and not frame.interlaced_frame:
            yield frame
            continue
        if graph is None:
            graph, unit = _graph(frame), frame.time_base
        graph.push(frame)
        yield from _ready(graph, unit)
    if graph is not None:
        graph.push(None)
        yield from _ready(graph, unit)


def _graph(frame: av.VideoFrame) -> Any:
    graph = load_av().filter.Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    graph.link_nodes(
        source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink")
    ).configure()
    return graph


def _ready(graph: Any, unit: Any) -> Iterator[av.VideoFrame]:
    failures = load_av()
    while True:
        try:
            frame = graph.pull()
        except (failures.BlockingIOError, failures.EOFError):
            return
        frame.pts = round(frame.pts * frame.time_base / unit)  # the filter counts in halves
        frame.time_base = unit
        yield frame
