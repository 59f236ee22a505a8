"""Where cartoons go: where the output says, or beside the photographs; and in what format."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from toonify.converting.request import FORMATS, ConvertRequest
from toonify.errors import nothing_at, usage_error
from toonify.media import FILM_SUFFIXES, SUFFIXES

BY_SUFFIX = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
"""Pillow's name of the format that a file is written in, by how its name ends."""

_OTHER_FILES = frozenset({".heic", ".heif", ".jxl", ".pdf", ".psd", ".svg", ".eps", ".dng", ".html", ".zip"})
"""Endings, beside those of pictures and films, that nobody gives a folder."""


@dataclass(frozen=True)
class Output:
    """Where cartoons go.

    Attributes:
        path: A file or a folder.
        is_file: Which of both.
    """

    path: Path
    is_file: bool


@dataclass(frozen=True)
class WrittenAs:
    """How a picture is written.

    Attributes:
        file_format: Pillow's name of the format.
        suffix: Of its name.
        note: What is to be said about the choice.
    """

    file_format: str
    suffix: str
    note: str = ""


def settle_output(request: ConvertRequest) -> Output:
    """Whether the output is a file or a folder, and which, if none is named.

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
        _check_file_name(request, request.output)
        return Output(request.output, is_file=True)
    if os.path.lexists(request.output) and not request.output.is_dir():
        raise usage_error(f"{request.output} is a file, not a folder", "Give a folder, or a picture's name.")
    return Output(request.output, is_file=False)


def written_as(request: ConvertRequest, suffix: str) -> WrittenAs:
    """How a picture whose name ends so is written, unless the output says otherwise."""
    own = BY_SUFFIX.get(suffix.lower())
    if request.format != "keep":
        file_format, usual = FORMATS[request.format]
        return WrittenAs(file_format, suffix if own == file_format else usual)
    return WrittenAs(own, suffix) if own else WrittenAs("PNG", ".png", "written as PNG")


def _beside(request: ConvertRequest) -> Output:
    """`photo.cartoon.jpg` for `photo.jpg`, and `photos-cartoons` for the folder `photos`."""
    if len(request.inputs) > 1:
        raise usage_error("several inputs need an `output`", "Give a folder for the cartoons.")
    path = request.inputs[0]
    if not path.is_dir():
        return Output(path.with_name(f"{path.stem}.cartoon{written_as(request, path.suffix).suffix}"), True)
    if path.name in ("", ".."):  # `.`, `..` and the like have no name to build on
        path = path.resolve()
    if not path.name:
        raise usage_error(f"beside {path} there is no room: give an `output`", "Give a folder elsewhere.")
    return Output(path.with_name(f"{path.name}-cartoons"), is_file=False)


def _is_file_name(request: ConvertRequest, output: Path) -> bool:
    """Whether a file is meant: what ends like one, and for a single picture also what ends in letters."""
    suffix = output.suffix.lower()
    if output.is_dir():
        return False
    if str(output) == "-" or suffix in SUFFIXES | FILM_SUFFIXES | _OTHER_FILES:
        return True
    return suffix[1:].isalpha() and not os.path.lexists(output) and _is_single(request)


def _is_single(request: ConvertRequest) -> bool:
    return len(request.inputs) == 1 and not request.inputs[0].is_dir()


def _check_file_name(request: ConvertRequest, output: Path) -> None:
    if str(output) == "-":
        raise usage_error("cartoons are not written to standard output", "Give a name, such as cartoon.jpg.")
    suffix = output.suffix.lower()
    file_format = BY_SUFFIX.get(suffix)
    if file_format is None:
        raise usage_error(
            f"{output}: pictures are not written as {suffix}",
            f"They are written as {', '.join(BY_SUFFIX)}; a folder of that name must be there already.",
        )
    if not _is_single(request):
        raise usage_error(f"{output} names one picture, but there may be several", "Give a folder instead.")
    if request.format != "keep" and FORMATS[request.format][0] != file_format:
        raise usage_error(f"{output} does not go with `format` {request.format}")
