"""Films for tests, encoded on the spot."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from drawing import draw_discs

from toonify.media import Film

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
        exact = 0x2 | 0x40000 | 0x2000  # bilinear, ACCURATE_RND, FULL_CHR_H_INT
        return {
            frame.pts: frame.to_ndarray(format="rgb24", interpolation=exact)
            for frame in container.decode(video=0)
        }


def remuxed(path: Path, **options: str) -> Path:
    """The same film, its packets put into a new file with these options of the muxer."""
    other = path.with_name(f"other{path.suffix}")
    with av.open(str(path)) as source, av.open(str(other), "w", options=options) as target:
        copies = {stream.index: target.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream_index]
                target.mux(packet)
    return other.replace(path)


def sound(path: Path, cover: np.ndarray | None = None) -> Path:
    """A second of silence, and no picture, or none but a cover."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mp2", rate=44100)
        covers = _cover(container, cover) if cover is not None else []
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * 44100), np.int16), format="s16", layout="stereo")
        frame.sample_rate = 44100
        for packet in (*covers, *stream.encode(frame), *stream.encode()):
            container.mux(packet)
    return path


def turned(path: Path) -> Path:
    """The same MP4 file, marked to be shown turned clockwise by a quarter, as phones do."""
    return displayed(path, 0, 1, -1, 0)


def rich_film(
    path: Path,
    frames: Iterable[np.ndarray],
    *,
    codec: str = "libx264",
    layout: str = "yuv420p",
    times: Iterable[float] | None = None,
    matrix: int = 1,
    full: bool = False,
    transfer: int = 2,
    primaries: int = 2,
    interlaced: bool = False,
    sound: str = "",
    sound_from: float = 0.0,
    rate: int = 48000,
    subtitles: str = "",
    cover: np.ndarray | None = None,
    chapters: Iterable[tuple[float, float, str]] = (),
    metadata: dict[str, str] | None = None,
    movflags: str = "",
) -> Path:
    """A film with all that a film may have.

    Args:
        path: Its suffix says which container.
        frames: RGB.
        codec: FFmpeg's name of the encoder of its pictures.
        layout: Of their pixels.
        times: When each is shown, in seconds; `RATE` of them a second when left out.
        matrix: 1 for BT.709, 6 for BT.601, 9 for BT.2020, as H.273 numbers them.
        full: Whether luma takes all levels.
        transfer: As H.273 numbers it: 16 for PQ, 18 for HLG.
        primaries: Likewise.
        interlaced: Whether its pictures are said to be two halves.
        sound: FFmpeg's name of the encoder of a sound as long as the film; empty for none.
        sound_from: When that begins, in seconds.
        rate: Of that, samples a second.
        subtitles: The codec of one line of text; empty for none.
        cover: A picture on its sleeve.
        chapters: Begin, end and title of each.
        metadata: What is written about it.
        movflags: Of MP4 and MOV.
    """
    pictures = list(frames)
    unit = Fraction(1, RATE if codec.startswith("mpeg") else 1000)
    when = [number / RATE for number in range(len(pictures))] if times is None else list(times)
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"movflags": movflags} if movflags else {}
    with av.open(str(path), "w", container_options=options) as container:
        container.metadata.update(metadata or {})
        container.set_chapters(
            [
                {"id": number, "start": round(begin * 1000), "end": round(end * 1000),
                 "time_base": Fraction(1, 1000), "metadata": {"title": title}}
                for number, (begin, end, title) in enumerate(chapters)
            ]
        )  # fmt: skip
        stream = container.add_stream(codec, rate=RATE, time_base=unit)
        stream.pix_fmt = layout
        stream.height, stream.width = pictures[0].shape[:2]
        encoder = stream.codec_context
        encoder.options = {"crf": "5"} if codec.startswith("lib") else {}
        encoder.bit_rate = 10**7 if codec == "mpeg4" else 0
        encoder.colorspace, encoder.color_range = matrix, 2 if full else 1
        encoder.color_trc, encoder.color_primaries = transfer, primaries
        if interlaced:
            encoder.options |= {"x264-params": "tff=1"}
            encoder.flags |= 1 << 18 | 1 << 29  # AV_CODEC_FLAG_INTERLACED_DCT and _ME
        others = _sound(container, sound, sound_from, len(pictures) / RATE, rate) if sound else []
        others += _subtitles(container, subtitles) if subtitles else []
        others += _cover(container, cover) if cover is not None else []
        container.start_encoding()
        for packet in others:
            container.mux(packet)
        names = {1: 1, 6: 5, 9: 9}  # as swscale numbers them
        for picture, time in zip(pictures, when, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))
            frame = frame.reformat(
                format=layout,
                dst_colorspace=names[matrix],
                dst_color_range=2 if full else 1,
                interpolation=0x2 | 0x40000,  # bilinear, ACCURATE_RND
            )
            frame.pts, frame.time_base = round(time / unit), unit
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _sound(container, codec: str, begin: float, length: float, rate: int) -> list[av.Packet]:
    stream = container.add_stream(codec, rate=rate, bit_rate=128_000 if codec == "wmav2" else 0)
    stream.metadata["language"] = "fra"
    noise = np.random.default_rng(5).normal(0, 3000, (1, 2 * round(rate * length))).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(noise, format="s16", layout="stereo")
    frame.sample_rate = rate
    frame.pts, frame.time_base = round(begin * rate), Fraction(1, rate)
    packets = []
    size = stream.codec_context.frame_size or 960
    resampler = av.AudioResampler(stream.codec_context.format or "fltp", "stereo", rate, size)
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        packets += stream.encode(part)
    return [*packets, *stream.encode()]


def _subtitles(container, codec: str) -> list[av.Packet]:
    stream = container.add_mux_stream(codec, time_base=Fraction(1, 1000))
    text = b"Hello"
    packet = av.Packet(len(text).to_bytes(2, "big") + text if codec == "mov_text" else text)
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = 200
    packet.duration = 400
    return [packet]


def _cover(container, picture: np.ndarray) -> list[av.Packet]:
    stream = container.add_stream("mjpeg", rate=1)
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    return [*stream.encode(av.VideoFrame.from_ndarray(picture)), *stream.encode()]


def packets(path: Path, kind: str) -> list[tuple[float, bytes]]:
    """Time and data of each packet of the first stream of a kind: `audio`, `subtitle`."""
    with av.open(str(path)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        return [
            (float(packet.pts * packet.time_base), bytes(packet))
            for packet in container.demux(stream)
            if packet.size
        ]


def shown(path: Path) -> list[tuple[float, np.ndarray]]:
    """Every frame as a player shows it, but for its pixels' shape: its time and its pixels."""
    return [(float(frame.seconds), np.asarray(frame.picture())) for frame in Film(path).frames()]


def displayed(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """The same MP4 file, with another display matrix."""
    data = path.read_bytes()
    matrix = data.index(b"tkhd") + 4 + 40
    numbers = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(data[:matrix] + numbers + data[matrix + 36 :])
    return path
