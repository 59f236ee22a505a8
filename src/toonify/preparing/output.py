"""Where a dataset is built, and how it comes into place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from toonify.errors import ToonifyError, refusal, usage_error
from toonify.preparing import journal
from toonify.preparing.request import PrepareRequest
from toonify.preparing.shards import CONTINUES
from toonify.storage import DatasetManifest, put_in_place


def check(request: PrepareRequest) -> None:
    """Refuse an output that would touch the inputs or something that is not ours.

    Raises:
        ToonifyError: saying which folder is in the way.
    """
    output = _real(request.output)
    for folder in request.folders:
        inputs = _real(folder)
        if inputs in (output, *output.parents) or output in inputs.parents:
            raise usage_error(
                f"the output {request.output} and the pictures in {folder} must not lie in each other",
                "Choose another folder with -o.",
            )
    if not _is_free(output):
        if not (output / DatasetManifest.FILE).is_file():
            raise usage_error(f"{request.output} exists and is not a dataset", "Choose another with -o.")
        if not request.overwrite:
            raise usage_error(
                f"{request.output} exists",
                "Choose another folder with -o, or give --overwrite to replace it.",
            )


def _real(path: Path) -> Path:
    """Absolute, with links followed; a loop of links stays as it is."""
    return Path(os.path.realpath(path))


def _is_free(folder: Path) -> bool:
    return not os.path.lexists(folder) or (folder.is_dir() and not any(folder.iterdir()))


def workplace(output: Path) -> Path:
    """The folder `<output>.part`, there and ours, where the dataset is built.

    Raises:
        ToonifyError: if it cannot be made, or holds something else.
    """
    output = _real(output)
    part = output.with_name(output.name + ".part")
    ours = any((part / name).is_file() for name in (journal.FILE, DatasetManifest.FILE))
    if not ours and not _is_free(part):
        raise usage_error(f"{part} is in the way and is not an unfinished dataset", "Move it elsewhere.")
    try:
        part.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToonifyError(f"{part} cannot be made: {refusal(error)}") from error
    return part


def empty(folder: Path) -> None:
    """Remove what an earlier run with another request left."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def sweep(folder: Path) -> None:
    """Remove what a run was writing when it was killed."""
    for left in folder.rglob("*.part"):
        left.unlink()


def install(part: Path, output: Path) -> None:
    """Rename `part` to `output` in place of what was there.

    Raises:
        ToonifyError: if the file system does not allow it.
    """
    output = _real(output)
    try:
        put_in_place(part, output)
    except OSError as error:
        raise ToonifyError(f"{part} cannot be renamed to {output}: {refusal(error)}", CONTINUES) from error
