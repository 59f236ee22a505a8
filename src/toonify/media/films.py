"""Reading films, frame by frame. Needs PyAV, which brings FFmpeg's decoders."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from toonify.distributions import needs
from toonify.errors import ToonifyError, one_line

if TYPE_CHECKING:
    import av
    import numpy as np

FILM_SUFFIXES = frozenset(
    {".avi", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".mpeg", ".mts", ".webm", ".wmv"}
)
_MARGINS = (0, 10, 1_000_000)  # seconds to seek too early, in containers that seek too late
_UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED in FFmpeg's libavutil/pixfmt.h


@dataclass(frozen=True)
class FilmFrame:
    """A decoded frame.

    Attributes:
        pts: When it is shown, in the stream's own units; unique in the film.
        seconds: The same in seconds.
        pixel_ratio: How many times as wide as high its pixels are shown.
    """

    pts: int
    seconds: Fraction
    pixel_ratio: Fraction
    _frame: av.VideoFrame

    def pixels(self) -> np.ndarray[Any, Any]:
        """As it is stored, neither turned nor stretched: RGB, (H, W, 3), uint8."""
        # Film that does not say how its colours are coded: as BT.709 from 720 lines on, as players do.
        unsaid = self._frame.colorspace == _UNSPECIFIED and self._frame.height >= 720
        with _telling():
            return self._frame.to_ndarray(format="rgb24", src_colorspace="ITU709" if unsaid else None)

    def reduced(self, side: int) -> np.ndarray[Any, Any]:
        """A quick and rough version of `pixels` whose short side is `side` at most."""
        frame = self._frame
        scale = min(1.0, side / min(frame.width, frame.height))
        width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        with _telling():
            return frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()

    def upright(self, pixels: np.ndarray[Any, Any]) -> Image.Image:
        """`pixels`, or a part of them, as a player shows them: with square pixels and upright."""
        image = Image.fromarray(pixels)
        if self.pixel_ratio != 1:
            width = max(1, round(image.width * self.pixel_ratio))
            image = image.resize((width, image.height), Image.Resampling.LANCZOS)
        return image.rotate(90 * round(self._frame.rotation / 90), expand=True)


class Film:
    """The best video stream of a file, which is opened each time that it is read.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @staticmethod
    def need_decoders() -> None:
        """Raise a usage `ToonifyError` if PyAV is not installed."""
        _load()

    def frames(self, *, keys: bool = False) -> Iterator[FilmFrame]:
        """All frames that carry a time, or key frames alone; damaged ones are passed over.

        A film that breaks off ends there.

        Raises:
            ToonifyError: if the file cannot be read, or holds no film; the message is the reason, without
                the file's name.
        """
        with _opened(self._path) as stream:
            stream.thread_type = "AUTO"
            yield from _decoded(stream, keys=keys)

    def frame_at(self, pts: int) -> FilmFrame:
        """Exactly the frame that is shown at `pts`, decoded from a key frame before it.

        Raises:
            ToonifyError: as `frames`, and if the film holds no such frame.
        """
        for margin in _MARGINS:
            with _opened(self._path) as stream:
                stream.container.seek(pts - int(margin / stream.time_base), stream=stream)
                found = next((frame for frame in _decoded(stream) if frame.pts >= pts), None)
                if found is not None and found.pts == pts:
                    return found
        raise ToonifyError("the video no longer holds this frame")


def _load() -> Any:
    """PyAV, silent about what is wrong with a file."""
    try:
        import av
    except ImportError as error:
        raise needs("reading films", "av") from error
    av.logging.set_level(None)
    return av


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[av.VideoStream]:
    with _telling(), _load().open(str(path), metadata_errors="replace") as container:
        stream = container.streams.best("video")
        if stream is None:
            raise ToonifyError("holds no video")
        yield stream


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    """Whatever goes wrong with a file inside becomes a `ToonifyError`."""
    try:
        yield
    except (_load().FFmpegError, OSError, ValueError) as error:
        # FFmpeg's own text ends with the path, which has no place in a dataset.
        why = getattr(error, "strerror", None) or one_line(error)
        raise ToonifyError(f"not a video that can be read: {why}") from error


def _decoded(stream: av.VideoStream, *, keys: bool = False) -> Iterator[FilmFrame]:
    failure = _load().FFmpegError
    ratio = Fraction(stream.sample_aspect_ratio or 1)
    with contextlib.suppress(failure):
        for packet in stream.container.demux(stream):
            if keys and packet.size and not packet.is_keyframe:  # without size: the end
                continue
            try:
                frames = packet.decode()
            except failure:
                continue
            for frame in frames:
                if frame.pts is not None and not frame.is_corrupt:
                    yield FilmFrame(frame.pts, frame.pts * stream.time_base, ratio, frame)
