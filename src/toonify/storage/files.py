"""Files and folders that are there whole or not at all: written beside, flushed, renamed."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from toonify.errors import ToonifyError, refusal

PART = ".part"
_numbers = itertools.count(1)


def part_path(path: Path) -> Path:
    """A name beside `path` that nobody else uses, for what is to be renamed to it.

    Not made of `path`'s own name, which may be as long as names can be.
    """
    return path.with_name(f".toonify-{os.getpid()}-{next(_numbers)}{PART}")


@contextlib.contextmanager
def replacing(path: Path, *, flush: bool = True) -> Iterator[Path]:
    """A path beside `path` to write a file or a folder to; it takes the place of `path` at the end.

    What fails inside leaves `path` as it was, and nothing beside it.

    Args:
        path: A file, a folder, or nothing yet.
        flush: Whether a file must be on the disk before it is renamed: after a power cut, too, it is
            then the old one or the new one.

    Raises:
        ToonifyError: if the disk is full or the folder cannot be written.
    """
    part = part_path(path)
    with writing(path):
        try:
            yield part
            put_in_place(part, path, flush=flush)
        finally:
            remove(part)


@contextlib.contextmanager
def writing(path: Path, hint: str = "") -> Iterator[None]:
    """What the system refuses inside becomes a `ToonifyError` that names `path`."""
    try:
        yield
    except OSError as error:
        raise ToonifyError(f"{path} cannot be written: {refusal(error)}", hint) from error


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it lies in, unless it is there.

    Raises:
        ToonifyError: if it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToonifyError(f"{folder} cannot be made: {refusal(error)}") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        ToonifyError: as `replacing`.
    """
    with replacing(path) as part:
        part.write_bytes(data)


def put_in_place(part: Path, path: Path, *, flush: bool = True) -> None:
    """Rename a file or folder over what is at `path`, which is removed last.

    Raises:
        OSError: if the file system does not allow it; what was at `path` is there again then.
    """
    if flush and part.is_file():
        flush_file(part)
    old = path.with_name(f".{path.name}.old")
    if not (path.is_dir() and part.is_dir()):  # a file is never put over a folder
        os.replace(part, path)
        return
    remove(old)
    try:
        os.replace(path, old)  # a folder cannot be renamed over a full one
        os.replace(part, path)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(path):
            os.replace(old, path)
        raise
    remove(old)


def flush_file(path: Path) -> None:
    """Make sure that what was written to a file is on the disk."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def remove(path: Path) -> None:
    """Remove a file, link or folder, as far as the file system allows it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def sweep(folder: Path) -> None:
    """Remove what killed processes were writing below `folder`, which nobody else may be at work in."""
    for left in folder.rglob(f".toonify-*{PART}"):
        remove(left)


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path stays in a folder once links and `..` are followed."""
    # Not `Path.resolve`, which gives up on a loop of links.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
