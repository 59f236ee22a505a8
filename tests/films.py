"""Films for tests, encoded on the spot."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from drawing import draw_discs

RATE = 25


def scene(name: str, frames: int = 30, width: int = 64, height: int = 48) -> list[np.ndarray]:
    """A drawing of that name over which a camera moves slowly."""
    wide = np.asarray(draw_discs(name, width + frames // 3, height))
    return [wide[:, step // 3 : step // 3 + width] for step in range(frames)]


def encode(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    codec: str = "mpeg4",
    gop: int = 12,
    cuts: bool = True,
    pixel: int = 1,
) -> Path:
    """A film of `RATE` frames a second, with a key frame every `gop` frames and at `cuts`.

    Its pixels are meant to be shown `pixel` times as wide as high.
    """
    pictures = list(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            codec, rate=RATE, options={} if cuts else {"sc_threshold": "1000000000"}
        )
        stream.pix_fmt = "yuv420p"
        stream.height, stream.width = pictures[0].shape[:2]
        stream.codec_context.gop_size = gop
        stream.codec_context.sample_aspect_ratio = Fraction(pixel)
        stream.codec_context.bit_rate = 10**7
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))))
        container.mux(stream.encode())
    return path


def film(path: Path, scenes: int = 4, first: int = 0, **options: str | int) -> Path:
    """So many scenes, each of its own drawing, of 1.2 seconds; another `first` gives others."""
    numbers = range(first, first + scenes)
    return encode(path, (frame for number in numbers for frame in scene(f"scene {number}")), **options)


def decoded(path: Path) -> dict[int, np.ndarray]:
    """Every frame by its time stamp."""
    with av.open(str(path)) as container:
        return {frame.pts: frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)}


def sound(path: Path) -> Path:
    """A second of silence, and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp2", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 44100), np.int16), format="s16", layout="stereo")
        frame.sample_rate = 44100
        for packet in (*stream.encode(frame), *stream.encode()):
            container.mux(packet)
    return path


def turned(path: Path) -> Path:
    """The same MP4 file, marked to be shown turned clockwise by a quarter, as phones do."""
    data = path.read_bytes()
    matrix = data.index(b"tkhd") + 4 + 40
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data[:matrix] + quarter + data[matrix + 36 :])
    return path
