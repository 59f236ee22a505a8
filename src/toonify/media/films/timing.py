"""When a film begins, how long it is, and how many frames a second it has, by what its container says."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from toonify.media.films.pyav import is_cover

if TYPE_CHECKING:
    import av

MICROSECONDS = 1_000_000
"""Of a second, in which FFmpeg counts (AV_TIME_BASE)."""

_BROADCAST = ("mpegts", "mpeg")  # whose clock goes round: what comes before it does is counted back from 0
_LENGTH_FROM_ZERO = ("matroska,webm", "asf")
_MOST_A_SECOND = 1000  # frames; what claims more is wrong
_USUAL_RATE = Fraction(25)
_NEARLY = Fraction(1, 50)  # of the average rate, by which that of halves may miss twice as many
_MOST_EVEN = 60  # frames a second; more than that is what times are counted in, rather than a rate


def origin(source: av.container.InputContainer) -> Fraction:
    """When a film begins, in seconds: broadcasts, and parts of recordings, do not count from 0.

    Sounds of files do not begin before 0, where no more than the run-up of their decoders is.
    """
    begins = [
        (stream.type, Fraction(stream.start_time * stream.time_base))
        for stream in source.streams
        if stream.type in ("video", "audio") and stream.start_time is not None and not is_cover(stream)
    ]
    from_zero = source.format.name not in _BROADCAST
    times = (max(time, Fraction(0)) if kind == "audio" and from_zero else time for kind, time in begins)
    return min(times, default=Fraction(0))


def length(stream: av.VideoStream, begin: Fraction) -> Fraction:
    """How long the whole film is from its beginning on, in seconds; 0 where it is not told.

    Some containers state lengths that begin at 0. What ASF tells of the whole, FFmpeg takes for the length of
    each stream, and the whole for longer.
    """
    container = stream.container
    stated = Fraction(container.duration or 0, MICROSECONDS)
    if container.format.name == "asf":
        stated = (stream.duration or 0) * Fraction(stream.time_base)
    from_zero = container.format.name in _LENGTH_FROM_ZERO and stated > begin
    return stated - begin if from_zero else stated


def length_of_pictures(stream: av.VideoStream) -> Fraction:
    """How long its pictures alone are, in seconds; 0 where it is not told, as in ASF.

    AVI counts frames at its head, all else there is a guess.
    """
    container = stream.container.format.name
    told = {"avi": stream.frames, "asf": 0}.get(container, stream.duration)
    return Fraction(told or 0) * stream.time_base


def average_rate(stream: av.VideoStream) -> Fraction:
    """Frames a second, on the average."""
    rate = stream.average_rate or stream.guessed_rate
    return Fraction(rate) if rate and rate <= _MOST_A_SECOND else _USUAL_RATE


def even_rate(stream: av.VideoStream, rate: Fraction) -> Fraction:
    """Frames a second between the pauses of a film, as of a screen: the average rate would lose frames."""
    even = stream.base_rate
    if not even or not rate < even <= _MOST_EVEN:
        return rate
    of_halves = abs(even / rate - 2) < _NEARLY  # as FFmpeg counts interlaced frames
    return rate if of_halves else Fraction(even)
