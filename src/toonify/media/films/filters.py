"""FFmpeg's filters, for pictures and sounds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any


class Filters:
    """Filters one after another, for frames of one kind.

    Args:
        like: One of them, of pictures or of sound.
        filters: FFmpeg's name of each, and its options.
    """

    def __init__(self, like: Any, *filters: tuple[str, str]) -> None:
        import av

        self._graph = av.filter.Graph()
        unit = like.time_base or Fraction(1)
        if isinstance(like, av.AudioFrame):
            source = self._graph.add_abuffer(
                sample_rate=like.sample_rate,
                format=like.format.name,
                layout=like.layout.name,
                time_base=unit,
            )
            sink = self._graph.add("abuffersink")
        else:
            source = self._graph.add_buffer(
                width=like.width, height=like.height, format=like.format.name, time_base=unit
            )
            sink = self._graph.add("buffersink")
        self._graph.link_nodes(source, *(self._graph.add(*each) for each in filters), sink).configure()

    def through(self, frame: Any) -> Iterator[Any]:
        """What is ready once a frame is in; of `None`, in the end, what is left."""
        import av

        self._graph.push(frame)
        while True:
            try:
                done = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            yield done
