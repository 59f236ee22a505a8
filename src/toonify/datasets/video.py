"""`--source video`: films as collections of pictures, one frame a scene.

Needs PyAV, which brings FFmpeg's decoders: `pip install 'toonify-gan[video]'`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from PIL import Image

from toonify.datasets import shot_detection
from toonify.plugins import (
    DatasetSource,
    Domain,
    SourceItem,
    ToonifyError,
    find_pictures,
    one_line,
    usage_error,
)

if TYPE_CHECKING:
    import av

SUFFIXES = frozenset(
    {".avi", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".mpeg", ".mts", ".webm", ".wmv"}
)
MARGINS = (0, 10, 1_000_000)  # seconds to seek too early, in containers that seek too late
UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED in FFmpeg's libavutil/pixfmt.h


@dataclass(frozen=True)
class Frame(SourceItem):
    """A frame of a video.

    Attributes:
        pts: When it is shown, in the stream's own units; unique in the video.
        fault: Why it cannot be used, known since it was listed; empty when it can.
    """

    pts: int = 0
    fault: str = ""


class Video(DatasetSource):
    """The sharpest frame of each scene of all videos below a folder, or of a single one.

    Pictures that lie beside the videos are taken as they are, so that either of PHOTOS and CARTOONS
    may be a folder of pictures.

    Args:
        every_frame: Look at all frames, not only at key frames, which encoders set where a scene
            begins, and which are found a hundred times faster.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"photo", "cartoon"})
    one_root: ClassVar[bool] = False

    def __init__(self, every_frame: bool = False) -> None:
        self.every_frame = every_frame
        _load()

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Frames called `film.mkv@00:01:23.400`; pictures by their relative path."""
        folder = root if root.is_dir() else root.parent
        paths = list(find_pictures(root, also=SUFFIXES)) if root.is_dir() else [root]
        if not paths:
            raise usage_error(
                f"{root} holds neither videos nor pictures", f"Videos: *{', *'.join(sorted(SUFFIXES))}."
            )
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if path.suffix.lower() in SUFFIXES or path == root:
                yield from self._frames(name, path)
            else:
                yield SourceItem(name, path)

    def _frames(self, name: str, path: Path) -> Iterator[Frame]:
        """The best frame of each scene; for a video without any, an item that says why."""
        try:
            with _opened(path) as stream:
                stream.thread_type = "AUTO"
                times: set[str] = set()
                for best in _best(_decoded(stream, keys=not self.every_frame)):
                    time = _clock(best.pts * stream.time_base)
                    if time not in times:  # recordings joined end to end begin to count again
                        times.add(time)
                        yield Frame(f"{name}@{time}", path, pts=best.pts, fault=best.fault)
                if not times:
                    raise ToonifyError("holds no frame that can be decoded")
        except ToonifyError as error:
            yield Frame(name, path, fault=error.message)

    def open(self, item: SourceItem) -> Image.Image:
        if not isinstance(item, Frame):
            return super().open(item)
        if item.fault:
            raise ToonifyError(item.fault)
        for margin in MARGINS:
            with _opened(item.path) as stream:
                frame = _frame_at(stream, item.pts, margin)
                if frame is not None:
                    return _upright(frame, stream)
        raise ToonifyError("the video no longer holds this frame")


def _load() -> Any:
    """PyAV, silent about what is wrong with a file.

    Raises:
        ToonifyError: if it is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise usage_error("the source 'video' needs PyAV", "pip install 'toonify-gan[video]'") from error
    av.logging.set_level(None)
    return av


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[av.VideoStream]:
    """The video stream of a file, while it is open.

    Raises:
        ToonifyError: if there is none, or the file cannot be read.
    """
    av = _load()
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = container.streams.best("video")
            if stream is None:
                raise ToonifyError("holds no video")
            yield stream
    except (av.FFmpegError, OSError, ValueError) as error:
        # FFmpeg's own text ends with the path, which has no place in a dataset.
        why = getattr(error, "strerror", None) or one_line(error)
        raise ToonifyError(f"not a video that can be read: {why}") from error


@dataclass(frozen=True)
class _Candidate:
    pts: int
    sharpness: float
    fault: str


def _best(frames: Iterable[av.VideoFrame]) -> Iterator[_Candidate]:
    """The sharpest frame of each scene. A scene lasts as long as frames look like its first."""
    first: np.ndarray | None = None
    best: _Candidate | None = None
    for frame in frames:
        small = _small(frame)
        signature = shot_detection.signature(small)
        found = _Candidate(frame.pts, shot_detection.sharpness(small), shot_detection.fault(small))
        if best is None or first is None or shot_detection.differs(signature, first):
            if best:
                yield best
            first, best = signature, found
        elif found.sharpness > best.sharpness:
            best = found
    if best:
        yield best


def _decoded(stream: av.VideoStream, *, keys: bool = False) -> Iterator[av.VideoFrame]:
    """All frames, or key frames, that carry a time; damaged ones are passed over.

    A film that breaks off ends there.
    """
    av = _load()
    with contextlib.suppress(av.FFmpegError):
        for packet in stream.container.demux(stream):
            if keys and packet.size and not packet.is_keyframe:  # without size: the end
                continue
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            yield from (frame for frame in frames if frame.pts is not None and not frame.is_corrupt)


def _frame_at(stream: av.VideoStream, pts: int, margin: float) -> av.VideoFrame | None:
    """Exactly the frame that is shown at `pts`, decoded from a key frame before it."""
    stream.container.seek(pts - int(margin / stream.time_base), stream=stream)
    for frame in _decoded(stream):
        if frame.pts >= pts:
            return frame if frame.pts == pts else None
    return None


def _small(frame: av.VideoFrame) -> np.ndarray:
    scale = min(1.0, shot_detection.SIDE / min(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    return frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()


def _upright(frame: av.VideoFrame, stream: av.VideoStream) -> Image.Image:
    """A frame as a player shows it, without black bars."""
    # Video that does not say how its colours are coded: as BT.709 from 720 lines on, as players do.
    unsaid = frame.colorspace == UNSPECIFIED and frame.height >= 720
    pixels = frame.to_ndarray(format="rgb24", src_colorspace="ITU709" if unsaid else None)
    image = Image.fromarray(shot_detection.without_bars(pixels))
    ratio = stream.sample_aspect_ratio
    if ratio and ratio != 1:
        image = image.resize((max(1, round(image.width * ratio)), image.height), Image.Resampling.LANCZOS)
    return image.rotate(90 * round(frame.rotation / 90), expand=True)


def _clock(seconds: Fraction) -> str:
    """Such as `00:01:23.400`."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds / 1000:06.3f}"
