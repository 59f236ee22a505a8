"""A film whose frames are drawn anew, while everything else in it is copied."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from toonify.errors import ToonifyError
from toonify.media.films.containers import CODECS, Container
from toonify.media.films.copying import copy_chapters, copy_streams, described
from toonify.media.films.excerpt import Excerpt
from toonify.media.films.frames import FilmFrame, load_av, why
from toonify.media.films.reading import Film, opened
from toonify.media.metadata import Strip

if TYPE_CHECKING:
    import av

_LAYOUT = "yuv420p"  # that every player takes
_KEEP_DURATIONS = 1 << 8  # AV_CODEC_FLAG_FRAME_DURATION


@dataclass(frozen=True)
class FilmSettings:
    """How a film is written.

    Attributes:
        quality: 1 to 100.
        codec: One of `CODECS`; empty for the container's own.
        start: Seconds from the beginning that are left out.
        end: Seconds after which it ends; `None` for all.
        strip: What is left out of what is written about it.
    """

    quality: int = 80
    codec: str = ""
    start: float = 0.0
    end: float | None = None
    strip: Strip = "nothing"


@contextlib.contextmanager
def redrawing(
    source: Path, target: Path, container: Container, settings: FilmSettings
) -> Iterator[Redrawing]:
    """Open a film to be drawn anew; at the end of the block it is finished.

    Args:
        source: The film.
        target: A file to write to, which is not whole before the end.
        container: What to write.
        settings: How.

    Raises:
        ToonifyError: if the film cannot be read, or not be written; the message is the reason.
    """
    first = next(Film(source).frames(), None)
    if first is None:
        raise ToonifyError("holds no frame that can be decoded")
    with opened(source) as stream:
        stream.thread_type = "AUTO"
        with _writing():
            output = load_av().open(
                f"file:{target}", "w", format=container.muxer, container_options=_options(stream, container)
            )
        try:
            film = Redrawing(source, stream, first, output, container, settings)
            yield film
            film.finish()
        finally:
            with _writing():
                output.close()


class Redrawing:
    """A film on its way from one file to another: its frames go out and come back, all else is copied.

    Attributes:
        size: Width and height of its pictures, upright.
        total: Frames, about; `None` if that is not known.
        notes: What of it is lost.
    """

    def __init__(
        self,
        path: Path,
        stream: av.VideoStream,
        first: FilmFrame,
        output: av.container.OutputContainer,
        container: Container,
        settings: FilmSettings,
    ) -> None:
        self._output, self._unit = output, stream.time_base
        self._first = first
        end = None if settings.end is None else _exactly(settings.end)
        self._excerpt = Excerpt(stream, _exactly(settings.start), end)
        codec = CODECS[settings.codec or container.codecs[0]]
        self._coding = first.coding.written if codec.tells_colours else first.coding.untold(first.size[1])
        self._last = -1
        self._refused = 0
        self.size = first.size
        self.total = self._excerpt.total
        self._kept = first.size if codec.odd else (first.size[0] // 2 * 2, first.size[1] // 2 * 2)
        if not all(self._kept):
            raise ToonifyError(f"{self.size[0]} x {self.size[1]} pixels are too few for this codec")
        with _writing():
            self._target = output.add_stream(
                codec.encoder,
                rate=self._excerpt.rate,
                options=codec.options_for(settings.quality),
                width=self._kept[0],
                height=self._kept[1],
                time_base=stream.time_base if container.any_time else 1 / self._excerpt.rate,
            )
            self._describe(stream, first, settings.strip)
            self._copies, left_out = copy_streams(path, stream, output, container, settings.strip)
            copy_chapters(stream.container, output, self._excerpt.begin, self._excerpt.end)
            output.metadata.update(described(stream.container.metadata, settings.strip))
        self.notes = [*self._losses(first), *left_out]

    def _describe(self, stream: av.VideoStream, first: FilmFrame, strip: Strip) -> None:
        encoder = self._target.codec_context
        encoder.pix_fmt = _LAYOUT
        encoder.sample_aspect_ratio = 1 / first.pixel_ratio if first.sideways else first.pixel_ratio
        encoder.flags |= _KEEP_DURATIONS
        self._coding.tell(encoder)
        self._target.metadata.update(described(stream.metadata, strip))
        self._target.disposition = stream.disposition

    def _losses(self, first: FilmFrame) -> Iterator[str]:
        components = first.raw.format.components
        if first.coding.high_range:
            yield f"high dynamic range ({first.coding.high_range}) tone-mapped to the usual one"
        elif components[0].bits > 8:
            yield f"{components[0].bits} bits a channel reduced to 8"
        if any(component.is_alpha for component in components):
            yield "transparency left out"
        if self._kept != self.size:
            yield f"cut to {self._kept[0]} x {self._kept[1]}: this codec holds even sizes only"

    def frames(self) -> Iterator[FilmFrame]:
        """Each frame, in the order that they are shown in, to be given back to `write` in the same order.

        What is not drawn is copied on the way.
        """
        yield from self._excerpt.frames(self._first, self._copies, self._copy)

    def _copy(self, packet: av.Packet) -> None:
        offset = round(self._excerpt.begin / packet.time_base)
        packet.dts = 0 if packet.dts is None else packet.dts - offset
        packet.pts = packet.dts if packet.pts is None else packet.pts - offset
        packet.stream = self._copies[packet.stream_index]
        av = load_av()
        with _writing():
            try:
                self._output.mux(packet)
            except (av.ArgumentError, av.InvalidDataError):  # times that run backwards, for the most part
                self._refused += 1

    def coded(self, frame: FilmFrame, picture: Image.Image) -> av.VideoFrame:
        """What to give to `write`: a picture in the place of a frame. May be called in any thread.

        Args:
            frame: One of `frames`.
            picture: Upright, RGB.
        """
        import numpy as np

        if picture.size != self.size:  # a film may change its size on the way
            picture = picture.resize(self.size, Image.Resampling.LANCZOS)
        width, height = self._kept
        coded = self._coding.encode(np.ascontiguousarray(np.asarray(picture)[:height, :width]), _LAYOUT)
        unit = self._target.codec_context.time_base
        coded.time_base = unit
        coded.pts = round((frame.seconds - self._excerpt.begin) / unit)
        coded.duration = round((frame.raw.duration or 0) * self._unit / unit)
        return coded

    def write(self, coded: av.VideoFrame) -> None:
        """Append a frame; one that falls on the place of the last is left out, as even times may demand."""
        if coded.pts <= self._last:
            return
        self._last = coded.pts
        with _writing():
            self._output.mux(self._target.encode(coded))

    def finish(self) -> None:
        """Write what the encoder still holds back.

        Raises:
            ToonifyError: if there was no frame at all.
        """
        if self._last < 0:
            raise ToonifyError("holds no frame between `start` and `end`")
        with _writing():
            self._output.mux(self._target.encode())

    @property
    def fault(self) -> str:
        """What was wrong with the film, once all its frames were asked for; empty for nothing."""
        if self._excerpt.fault or not self._refused:
            return self._excerpt.fault
        return (
            f"damaged: {self._refused} packets of sound or subtitles could not be copied; all else is there"
        )


def _exactly(seconds: float) -> Fraction:
    """A fifth for 0.2, which is a little more."""
    return Fraction(seconds).limit_denominator(1_000_000)


def _options(stream: av.VideoStream, container: Container) -> dict[str, str]:
    options = dict(container.options)
    if container.muxer == "mov" and any(key.startswith("com.") for key in stream.container.metadata):
        options["movflags"] += "+use_metadata_tags"  # as phones write them
    return options


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except (load_av().FFmpegError, OSError, ValueError) as error:
        raise ToonifyError(f"cannot be written: {why(error).lower()}") from error
