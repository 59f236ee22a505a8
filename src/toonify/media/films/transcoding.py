"""Sounds and subtitles that cannot be copied, decoded and coded anew, so that the new film has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from toonify.media.films.containers import Container
from toonify.media.films.filters import Filters
from toonify.media.films.pyav import load_av

if TYPE_CHECKING:
    import av

_LAYOUTS = ("mono", "stereo", "3.0", "4.0", "quad", "5.0", "5.1", "6.1", "6.1(back)", "7.1", "7.1(wide)")
"""Of channels, by FFmpeg's names: for each number of channels every encoder takes one of them."""

_LONGEST_SILENCE = 24 * 3600  # seconds that are filled: a longer one is a time that is wrong

_BITS = 96_000  # a second, of each channel: enough that nobody hears what is lost

Way = Callable[["av.container.OutputContainer"], Any]
"""Adds a stream to an output."""


def ways_to_transcode(stream: Any, container: Container) -> Iterator[tuple[Way, str]]:
    """Ways to code a sound or subtitles anew, the best first, each with the name of what they become.

    Args:
        stream: Of a film; with a decoder.
        container: Of the output.
    """
    if stream.type == "audio":
        for way in _sounds(stream.codec_context, container.sounds.encoder):
            yield way, container.sounds.name
    elif container.subtitles and stream.codec_context.codec.text_sub:
        yield _subtitles(stream, container.subtitles.encoder), container.subtitles.name


def _sounds(decoder: Any, encoder: str) -> Iterator[Way]:
    av = load_av()
    try:
        codec = av.codec.Codec(encoder, "w")
    except ValueError:  # it is not in every FFmpeg
        return
    depth = "s32" if decoder.format and decoder.format.name.startswith("s32") else "s16"
    formats = [each.name for each in codec.audio_formats]
    rate, rates = decoder.sample_rate, sorted(codec.audio_rates or ())
    settings = {
        "format": next((each for each in formats if each.startswith(depth)), formats[0]),
        "rate": next((each for each in rates if each >= rate), max(rates, default=rate)),
        "bit_rate": _BITS * decoder.layout.nb_channels,
    }
    usual = [each for each in _LAYOUTS if av.AudioLayout(each).nb_channels == decoder.layout.nb_channels]
    for layout in dict.fromkeys((decoder.layout.name, *usual)) if usual else ():
        yield partial(_add, encoder, {**settings, "layout": layout})


def _add(encoder: str, settings: dict[str, Any], output: av.container.OutputContainer) -> Any:
    return output.add_stream(encoder, **settings)


def _subtitles(stream: Any, encoder: str) -> Way:
    def add(output: av.container.OutputContainer) -> Any:
        new, decoder = output.add_stream(encoder), stream.codec_context
        decoder.open(strict=False)  # before, it does not know of styles
        new.codec_context.subtitle_header = decoder.subtitle_header
        new.codec_context.time_base = stream.time_base
        return new

    return add


class Transcoder(Protocol):
    """A stream that is decoded, and coded as what a stream of the new file is.

    Attributes:
        damaged: How many packets could not be decoded, hold another kind of sound than the first, or come so
            long after the one before that no silence can fill the gap.
    """

    damaged: int

    def packets(self, packet: av.Packet) -> Iterator[av.Packet]:
        """What becomes of one of its packets."""

    def rest(self) -> Iterator[av.Packet]:
        """What is left in the end."""


def transcoder(stream: Any, target: Any, begin: Fraction) -> Transcoder:
    """What codes a stream anew.

    Args:
        stream: The film's.
        target: The new file's, as `ways_to_transcode` adds it.
        begin: When the new film begins, in seconds as the film counts.
    """
    if stream.type != "audio":
        return _Subtitles(stream, target, begin)
    return _Sound(stream, target, begin, whole=target.container.format.name == "avi")


class _Sound:
    """A sound; `whole` with silence wherever there is none, from the beginning of the film on."""

    def __init__(self, sound: Any, target: Any, begin: Fraction, *, whole: bool) -> None:
        self._sound, self._target, self._begin = sound, target, begin
        self._filled: Filters | None = None
        self._whole = whole
        self._end = Fraction(0)
        self._filled_until = 0
        self.damaged = 0

    def packets(self, packet: av.Packet | None) -> Iterator[av.Packet]:
        """Of none, what the decoder still holds."""
        try:
            for frame in self._sound.decode(packet):
                rate = frame.sample_rate
                time = self._end if frame.pts is None else frame.pts * frame.time_base - self._begin
                if self._whole and time - self._end > _LONGEST_SILENCE:
                    self.damaged += 1
                    continue
                self._end = time + Fraction(frame.samples, rate)
                frame.pts, frame.time_base = round(time * rate), Fraction(1, rate)
                for heard in self._heard(frame) if self._whole else (frame,):
                    yield from self._target.encode(heard)
        except (load_av().FFmpegError, ValueError):
            self.damaged += 1

    def _heard(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
        """With the silence before it.

        The filter makes that, too, but all of a pause at once: it is left no more than a second to fill.
        """
        if self._filled is None:
            self._filled = Filters(frame, ("aresample", "async=1:first_pts=0"))
        rate = frame.sample_rate
        while frame.pts - self._filled_until > rate:
            yield from self._filled.through(_silence(frame, self._filled_until))
            self._filled_until += rate
        yield from self._filled.through(frame)
        self._filled_until = max(self._filled_until, frame.pts + frame.samples)

    def rest(self) -> Iterator[av.Packet]:
        yield from self.packets(None)
        if self._filled is not None:
            for heard in self._filled.through(None):
                yield from self._target.encode(heard)
        yield from self._target.encode()


def _silence(like: av.AudioFrame, pts: int) -> av.AudioFrame:
    """A second of it."""
    frame = load_av().AudioFrame(like.format.name, like.layout.name, like.sample_rate)
    level = b"\x80" if like.format.name.startswith("u8") else b"\0"
    for plane in frame.planes:
        plane.update(level * plane.buffer_size)
    frame.sample_rate, frame.pts, frame.time_base = like.sample_rate, pts, like.time_base
    return frame


class _Subtitles:
    def __init__(self, subtitles: Any, target: Any, begin: Fraction) -> None:
        self._decoder, self._target, self._begin = subtitles.codec_context, target, begin
        self.damaged = 0

    def packets(self, packet: av.Packet) -> Iterator[av.Packet]:
        from av.subtitles.subtitle import SubtitleSet

        try:
            shown = self._decoder.decode2(packet)
            if not shown:  # as between two of them
                return
            coded = self._target.codec_context.encode_subtitle(SubtitleSet.create(shown[0].ass, 0, 0))
        except (load_av().FFmpegError, ValueError):
            self.damaged += 1
            return
        time = packet.dts if packet.pts is None else packet.pts
        coded.pts = coded.dts = (time or 0) - round(self._begin / packet.time_base)
        coded.duration, coded.time_base, coded.stream = packet.duration, packet.time_base, self._target
        yield coded

    def rest(self) -> Iterator[av.Packet]:
        return iter(())
