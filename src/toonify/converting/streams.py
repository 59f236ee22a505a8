"""`-`, standard input and output: a picture in a pipe is a file for as long as it is worked on."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from toonify.converting.outputs import USUAL, written_as
from toonify.converting.pipeline import convert_all
from toonify.converting.request import ConvertRequest
from toonify.converting.result import ConvertResult
from toonify.errors import ToonifyError, refusal, usage_error
from toonify.media import FILM_SUFFIXES, begins_like_a_film, is_film, picture_format
from toonify.places import Address, Location, open_place
from toonify.progress import Progress
from toonify.storage import AnyPath, put_in_place

STREAM = Path("-")

MOST = 4 * 2**30
"""Bytes that are taken at most: of what never ends, a disk would be filled."""

_CHUNK = 2**20

_SUFFIXES = {"GIF": ".gif", **USUAL}


def names_a_stream(request: ConvertRequest) -> bool:
    """Whether one of the names is `-`."""
    return STREAM in (*request.inputs, request.output)


def convert_stream(
    request: ConvertRequest, source: BinaryIO, target: BinaryIO, progress: Progress | None = None
) -> ConvertResult:
    """Convert a picture that comes through a pipe, or goes into one, or both.

    Args:
        request: With `-` as its only input, or its output, or both; `-` alone is both. A picture that goes
            into a pipe is of the input's format, unless `format` says otherwise.
        source: What stands for an input `-`; it is read to its end.
        target: What stands for an output `-`. A whole picture is written, or nothing.
        progress: As of `convert_all`.

    Raises:
        ToonifyError: as `convert_all`; also if there is nothing in the pipe, a film, or more than `MOST`
            bytes, or if `target` cannot be written to.
        BrokenPipeError: if whoever reads `target` has gone.
        KeyboardInterrupt: after Ctrl-C.
    """
    _check(request)
    arrives, leaves = STREAM in request.inputs, request.output in (None, STREAM)
    with tempfile.TemporaryDirectory(prefix="toonify-") as folder:
        given = _arrived(source, Path(folder)) if arrives else request.locations[0]
        output = request.destination
        if leaves:
            output = Path(folder, "cartoon")
            if isinstance(given, Path):  # of an address, what it becomes is known once it is read
                output = output.with_suffix(written_as(request, given).suffix)
        full = replace(request, inputs=_in_full(given), output=_in_full(output) if output else None)
        result = convert_all(full, progress)
        if result.stopped:
            raise KeyboardInterrupt
        if result.of("converted") and leaves:
            _send(Path(str(result.outcomes[0].target)), target)
    outcomes = [
        replace(
            outcome,
            source=STREAM if arrives else outcome.source,
            target=STREAM if leaves else outcome.target,
        )
        for outcome in result.outcomes
    ]
    return replace(result, outcomes=outcomes, output=STREAM if leaves else result.output)


def _check(request: ConvertRequest) -> None:
    """What goes through a pipe is one picture, and nothing beside it."""
    if len(request.inputs) > 1:
        raise usage_error("standard input and output are for one picture", "Give one input, and `output` -.")
    if request.report or (request.compare and not request.makes_sheets):
        what = "report" if request.report else "compare"
        raise usage_error(f"`{what}` needs a picture with a name, and - has none", "Give names to both.")
    (path,), (where,), output = request.inputs, request.locations, request.output
    if open_place(where).kind() == "folder":
        raise usage_error(f"{where} is a folder, and standard output takes one picture", "Give a folder.")
    if is_film(path):
        raise usage_error(f"{path} is a film, which is not written to standard output", "Give it a name.")
    if path != STREAM or output in (None, STREAM):
        return
    if output.suffix.lower() in FILM_SUFFIXES:
        raise _no_film()
    if output.is_dir() or not output.suffix:
        raise usage_error(
            f"what comes through standard input has no name, and {output} is none for a picture",
            "Give one that ends like a picture, such as cartoon.jpg.",
        )


def _in_full(location: Location) -> AnyPath:
    """As a request takes it: an address with what it does not show."""
    return location.url if isinstance(location, Address) else location


def _arrived(source: BinaryIO, folder: Path) -> Path:
    """The file that standard input becomes, called after what it holds."""
    path = folder / "picture"
    try:
        with open(path, "wb") as file:
            while chunk := source.read(_CHUNK):
                if not file.tell() and begins_like_a_film(chunk):
                    raise _no_film()
                if file.tell() + len(chunk) > MOST:
                    raise ToonifyError(
                        f"standard input holds more than {MOST / 2**30:.0f} GB: no picture does"
                    )
                file.write(chunk)
            size = file.tell()
    except OSError as error:
        raise ToonifyError(f"standard input cannot be kept in {folder}: {refusal(error)}") from error
    if not size:
        raise ToonifyError("nothing came through standard input", "The command before the | may have failed.")
    suffix = ""
    with suppress(ToonifyError):  # whoever decodes it says what is wrong
        suffix = _SUFFIXES.get(picture_format(path), "")
    named = path.with_suffix(suffix)
    put_in_place(path, named, flush=False)
    return named


def _send(path: Path, target: BinaryIO) -> None:
    try:
        with open(path, "rb") as file:
            shutil.copyfileobj(file, target, _CHUNK)
        target.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ToonifyError(f"standard output cannot be written: {refusal(error)}") from error


def _no_film() -> ToonifyError:
    return usage_error(
        "films cannot be read from standard input, because they are not read from start to end",
        "Give it as a file: toonify convert film.mp4 cartoon.mp4",
    )
