"""PyAV, which brings FFmpeg: loaded when a film is opened, with its failures as a `ToonifyError`."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from toonify.distributions import needs
from toonify.errors import ToonifyError, one_line
from toonify.media.films.containers import READ

if TYPE_CHECKING:
    import av


def load_av() -> Any:
    """PyAV, silent about what is wrong with a file.

    Raises:
        ToonifyError: if it is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise needs("reading films", "av") from error
    av.logging.set_level(None)
    return av


def open_input(path: Path) -> av.container.InputContainer:
    """A film's file, whatever its name is and its descriptions are written in.

    Raises:
        av.FFmpegError: if it is none.
    """
    pyav = load_av()
    options: dict[str, Any] = {"container_options": {"format_whitelist": READ}}
    if int(pyav.__version__.partition(".")[0]) < 19:  # later ones take bytes that are no UTF-8 as they are
        options["metadata_errors"] = "replace"
    # `file:`, or a name with a colon would be taken for an address.
    return cast("av.container.InputContainer", pyav.open(f"file:{path}", **options))


def open_scratch(muxer: str) -> av.container.OutputContainer:
    """An output in memory, to try what a muxer, by FFmpeg's name, accepts."""
    return cast("av.container.OutputContainer", load_av().open(io.BytesIO(), "w", format=muxer))


def is_cover(stream: Any) -> bool:
    """Whether a stream of a film is its cover picture, which is shown at no time."""
    return bool(stream.disposition & load_av().stream.Disposition.attached_pic)


def end_of(stream: av.VideoStream) -> av.Packet:
    """The empty packet that a whole film ends with, upon which a decoder gives what it still holds."""
    end = cast("av.Packet", load_av().Packet())
    end.stream = stream
    return end


def encoders() -> dict[str, list[int]]:
    """Versions of the libraries that films are coded with, by name."""
    return {name: [*version] for name, version in load_av().library_versions.items()}


@contextlib.contextmanager
def reading_errors() -> Iterator[None]:
    """Turn whatever goes wrong in reading a film into a `ToonifyError`."""
    try:
        yield
    except (load_av().FFmpegError, OSError, ValueError) as error:
        raise ToonifyError(f"not a video that can be read: {_reason(error)}") from error


@contextlib.contextmanager
def writing_errors() -> Iterator[None]:
    """Turn whatever goes wrong in writing a film into a `ToonifyError`."""
    try:
        yield
    except (load_av().FFmpegError, OSError, ValueError) as error:
        raise ToonifyError(f"cannot be written: {_reason(error).lower()}") from error


def _reason(error: Exception) -> str:
    """FFmpeg's text without the path at its end, which belongs into no dataset and no message."""
    return getattr(error, "strerror", None) or one_line(error)
