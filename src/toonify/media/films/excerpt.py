"""A film, or a part of it, as it is played: frames in order, all else handed on as it comes."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from toonify.media.films import timing
from toonify.media.films.colours import Sited, is_unsited
from toonify.media.films.deinterlacing import deinterlaced
from toonify.media.films.frames import FilmFrame
from toonify.media.films.pyav import end_of, is_cover, load_av
from toonify.text import counted

if TYPE_CHECKING:
    import av

_MISSING = Fraction(1, 2)  # seconds at the end that a whole film may lack, for lengths are rounded
_SEEK_LATE = ("mpegts", "mpeg", "asf")
_NEVER = -(2**63)  # before any time
_BACK = 1  # seconds by which time may run backwards before a second recording is taken to begin
_RUN_UP = Fraction(1, 20)  # seconds that most decoders of sound need to find their feet; see `_is_played`
_HELD = Fraction(1, 10)  # seconds: what is shown no longer than that of a part leaves no gap to be seen
_MARGIN = 10  # seconds to seek too early in these, which seek too late
_EARLY = 1  # second to seek too early in others, which may go by when a key frame is decoded, not shown; ...
_REORDERED = 16  # ... and at least as many frames as may be decoded ahead of their turn


class Excerpt:
    """What is to be played of a film.

    Args:
        stream: Its pictures.
        start: Seconds after its beginning.
        end: Likewise; `None` for all.

    Attributes:
        begin: When it begins, in seconds as the film counts.
        end: When it ends, likewise; `None` for the film's own end.
        rate: Frames a second, on the average.
        even_rate: Frames a second among which each of its own has a place, if that is known.
        total: Frames, about; `None` if that is not known.
    """

    def __init__(self, stream: av.VideoStream, start: Fraction, end: Fraction | None) -> None:
        self._stream = stream
        self._origin = timing.origin(stream.container)
        self.begin = self._origin + start
        self._skips = start > 0
        self.end = None if end is None else self._origin + end
        self.rate = timing.average_rate(stream)
        self.even_rate = timing.even_rate(stream, self.rate)
        self._length = timing.length(stream, self._origin)
        self._pictures = timing.length_of_pictures(stream)
        self.total = self._count(start, end)
        self._seen = self._seen_pictures = Fraction(0)
        self._last, self._decoded_last = _NEVER, -1
        self._damaged = self._again = self._disordered = 0
        self._broken_off = False
        self._sited: Callable[[av.VideoFrame], av.VideoFrame] | None = None

    def _count(self, start: Fraction, end: Fraction | None) -> int | None:
        """By what the film says of itself."""
        frames = self._stream.frames or round(self._length * self.rate)
        if not self._length or not frames:
            return frames or None
        stop = self._length if end is None else min(end, self._length)
        return max(1, round(frames * max(stop - start, Fraction(0)) / self._length))

    def frames(self, first: FilmFrame) -> Iterator[FilmFrame]:
        """Each frame, in the order that they are shown in.

        Args:
            first: The film's first frame, which the others are like.
        """
        self._seek()
        unit = Fraction(self._stream.time_base)
        held, lasting, before, clock = None, 0, None, _Clock()
        for frame in deinterlaced(self._decoded()):
            pts = frame.pts
            seconds = pts * unit
            if not clock.runs_on(seconds):
                self._again += 1
                continue
            if pts <= self._last:
                self._disordered += 1
                continue
            if seconds < self.begin:
                before = replace(first, pts=pts, seconds=seconds, raw=frame)
                continue
            held, before = held or self._still_shown(before, pts), None
            if held is not None:
                lasting = pts - held.pts
                yield self._lasting(held, lasting)
                held = None
            if self.end is not None and seconds >= self.end:
                return
            self._last = pts
            held = replace(first, pts=pts, seconds=seconds, raw=frame)
        if before is not None:
            held = self._still_shown(before, before.pts + (before.raw.duration or 0))
        if held is not None:
            stated = held.raw.duration or 0
            reordered = self._stream.codec_context.has_b_frames and lasting
            yield self._lasting(held, min(stated, lasting) if reordered else stated)

    def _still_shown(self, before: FilmFrame | None, until: int) -> FilmFrame | None:
        """The frame that is shown as a part begins in a pause, from there on, as of slides or a screen.

        Args:
            before: The last one before the part; `None` for none.
            until: When it is no longer shown, in units of the stream.
        """
        unit = Fraction(self._stream.time_base)
        ends = until * unit if self.end is None else min(until * unit, self.end)
        if before is None or ends - self.begin <= _HELD:
            return None
        pts = math.ceil(self.begin / unit)
        before.raw.duration = until - pts
        return replace(before, pts=pts, seconds=self.begin)

    def _lasting(self, frame: FilmFrame, lasting: int) -> FilmFrame:
        """A frame that is shown so long, in units of the stream, but no longer than the film is played.

        Where frames are decoded in another order than they are shown in, FFmpeg's durations are from one that
        is decoded to the next: another frame than the one before a pause has that of the pause.
        """
        if self.end is not None:
            left = max(self.end - frame.seconds, 1 / self.rate)  # less looks like a film of uneven rate
            lasting = min(lasting, math.ceil(left / self._stream.time_base))
        frame.raw.duration = lasting
        return frame

    def others(self, indices: Collection[int]) -> Iterator[av.Packet]:
        """The packets of other streams that are played meanwhile, as they come: of a film opened for this."""
        self._seek()
        if not indices:
            return
        clocks = {stream.index: _Clock() for stream in self._stream.container.streams}
        for packet in self._packets(indices):
            dts, clock = packet.dts, clocks[packet.stream.index]
            if dts is not None and not clock.runs_on(dts * packet.time_base):
                continue
            if self._is_played(packet):
                yield self._within(packet)
            elif self._is_over(packet):
                return

    def _seek(self) -> None:
        container, first = self._stream.container, self._stream.start_time
        late = container.format.name in _SEEK_LATE
        time = self.begin - (_MARGIN if late else max(Fraction(_EARLY), _REORDERED / self.rate))
        begins = self._origin if first is None else first * self._stream.time_base
        # FFmpeg goes to pictures; where none comes before, that would leave out the sound before the first.
        if self._skips and time > begins:
            container.seek(round(time * timing.MICROSECONDS))

    def _decoded(self) -> Iterator[av.VideoFrame]:
        failure = load_av().FFmpegError
        every = range(len(self._stream.container.streams))  # for a film is as long as the longest of them
        for packet in self._packets(every):
            if packet.stream.index != self._stream.index:  # empty ones at the end have no `stream_index`
                continue
            if not packet.size and packet.dts is not None:  # Theora's way to say that the frame before stays
                continue
            try:
                frames = packet.decode()
            except failure:
                self._damaged += 1
                continue
            self._damaged += sum(frame.is_corrupt for frame in frames)
            yield from (self._timed(frame) for frame in frames if not frame.is_corrupt)

    def _timed(self, frame: av.VideoFrame) -> av.VideoFrame:
        """With the time at which it is shown: a usual time after the one before, if it does not say so.

        AVI and ASF say when frames are decoded, and no more: by FFmpeg's guess at the rest, some go back.
        """
        if self._stream.container.format.name in ("avi", "asf"):
            frame.pts = frame.dts
        if frame.pts is None:
            frame.pts = self._decoded_last + max(1, round(1 / self.rate / self._stream.time_base))
        self._decoded_last = frame.pts
        if self._sited is None:
            codec = self._stream.codec_context.codec.canonical_name
            self._sited = Sited() if is_unsited(frame, codec) else _as_it_is
        return self._sited(frame)

    def _packets(self, indices: Collection[int]) -> Iterator[av.Packet]:
        source = self._stream.container
        try:
            for packet in source.demux(*(source.streams[index] for index in indices)):
                if packet.pts is not None:
                    data = packet.stream.type == "data"  # of which one packet may claim the whole film
                    end = (packet.pts + (0 if data else packet.duration or 0)) * packet.time_base
                    self._seen = max(self._seen, end)
                    if packet.stream_index == self._stream.index:
                        self._seen_pictures = max(self._seen_pictures, end)
                yield packet
        except load_av().FFmpegError:
            self._broken_off = True
            yield end_of(self._stream)

    def _is_played(self, packet: av.Packet) -> bool:
        if packet.dts is None or is_cover(packet.stream):
            return packet.size > 0  # one without data ends its stream
        time = (packet.dts if packet.pts is None else packet.pts) * packet.time_base
        # What comes just before the beginning of the film is the run-up of a sound's decoder. What comes even
        # before was cut off: an MP4 says so in its edit list, and in others it would be heard. The run-up of
        # HE-AAC and of Opus is longer, and they lose a part of it, which only their first packets can show.
        ends = time + (packet.duration or 0) * packet.time_base
        cut_off = packet.is_discard and ends < self.begin - _RUN_UP
        before = cut_off or (self._skips and time < self.begin)
        return not (before or (self.end is not None and time >= self.end))

    def _within(self, packet: av.Packet) -> av.Packet:
        """A subtitle ends with the film."""
        if self.end is not None and packet.stream.type == "subtitle" and packet.pts is not None:
            left = math.ceil(self.end / packet.time_base) - packet.pts
            packet.duration = min(packet.duration or 0, left)
        return packet

    def _is_over(self, packet: av.Packet) -> bool:
        """Whether nothing after a packet is played: by a second more, for streams are not in step."""
        if self.end is None or packet.dts is None:
            return False
        return packet.dts * packet.time_base > self.end + 1

    @property
    def cut_short(self) -> str:
        """How much of the film is there, once all its frames were asked for; empty for all of it."""
        for seen, length in ((self._seen_pictures, self._pictures), (self._seen, self._length)):
            there = max(seen - self._origin, Fraction(0))
            missing = length - there > max(_MISSING, length / 100)
            if self.end is None and (self._broken_off or missing):
                return (
                    f"cut short: the first {float(there):.1f} of {float(length):.1f} seconds are there, "
                    "and were converted"
                )
        return ""

    @property
    def damage(self) -> str:
        """What else was wrong with it then; empty for nothing."""
        if self._again:
            return (
                f"{counted(self._again, 'frame')} left out: their time begins again, as in recordings that "
                "were joined end to end; all else was converted"
            )
        if self._damaged:
            return (
                f"damaged: {counted(self._damaged, 'frame')} could not be decoded; the others were converted"
            )
        if self._disordered:
            return (
                f"damaged: {counted(self._disordered, 'frame')} left out, whose times run backwards; "
                "the others were converted"
            )
        return ""


class _Clock:
    """The times of a stream of one recording, and not of the next, where several were joined end to end.

    A single time that lies far back is damaged, and begins no other recording.
    """

    def __init__(self) -> None:
        self._latest: Fraction | None = None
        self._back = 0  # times in a row that lie far back

    def runs_on(self, time: Fraction) -> bool:
        """Whether a time belongs to the recording."""
        if self._back > 1:
            return False
        if self._latest is not None and self._latest - time > _BACK:
            self._back += 1
            return False
        self._back, self._latest = 0, max(time, self._latest or time)
        return True


def _as_it_is(frame: av.VideoFrame) -> av.VideoFrame:
    return frame
