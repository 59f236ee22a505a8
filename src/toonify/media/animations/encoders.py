"""Animations written frame by frame: Pillow encodes each frame as a still, whose data is copied.

So one frame is in memory at a time; Pillow's own writers of animations hold all until the end.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO, Protocol

from PIL import GifImagePlugin, Image

from toonify.media.compression import WEBP_METHOD, png_options
from toonify.media.png import SIGNATURE, png_chunks, write_chunk
from toonify.media.writing import QUALITY

_OPAQUE = 128  # alpha from which GIF shows a pixel
_HALF = Fraction(1, 2)
_MOST_PLAYS = 65_535  # that GIF and WebP count; APNG counts more


@dataclass(frozen=True)
class Cel:
    """What is written of a frame: the part of it that differs from the one before.

    Attributes:
        image: RGB or RGBA.
        at: Where it lies on the canvas: pixels from the left and from the top.
        seconds: How long it is shown.
        cleared: Whether its part of the canvas is transparent again when the next one comes.
    """

    image: Image.Image
    at: tuple[int, int]
    seconds: Fraction
    cleared: bool = False


class Encoder(Protocol):
    """Writes an animation, cel by cel; the first is the whole canvas."""

    def add(self, cel: Cel) -> None:
        """Append a frame."""

    def finish(self) -> None:
        """Write what is known only at the end."""


class _Clock:
    """How long frames are shown, in whole ticks, without the rest of each adding up.

    Args:
        ticks: How many are a second.
        most: That a frame may have.
    """

    def __init__(self, ticks: int, most: int) -> None:
        self._ticks, self._most = ticks, most
        self._ahead = Fraction(0)

    def shown(self, seconds: Fraction) -> int:
        """Of the next frame, at least 1; 0 is left to the viewer, and stays."""
        if not seconds:
            return 0
        wanted = seconds * self._ticks - self._ahead
        whole = min(max(1, round(wanted)), self._most)
        self._ahead = max(-_HALF, min(_HALF, whole - wanted))  # not what was too short or long to be held
        return whole


class GifEncoder:
    """By the GIF89a specification, each frame with colours of its own.

    Args:
        file: Where to write.
        size: Width and height.
        plays: How often it is shown; 0 for ever.
    """

    def __init__(self, file: BinaryIO, size: tuple[int, int], plays: int) -> None:
        self._file = file
        self._clock = _Clock(100, 2**16 - 1)
        file.write(b"GIF89a" + struct.pack("<2H3B", *size, 0x70, 0, 0))  # no common colours
        if plays != 1:
            file.write(
                b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", min(max(plays - 1, 0), _MOST_PLAYS), 0)
            )

    def add(self, cel: Cel) -> None:
        """As `Encoder.add`."""
        # Where there is no transparent colour, some viewers clear to one of the palette; Pillow does.
        indexed, transparent = _indexed(cel.image, cel.cleared or is_transparent(cel.image))
        options: dict[str, object] = {"include_color_table": True, "disposal": 2 if cel.cleared else 1}
        options |= {"duration": self._clock.shown(cel.seconds) * 10}
        if transparent is not None:
            options["transparency"] = transparent
        self._file.writelines(GifImagePlugin.getdata(indexed, cel.at, **options))

    def finish(self) -> None:
        """As `Encoder.finish`."""
        self._file.write(b";")


def _indexed(image: Image.Image, transparent: bool) -> tuple[Image.Image, int | None]:
    """The image with a palette of at most 256 colours, and the index of a transparent one of them."""
    if not transparent:
        return _of_few_colours(image.convert("RGB"), 256), None
    indexed = _of_few_colours(image.convert("RGB"), 255)
    number = 255
    palette = indexed.getpalette() or []
    indexed.putpalette([*palette, *[0] * (3 * number - len(palette)), 0, 0, 0])
    hidden = image.getchannel("A").point([255] * _OPAQUE + [0] * (256 - _OPAQUE))
    indexed.paste(number, (0, 0), hidden)
    return indexed, number


def _of_few_colours(image: Image.Image, most: int) -> Image.Image:
    """The image with a palette of at most so many colours: its own, if it has no more."""
    if image.getcolors(most):
        return image.quantize(most)
    # An octree in a hundredth of the time of Pillow's median cut, which gives nearly all to large areas. What
    # it takes for each pixel is not the nearest of its colours.
    palette = image.quantize(most, Image.Quantize.FASTOCTREE)
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def is_transparent(image: Image.Image) -> bool:
    """Whether any pixel would be transparent in a GIF."""
    return image.mode == "RGBA" and image.getchannel("A").getextrema()[0] < _OPAQUE  # type: ignore[operator]


class ApngEncoder:
    """By the third edition of the PNG specification, section 11.3.6.

    Args:
        file: Where to write; it must be possible to go back in it.
        plays: As of `GifEncoder`.
        icc_profile: Of the frames.
        exif: What the file says of them; empty for nothing.
    """

    def __init__(self, file: BinaryIO, plays: int, icc_profile: bytes | None, exif: bytes) -> None:
        self._file, self._plays = file, plays
        self._first = {"icc_profile": icc_profile, "exif": exif or None}
        self._count = self._sequence = self._place = 0

    def add(self, cel: Cel) -> None:
        """As `Encoder.add`."""
        still = io.BytesIO()
        cel.image.save(still, "PNG", **png_options(cel.image), **({} if self._count else self._first))
        chunks = list(png_chunks(still.getvalue()))
        if not self._count:
            self._begin([chunk for chunk in chunks if chunk[0] not in (b"IDAT", b"IEND")])
        delay = cel.seconds.limit_denominator(1000)
        control = (*cel.image.size, *cel.at, delay.numerator, delay.denominator, 0, 0)  # replaces, stays
        self._write(b"fcTL", self._next() + struct.pack(">4L2H2B", *control))
        for name, data in chunks:
            if name == b"IDAT" and self._count:
                self._write(b"fdAT", self._next() + data)
            elif name == b"IDAT":
                self._write(name, data)
        self._count += 1

    def _begin(self, header: list[tuple[bytes, bytes]]) -> None:
        self._file.write(SIGNATURE)
        self._write(*header[0])
        self._place = self._file.tell()
        self._control()
        for chunk in header[1:]:
            self._write(*chunk)

    def _control(self) -> None:
        self._write(b"acTL", struct.pack(">2L", self._count, self._plays))

    def _next(self) -> bytes:
        self._sequence += 1
        return struct.pack(">L", self._sequence - 1)

    def _write(self, name: bytes, data: bytes) -> None:
        write_chunk(self._file, name, data)

    def finish(self) -> None:
        """As `Encoder.finish`."""
        self._write(b"IEND", b"")
        self._file.seek(self._place)
        self._control()
        self._file.seek(0, io.SEEK_END)


class WebpEncoder:
    """By the WebP container specification.

    Args:
        file: Where to write; it must be possible to go back in it.
        size: Width and height.
        plays: As of `GifEncoder`.
        transparent: Whether frames may be.
        icc_profile: Of the frames.
        exif: As of `ApngEncoder`.
    """

    def __init__(
        self,
        file: BinaryIO,
        size: tuple[int, int],
        plays: int,
        *,
        transparent: bool,
        icc_profile: bytes | None,
        exif: bytes,
    ) -> None:
        self._file, self._exif = file, exif.removeprefix(b"Exif\0\0")
        self._clock = _Clock(1000, 2**24 - 1)
        flags = 0x02 | (0x08 if exif else 0) | (0x10 if transparent else 0) | (0x20 if icc_profile else 0)
        file.write(b"RIFF\0\0\0\0WEBP")
        self._write(b"VP8X", struct.pack("<L", flags) + _24_bits(size[0] - 1, size[1] - 1))
        if icc_profile:
            self._write(b"ICCP", icc_profile)
        self._write(b"ANIM", struct.pack("<LH", 0, min(plays, _MOST_PLAYS)))

    def add(self, cel: Cel) -> None:
        """As `Encoder.add`; `cel.at` is even."""
        still = io.BytesIO()
        cel.image.save(still, "WEBP", quality=QUALITY, method=WEBP_METHOD)
        width, height = cel.image.size
        milliseconds = self._clock.shown(cel.seconds)
        head = _24_bits(cel.at[0] // 2, cel.at[1] // 2, width - 1, height - 1, milliseconds)
        coded = b"".join(_webp_frame(still.getvalue()))
        self._write(b"ANMF", head + b"\x02" + coded)  # replaces, stays

    def _write(self, name: bytes, data: bytes) -> None:
        self._file.write(name + struct.pack("<L", len(data)) + data + b"\0" * (len(data) % 2))

    def finish(self) -> None:
        """As `Encoder.finish`."""
        if self._exif:
            self._write(b"EXIF", self._exif)
        length = self._file.tell() - 8
        self._file.seek(4)
        self._file.write(struct.pack("<L", length))
        self._file.seek(0, io.SEEK_END)


def _24_bits(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(3, "little") for number in numbers)


def _webp_frame(data: bytes) -> Iterator[bytes]:
    """The chunks of a still file that are its pixels."""
    place = 12
    while place < len(data):
        (length,) = struct.unpack_from("<L", data, place + 4)
        end = place + 8 + length + length % 2
        if data[place : place + 4] in (b"ALPH", b"VP8 ", b"VP8L"):
            yield data[place:end]
        place = end
