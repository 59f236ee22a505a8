"""Which kinds of films are read and written, and what each can hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toonify.errors import ToonifyError
from toonify.resources import instructions

_MP4_SUFFIXES = {".mp4", ".m4v", ".mov", ".f4v", ".3gp", ".3g2"}
_MPEG_SUFFIXES = {".mpg", ".mpeg", ".vob", ".m2ts", ".mts"}
FILM_SUFFIXES = frozenset(
    {".avi", ".mkv", ".webm", ".wmv", ".asf", ".flv", ".ogv", ".mxf"} | _MP4_SUFFIXES | _MPEG_SUFFIXES
)
"""Of films that are looked for in a folder; not `.ts`, by which programs in TypeScript are called, too."""

BEGINNING = 400
"""Bytes by which films are known."""

READ = "mov,matroska,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,mxf,dv"
"""FFmpeg's names of the containers that are read. Not playlists, which would name further files to open."""


@dataclass(frozen=True)
class Codec:
    """How pictures are coded.

    Attributes:
        encoder: FFmpeg's name of it.
        finest: The number by which it is told to be of quality 100: a constant rate factor or quantiser.
        coarsest: That of quality 0.
        odd: Whether it holds odd widths and heights with halved colours.
        options: Of the encoder.
        with_avx512: Of the encoder, on processors with these instructions.
        scale: What the encoder calls that number; how many of its units are one.
        tells_colours: Whether it says by which matrix and range its numbers are colours.
        tells_shape: Whether it says that its pixels are not square. (Of what the containers say of that, PyAV
            writes nothing.)
        least: Pixels of the shortest side that it holds.
    """

    encoder: str
    finest: float
    coarsest: float
    odd: bool
    options: tuple[tuple[str, str], ...] = ()
    with_avx512: tuple[tuple[str, str], ...] = ()
    scale: tuple[str, int] = ("crf", 1)
    tells_colours: bool = True
    tells_shape: bool = True
    least: int = 1

    def options_for(self, quality: int) -> dict[str, str]:
        """The encoder's options for a quality from 1 to 100."""
        number = self.coarsest + (self.finest - self.coarsest) * quality / 100
        name, units = self.scale
        here = self.with_avx512 if "avx512f" in instructions() else ()
        return {**dict(self.options), **dict(here), name: f"{number * units:.0f}"}


CODECS = {
    "h264": Codec(
        "libx264",
        10,
        50,
        False,
        (("preset", "superfast"), ("mbtree", "1"), ("rc-lookahead", "10")),
        (("x264-params", "asm=avx2"),),
    ),
    "hevc": Codec(
        "libx265", 12, 51, False, (("preset", "veryfast"), ("x265-params", "log-level=none")), least=16
    ),
    "vp9": Codec(
        "libvpx-vp9",
        17,
        63,
        True,
        (("deadline", "realtime"), ("cpu-used", "5"), ("row-mt", "1"), ("b", "0")),
        tells_shape=False,
    ),
    "mpeg4": Codec(
        "mpeg4", 1, 31, True, (("flags", "+qscale"),), scale=("global_quality", 118), tells_colours=False
    ),
}
"""What films may be coded with. Factors are set so that the same quality looks about the same.

H.264: x264's "superfast", but looking ahead as "veryfast" does, takes half the time of that, for 7 % larger
files at the same PSNR. With AVX-512 its macroblock tree reads what nobody has written, so that the bits of a
film would hang on what else was in memory; without, it is no slower.

Not AV1: for root, SVT-AV1 makes the process that calls it a real-time one, which nothing else on the machine
runs beside.
"""


@dataclass(frozen=True)
class Fallback:
    """What a sound or subtitles become that cannot be copied.

    Attributes:
        encoder: FFmpeg's name of it.
        name: As people know it.
    """

    encoder: str
    name: str


@dataclass(frozen=True)
class Container:
    """What a film file is.

    Attributes:
        name: As people know it.
        muxer: FFmpeg's name of it.
        codecs: What its pictures may be coded with; the first one unless people ask for another.
        sounds: What those become that cannot be copied into it.
        subtitles: Likewise; `None` where it holds none.
        any_time: Whether each frame may have its own time; otherwise they follow each other evenly.
        options: Of the muxer.
    """

    name: str
    muxer: str
    codecs: tuple[str, ...]
    sounds: Fallback
    subtitles: Fallback | None
    any_time: bool = True
    options: tuple[tuple[str, str], ...] = ()

    def chosen(self, wanted: str) -> str:
        """The name in `CODECS` that is meant, by itself or by `auto`, whether it is written so or not."""
        return self.codecs[0] if wanted == "auto" else wanted

    def codec(self, wanted: str) -> str:
        """The name in `CODECS` of what its pictures are coded with.

        Args:
            wanted: That name, or `auto`.

        Raises:
            ToonifyError: if it is not written so.
        """
        name = self.chosen(wanted)
        if name not in self.codecs:
            raise ToonifyError(
                f"{self.name} is not written with the codec {name}",
                f"`codec` may be {' or '.join(self.codecs)} for it.",
            )
        return name


_TIMED_TEXT = Fallback("mov_text", "timed text")
_FAST_START = (("movflags", "faststart"),)
_MP4 = Container(
    "MP4", "mp4", ("h264", "hevc", "vp9"), Fallback("aac", "AAC"), _TIMED_TEXT, options=_FAST_START
)
CONTAINERS = {
    ".mp4": _MP4,
    ".m4v": _MP4,
    ".mov": Container(
        "MOV", "mov", ("h264", "hevc"), Fallback("alac", "ALAC"), _TIMED_TEXT, options=_FAST_START
    ),
    ".mkv": Container(
        "MKV", "matroska", ("h264", "hevc", "vp9"), Fallback("flac", "FLAC"), Fallback("subrip", "SubRip")
    ),
    ".webm": Container("WebM", "webm", ("vp9",), Fallback("libopus", "Opus"), Fallback("webvtt", "WebVTT")),
    ".avi": Container("AVI", "avi", ("mpeg4",), Fallback("pcm_s16le", "PCM"), None, any_time=False),
}
"""What is written, by suffix. What is only read becomes MKV, which loses no sound."""

_BEGINNINGS = re.compile(
    rb"....ftyp(iso|mp4|avc|qt  |M4|3g|f4|dash|MSNV)"  # ISO base media, MP4 and MOV
    rb"|....(moov|mdat|wide|skip)"  # MOV of old
    rb"|\x1aE\xdf\xa3"  # Matroska, WebM
    rb"|RIFF....AVI "
    rb"|\0\0\x01[\xba\xb3]"  # MPEG
    rb"|G.{187}G.{187}G|.{4}G.{191}G"  # MPEG transport streams, of recorders and of cameras
    rb"|\x30\x26\xb2\x75\x8e\x66\xcf\x11"  # ASF: WMV
    rb"|FLV\x01"
    rb"|\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02",  # MXF
    re.DOTALL,
)


def begins_like_a_film(data: bytes) -> bool:
    """Whether the first bytes of a file, `BEGINNING` or more, are those of a film, whatever it is called."""
    return bool(_BEGINNINGS.match(data))
