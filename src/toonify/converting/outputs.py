"""Where cartoons go (the output, or beside the photographs), and in what format."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from toonify.converting.request import FORMATS, ConvertRequest
from toonify.errors import ToonifyError, nothing_at, usage_error
from toonify.media import CONTAINERS, FILM_SUFFIXES, SUFFIXES, Film, is_animation, is_film, picture_format
from toonify.places import Address, Location

BY_SUFFIX = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".apng": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
"""Pillow's name of the format that a file is written in, by how its name ends."""

WRITTEN = {**BY_SUFFIX, ".gif": "GIF"}
"""The same, with the format in which nothing but animations is written."""

USUAL = {file_format: suffix for suffix, file_format in reversed(BY_SUFFIX.items())}
"""The usual suffix of each format in which still pictures are written."""

Where = TypeVar("Where", Path, Location)

NO_FOLDERS = SUFFIXES | FILM_SUFFIXES | {".jxl", ".pdf", ".psd", ".svg", ".eps", ".dng", ".html", ".zip"}
"""Endings that nobody gives a folder."""


@dataclass(frozen=True)
class WrittenAs:
    """How a picture, an animation or a film is written.

    Attributes:
        file_format: Pillow's name of the format; of a film, the container's name.
        suffix: Of its name.
        note: What is to be said about the choice.
    """

    file_format: str
    suffix: str
    note: str = ""


@dataclass(frozen=True)
class Output:
    """Where cartoons go.

    Attributes:
        path: A file or a folder.
        written: How a file is written; `None` for a folder.
    """

    path: Path
    written: WrittenAs | None = None


def settle_output(request: ConvertRequest) -> Output:
    """Decide whether the output is a file or a folder, and choose one if none is named.

    Raises:
        ToonifyError: if an input is missing, the output is a name for something else than one picture or
            a folder, or none is named and there are several inputs.
    """
    for path in request.inputs:
        if not path.exists() and not path.is_symlink():
            raise nothing_at(path, "file or folder")
    if request.output is None:
        return _beside(request)
    if _is_file_name(request, request.output):
        return Output(request.output, _named(request, request.output))
    if os.path.lexists(request.output) and not request.output.is_dir():
        raise usage_error(
            f"{request.output} is a file, not a folder", "Give a folder, or a picture's or film's name."
        )
    return Output(request.output)


def written_as(request: ConvertRequest, source: Path, *, is_here: bool = True) -> WrittenAs:
    """How the cartoon of a file is written, unless the output says otherwise.

    Args:
        request: What is asked for.
        source: The file.
        is_here: Whether it can be looked into.
    """
    suffix = source.suffix
    if is_film(source) if is_here else suffix.lower() in FILM_SUFFIXES:
        if suffix.lower() in CONTAINERS:
            return WrittenAs(CONTAINERS[suffix.lower()].name, suffix)
        return WrittenAs(CONTAINERS[".mkv"].name, ".mkv", "written as MKV")
    own = BY_SUFFIX.get(suffix.lower())
    if request.format != "keep":
        file_format = FORMATS[request.format]
        return WrittenAs(file_format, suffix if own == file_format else USUAL[file_format])
    if own is None and _stays_gif(request, source, suffix):
        own = "GIF"
    if own:
        return WrittenAs(own, suffix)
    held = _held(source) if is_here else "PNG"
    return WrittenAs(held, USUAL[held], f"written as {held}")


def _held(source: Path) -> str:
    """The format that a file really holds, if toonify writes it; else PNG."""
    held = ""
    with contextlib.suppress(ToonifyError):  # the reader will say what is wrong
        held = picture_format(source)
    return held if held in USUAL else "PNG"


def clash(request: ConvertRequest, source: Location, other: Location, file: Location) -> str:
    """Why a photograph is not converted that would become the same file as another, and how to keep both."""
    way = "rename one, or convert them into different folders"
    if request.format != "keep" and source.suffix != other.suffix:
        way = "rename one, convert them into different folders, or use `format` keep"
    return f"would become the same file as {other} ({file}); {way}"


