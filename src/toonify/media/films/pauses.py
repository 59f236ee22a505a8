"""Sounds that begin late or pause, which containers without times cannot play as they are."""

from __future__ import annotations

import contextlib
from fractions import Fraction
from pathlib import Path

from toonify.media.films.pyav import load_av, open_input, reading_errors

_LATE = Fraction(1, 20)
"""Seconds of silence in a sound that nobody notices when they are missing."""


def pausing_sounds(path: Path, begin: Fraction) -> frozenset[int]:
    """Indices of the streams that begin late, or leave gaps between packets; none of AVI, which has no times.

    Args:
        path: A film, all of which is read.
        begin: When the new film begins, in seconds as the film counts.

    Raises:
        ToonifyError: if it cannot be opened.
    """
    found = set()
    with reading_errors(), open_input(path) as source, contextlib.suppress(load_av().FFmpegError):
        if source.format.name == "avi" or not source.streams.audio:
            return frozenset()
        until = {sound.index: begin for sound in source.streams.audio}
        for packet in source.demux(*source.streams.audio):
            if packet.pts is not None:
                time = packet.pts * packet.time_base
                if time - until[packet.stream_index] > _LATE:
                    found.add(packet.stream_index)
                ends = time + (packet.duration or 0) * packet.time_base
                until[packet.stream_index] = max(until[packet.stream_index], ends)
    return frozenset(found)
