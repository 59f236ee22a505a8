"""Sounds that cannot be copied, decoded and coded anew, so that the new film has them."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from toonify.media.films.frames import load_av

if TYPE_CHECKING:
    import av


class CodedAnew:
    """A sound that is decoded, and coded as what a stream of the new file is.

    Args:
        sound: The film's.
        target: The new file's.
        begin: When the new film begins, in seconds as the film counts.

    Attributes:
        damaged: How many packets could not be decoded, or hold another kind of sound than the first.
    """

    def __init__(self, sound: Any, target: Any, begin: Fraction) -> None:
        self._sound, self._target, self._begin = sound, target, begin
        self._end = Fraction(0)
        self.damaged = 0

    def packets(self, packet: av.Packet | None) -> Iterator[av.Packet]:
        """What becomes of one of its packets; of none, what the decoder still holds."""
        try:
            for frame in self._sound.decode(packet):
                rate = frame.sample_rate
                time = self._end if frame.pts is None else frame.pts * frame.time_base - self._begin
                self._end = time + Fraction(frame.samples, rate)
                frame.pts, frame.time_base = round(time * rate), Fraction(1, rate)
                yield from self._target.encode(frame)
        except (load_av().FFmpegError, ValueError):
            self.damaged += 1

    def rest(self) -> Iterator[av.Packet]:
        """What is left in the end."""
        yield from self.packets(None)
        yield from self._target.encode()
