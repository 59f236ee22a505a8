"""Sounds and subtitles that cannot be copied, decoded and coded anew, so that the new film has them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from toonify.media.films.containers import Container
from toonify.media.films.frames import load_av

if TYPE_CHECKING:
    import av

_LAYOUTS = ("mono", "stereo", "3.0", "4.0", "quad", "5.0", "5.1", "6.1", "6.1(back)", "7.1", "7.1(wide)")
"""Of loudspeakers, of which every encoder takes one of each number."""

_BITS = 96_000  # a second, of each channel: enough that nobody hears what is lost

Way = Callable[["av.container.OutputContainer"], Any]
"""Adds a stream to an output."""


def ways_anew(stream: Any, container: Container) -> Iterator[tuple[Way, str]]:
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


class CodedAnew(Protocol):
    """A stream that is decoded, and coded as what a stream of the new file is.

    Attributes:
        damaged: How many packets could not be decoded, or hold another kind of sound than the first.
    """

    damaged: int

    def packets(self, packet: av.Packet) -> Iterator[av.Packet]:
        """What becomes of one of its packets."""

    def rest(self) -> Iterator[av.Packet]:
        """What is left in the end."""


def coded_anew(stream: Any, target: Any, begin: Fraction) -> CodedAnew:
    """What codes a stream anew.

    Args:
        stream: The film's.
        target: The new file's, as `ways_anew` adds it.
        begin: When the new film begins, in seconds as the film counts.
    """
    if stream.type != "audio":
        return _Subtitles(stream, target, begin)
    return _Sound(stream, target, begin, whole=target.container.format.name == "avi")


class _Sound:
    """A sound; `whole` with silence wherever there is none, from the beginning of the film on."""

    def __init__(self, sound: Any, target: Any, begin: Fraction, *, whole: bool) -> None:
        self._sound, self._target, self._begin = sound, target, begin
        self._filled: Any = None
        self._whole = whole
        self._end = Fraction(0)
        self.damaged = 0

    def packets(self, packet: av.Packet | None) -> Iterator[av.Packet]:
        """Of none, what the decoder still holds."""
        try:
            for frame in self._sound.decode(packet):
                rate = frame.sample_rate
                time = self._end if frame.pts is None else frame.pts * frame.time_base - self._begin
                self._end = time + Fraction(frame.samples, rate)
                frame.pts, frame.time_base = round(time * rate), Fraction(1, rate)
                for heard in self._heard(frame) if self._whole else (frame,):
                    yield from self._target.encode(heard)
        except (load_av().FFmpegError, ValueError):
            self.damaged += 1

    def _heard(self, frame: av.AudioFrame | None) -> Iterator[av.AudioFrame]:
        """With the silence before it; of none, what is left."""
        av = load_av()
        if self._filled is None and frame is not None:
            self._filled = av.filter.Graph()
            source = self._filled.add_abuffer(
                sample_rate=frame.sample_rate,
                format=frame.format.name,
                layout=frame.layout.name,
                time_base=frame.time_base,
            )
            fill = self._filled.add("aresample", "async=1:first_pts=0")
            self._filled.link_nodes(source, fill, self._filled.add("abuffersink")).configure()
        if self._filled is not None:
            self._filled.push(frame)
            with contextlib.suppress(av.BlockingIOError, av.EOFError):
                while True:
                    yield self._filled.pull()

    def rest(self) -> Iterator[av.Packet]:
        yield from self.packets(None)
        if self._whole:
            for heard in self._heard(None):
                yield from self._target.encode(heard)
        yield from self._target.encode()


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
