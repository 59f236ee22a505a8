"""A film file that is written: one stream for what is drawn, and one for each that is copied."""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.errors import ToonifyError
from toonify.media.films.colours import Coding
from toonify.media.films.containers import CODECS, Codec, Container
from toonify.media.films.copying import commented, copy_chapters, copy_streams, described
from toonify.media.films.excerpt import Excerpt
from toonify.media.films.frames import FilmFrame
from toonify.media.films.muxing import mux
from toonify.media.films.pyav import is_cover, load_av, open_scratch, writing_errors
from toonify.media.films.transcoding import Transcoder, transcoder
from toonify.media.metadata import Strip

if TYPE_CHECKING:
    import av

LAYOUT = "yuv420p"  # that every player takes
_LARGEST = 16_384  # pixels of a side: files may say that theirs are 255 times as wide as high
_KEEP_DURATIONS = 1 << 8  # AV_CODEC_FLAG_FRAME_DURATION


@dataclass(frozen=True)
class FilmSettings:
    """How a film is written.

    Attributes:
        quality: 1 to 100.
        codec: One of `CODECS`, or `auto` for the container's own.
        start: Seconds from the beginning that are left out.
        end: Seconds after which it ends; `None` for all.
        strip: What is left out of what is written about it.
    """

    quality: int = 80
    codec: str = "auto"
    start: float = 0.0
    end: float | None = None
    strip: Strip = "nothing"