def _stays_gif(request: ConvertRequest, source: Path, suffix: str) -> bool:
    """Whether a GIF stays one: only if it is animated, because a still one would only lose colours."""
    return suffix.lower() == ".gif" and not request.first_frame and is_animation(source)


def _beside(request: ConvertRequest) -> Output:
    """The output beside the input: `photo.cartoon.jpg`, `photos-cartoons`; for contact sheets, `styles`."""
    if len(request.inputs) > 1:
        raise usage_error("several inputs need an `output`", "Give a folder for the cartoons.")
    path = request.inputs[0]
    if not path.is_dir():
        if is_film(path):
            Film.need_decoders()
        written = written_as(request, path)
        kind = "styles" if request.makes_sheets else "cartoon"
        return Output(path.with_name(f"{path.stem}.{kind}{written.suffix}"), written)
    path = with_a_name(path)
    return Output(path.with_name(f"{path.name}-{'styles' if request.makes_sheets else 'cartoons'}"))


def with_a_name(where: Where) -> Where:
    """The same location with a name to build that of its cartoons on, which `.` and `..` have not.

    Raises:
        ToonifyError: if it has none, or nothing can be written there.
    """
    if isinstance(where, Path) and where.name in ("", ".."):
        where = where.resolve()
    if not where.name or (isinstance(where, Address) and where.is_web):
        raise usage_error(
            f"nothing can be written beside {where}: give an `output`", "Give a folder elsewhere."
        )
    return where


def _is_file_name(request: ConvertRequest, output: Path) -> bool:
    """Whether a name means a file: by its suffix; for a single input, any suffix of letters counts."""
    suffix = output.suffix.lower()
    if output.is_dir():
        return False
    if str(output) == "-" or suffix in NO_FOLDERS:
        return True
    return suffix[1:].isalpha() and not os.path.lexists(output) and _is_single(request)


def _is_single(request: ConvertRequest) -> bool:
    return len(request.inputs) == 1 and not request.inputs[0].is_dir()


def _named(request: ConvertRequest, output: Path) -> WrittenAs:
    """The format of the file that the output names."""
    if str(output) == "-":
        raise usage_error("- stands for standard output on the command line alone", "Call `convert_stream`.")
    suffix = output.suffix.lower()
    names_film = suffix in FILM_SUFFIXES
    what = "film" if names_film else "picture"
    file_format = _format_named(request, suffix)
    if file_format is None:
        of_film = names_film or (_is_single(request) and is_film(request.inputs[0]))
        known = CONTAINERS if of_film else BY_SUFFIX
        raise usage_error(
            f"{output}: {'film' if of_film else 'picture'}s are not written as {suffix}",
            f"They are written as {', '.join(known)}. To use a folder of that name, make it first.",
        )
    if not _is_single(request):
        raise usage_error(f"{output} names one {what}, but there may be several", "Give a folder instead.")
    if names_film:
        Film.need_decoders()
    if names_film is not is_film(request.inputs[0]):
        other, written = ("picture", tuple(WRITTEN)) if names_film else ("film", tuple(CONTAINERS))
        own = request.inputs[0].suffix.lower()
        raise usage_error(
            f"{request.inputs[0]} is a {other}, and {output} is no name for one",
            f"Try {own if own in written else written[0]}.",
        )
    if not names_film:
        check_format(request, output, file_format)
    return WrittenAs(file_format, output.suffix)


def check_format(request: ConvertRequest, output: Location, file_format: str) -> None:
    """Raise a `ToonifyError` if a picture's name means another format than `format` does."""
    if request.format != "keep" and FORMATS[request.format] != file_format:
        raise usage_error(f"{output} contradicts `format` {request.format}")


def _format_named(request: ConvertRequest, suffix: str) -> str | None:
    if suffix in CONTAINERS:
        return CONTAINERS[suffix].name
    if suffix == ".gif" and (not _is_single(request) or _stays_gif(request, request.inputs[0], suffix)):
        return "GIF"
    return BY_SUFFIX.get(suffix)
