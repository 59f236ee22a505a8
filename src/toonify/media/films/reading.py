"""Reading films, frame by frame."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.errors import ToonifyError
from toonify.media.films.colours import Scalers
from toonify.media.films.frames import FilmFrame, turn_of
from toonify.media.films.pyav import end_of, is_cover, load_av, open_input, reading_errors
from toonify.media.films.truncation import lacks_index
from toonify.media.sources import need_regular_file
from toonify.storage import AnyPath

if TYPE_CHECKING:
    import av

_MARGINS = (0, 10, 1_000_000)  # seconds to seek too early, in containers that seek too late


class Film:
    """The best video stream of a file, which is opened each time that it is read.

    Args:
        path: The file.
    """

    def __init__(self, path: AnyPath) -> None:
        self._path = Path(path)

    @staticmethod
    def need_decoders() -> None:
        """Raise a usage `ToonifyError` if PyAV is not installed."""
        load_av()

    def frames(self, *, keys: bool = False) -> Iterator[FilmFrame]:
        """All frames that carry a time, or key frames alone; damaged ones are passed over.

        A film that breaks off ends there.

        Raises:
            ToonifyError: if the file cannot be read, or holds no film; the message is the reason, without
                the file's name.
        """
        with opened(self._path) as stream:
            stream.thread_type = "AUTO"
            yield from _decoded(stream, keys=keys)

    def frame_at(self, pts: int) -> FilmFrame:
        """Exactly the frame that is shown at `pts`, decoded from a key frame before it.

        Raises:
            ToonifyError: as `frames`, and if the film holds no such frame.
        """
        for margin in _MARGINS:
            with opened(self._path) as stream:
                stream.container.seek(pts - int(margin / stream.time_base), stream=stream)
                found = next((frame for frame in _decoded(stream) if frame.pts >= pts), None)
                if found is not None and found.pts == pts:
                    return found
        raise ToonifyError("the video no longer holds this frame")


def can_read_films() -> bool:
    """Whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[av.VideoStream]:
    """The best video stream of a file.

    Raises:
        ToonifyError: if it cannot be read, or has none that can be decoded.
    """
    need_regular_file(path)
    with reading_errors(), _container(path) as container:
        stream = container.streams.best("video")
        if stream is None or is_cover(stream):  # FFmpeg takes a cover for a film where there is no other
            raise ToonifyError("holds no video")
        if stream.codec_context is None:
            raise ToonifyError("coded in a way that is not known here")
        yield stream


def _container(path: Path) -> av.container.InputContainer:
    """As `open_input`, but what FFmpeg says of no use is said in our own words."""
    av = load_av()
    try:
        return open_input(path)
    except av.InvalidDataError:
        if lacks_index(path):
            raise ToonifyError(
                "its index is not there, without which it cannot be read: it was cut short, "
                "or its recording was not finished"
            ) from None
        raise
    except av.ArgumentError:  # by the list of containers that are read
        raise ToonifyError("no film of a kind that is read") from None


def _decoded(stream: av.VideoStream, *, keys: bool = False) -> Iterator[FilmFrame]:
    ratio = Fraction(stream.sample_aspect_ratio or 1)
    turn, begun, scalers = None, False, Scalers()
    for packet in _packets(stream):
        if keys and packet.size and not packet.is_keyframe:  # without size: the end
            continue
        try:
            frames = packet.decode()
        except load_av().FFmpegError:
            continue
        for frame in frames:
            if frame.pts is None or frame.is_corrupt:
                continue
            if not begun:
                turn, begun = turn_of(frame), True
            yield FilmFrame(frame.pts, frame.pts * stream.time_base, ratio, turn, frame, scalers)


def _packets(stream: av.VideoStream) -> Iterator[av.Packet]:
    """Its packets, the last one empty; where the film breaks off, those before."""
    try:
        yield from stream.container.demux(stream)
    except load_av().FFmpegError:
        yield end_of(stream)