@dataclass(frozen=True)
class FilmOutput:
    """What a film is written as.

    Attributes:
        source: The film that it is made of.
        container: What kind of file.
        settings: How.
        first: The film's first frame.
        rate: Frames a second, on the average.
        unit: What times of frames are counted in, in seconds.
        pausing: Sounds that begin late or pause, by index, where the container has no times.
    """

    source: Path
    container: Container
    settings: FilmSettings
    first: FilmFrame
    rate: Fraction
    unit: Fraction
    pausing: frozenset[int]

    @property
    def codec(self) -> Codec:
        return CODECS[self.container.codec(self.settings.codec)]

    @property
    def coding(self) -> Coding:
        """How its numbers stand for colours."""
        first = self.first
        return first.coding.written if self.codec.tells_colours else first.coding.untold(first.size[1])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that are kept of each frame.

        Raises:
            ToonifyError: if nothing is.
        """
        width, height = self.first.size
        kept = (width, height) if self.codec.odd else (width // 2 * 2, height // 2 * 2)
        if min(kept) < self.codec.least:
            raise ToonifyError(f"{width} x {height} pixels are too few for this codec")
        return kept

    @property
    def _pixel_ratio(self) -> Fraction:
        """How many times as wide as high the pixels of `size` are."""
        ratio = self.first.pixel_ratio
        return 1 / ratio if self.first.sideways else ratio

    @property
    def coded_size(self) -> tuple[int, int]:
        """`size`, but for codecs of square pixels `shown_size`, unless that is too large."""
        return self.size if self.squared else self.shown_size

    @property
    def squared(self) -> bool:
        """Whether it is shown as if its pixels were square: with its own shape it would be too large."""
        return self.shown_size != self.size and max(self.shown_size) > _LARGEST

    @property
    def shown_size(self) -> tuple[int, int]:
        """`size`, but for codecs of square pixels, for which it is stretched to the film's shape."""
        width, height = self.size
        ratio = self._pixel_ratio
        if self.codec.tells_shape or ratio == 1:
            return width, height
        return (round(width * ratio), height) if ratio > 1 else (width, round(height / ratio))

    @contextlib.contextmanager
    def encoder(self, stream: av.VideoStream) -> Iterator[av.VideoStream]:
        """A new encoder, whose first frame is a key frame.

        Args:
            stream: The film's pictures.
        """
        with writing_errors(), open_scratch(self.container.muxer) as scratch:
            yield self._add_drawn(scratch, stream)

    def rehearse(self, stream: av.VideoStream, excerpt: Excerpt) -> list[str]:
        """Find out in memory whether such a file can be written, before hours go into it.

        Returns:
            What is left out.
        """
        with writing_errors(), open_scratch(self.container.muxer) as scratch:
            *_, left_out = self._prepare(scratch, stream, excerpt)
            scratch.start_encoding()
        return left_out

    def write(
        self,
        path: Path,
        stream: av.VideoStream,
        excerpt: Excerpt,
        drawn: Iterable[av.Packet],
        made_by: str = "",
    ) -> int:
        """Write the file.

        Args:
            path: Where to.
            stream: The film's pictures, of a film that was opened for this.
            excerpt: What of it is played.
            drawn: Packets of the drawn pictures, in the order of decoding.
            made_by: A line to add on how it was made.

        Returns:
            How many packets of what is copied the container refused.
        """
        options = _options(stream, self.container)
        with (
            writing_errors(),
            load_av().open(
                f"file:{path}", "w", format=self.container.muxer, container_options=options
            ) as output,
        ):
            target, copies, _ = self._prepare(output, stream, excerpt, made_by)
            output.start_encoding()  # before the first packet asks for the ticks of its stream
            mine = (_drawn(packet, target) for packet in drawn)
            anew = {
                index: transcoder(stream.container.streams[index], copy, excerpt.begin)
                for index, copy in copies.items()
                if copy.type != "video" and copy.codec_context and copy.codec_context.is_encoder
            }
            refused = mux(output, heapq.merge(mine, _others(excerpt, copies, anew), key=_when))
            return refused + sum(each.damaged for each in anew.values())

    def _prepare(
        self,
        output: av.container.OutputContainer,
        stream: av.VideoStream,
        excerpt: Excerpt,
        made_by: str = "",
    ) -> tuple[av.VideoStream, dict[int, Any], list[str]]:
        target = self._add_drawn(output, stream)
        copies, left_out = copy_streams(
            self.source, stream, output, self.container, self.settings.strip, self.pausing
        )
        copy_chapters(stream.container, output, excerpt.begin, excerpt.end, self.settings.strip)
        told = described(stream.container.metadata, self.settings.strip)
        output.metadata.update(commented(told, made_by))
        return target, copies, left_out

    def _add_drawn(self, output: av.container.OutputContainer, stream: av.VideoStream) -> av.VideoStream:
        width, height = self.coded_size
        target = output.add_stream(
            self.codec.encoder,
            rate=self.rate,
            options=self.codec.options_for(self.settings.quality),
            width=width,
            height=height,
            time_base=self.unit,
        )
        encoder = target.codec_context
        encoder.pix_fmt = LAYOUT
        encoder.thread_type = "FRAME"  # or each is cut into as many slices as there are cores
        encoder.sample_aspect_ratio = self._pixel_ratio if self.codec.tells_shape else Fraction(1)
        encoder.flags |= _KEEP_DURATIONS
        if encoder.name == "libx265" and self.container.muxer in ("mp4", "mov"):
            encoder.codec_tag = "hvc1"  # parameters in the index alone, not "hev1": Apple plays no other
        self.coding.tell(encoder)
        target.metadata.update(described(stream.metadata, self.settings.strip))
        target.disposition = stream.disposition
        return target


def _drawn(packet: av.Packet, target: av.VideoStream) -> av.Packet:
    packet.stream, packet.time_base = target, target.codec_context.time_base
    return packet


def _others(excerpt: Excerpt, copies: dict[int, Any], anew: dict[int, Transcoder]) -> Iterator[av.Packet]:
    """The packets of all streams but the pictures: as they are, or coded anew."""
    for packet in excerpt.others(copies):
        index = packet.stream_index
        if index in anew:
            yield from anew[index].packets(packet)
        else:
            yield _copied(packet, copies[index], excerpt.begin)
    for each in anew.values():
        yield from each.rest()


def _copied(packet: av.Packet, target: Any, begin: Fraction) -> av.Packet:
    offset = round(begin / packet.time_base)
    if is_cover(packet.stream):
        packet.dts = packet.pts = None
    packet.dts = 0 if packet.dts is None else packet.dts - offset
    packet.pts = packet.dts if packet.pts is None else packet.pts - offset
    packet.stream = target
    return packet


def _when(packet: av.Packet) -> Fraction:
    return packet.dts * packet.time_base


def _options(stream: av.VideoStream, container: Container) -> dict[str, str]:
    options = dict(container.options)
    if container.muxer in ("mov", "mp4") and any(key.startswith("com.") for key in stream.container.metadata):
        options["movflags"] += "+use_metadata_tags"  # as phones write them: by names
    return options
