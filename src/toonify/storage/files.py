"""Files and folders that are there whole or not at all: written beside, flushed, renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from toonify.errors import ToonifyError, refusal
from toonify.storage.locks import Lock

_PREFIX, _SUFFIX = ".toonify-", ".part"
_LOCK, _OLD = ".lock", ".old"
_COPIED = ".copied"
"""Is there while what was copied into a part is removed from where it was."""
_PAUSES = (0.02, 0.05, 0.13, 0.3) if sys.platform == "win32" else ()  # seconds, half of one in all


class Part(AbstractContextManager["Part"]):
    """A hidden folder beside a path, for what is to be renamed to it; whatever is left in it goes with it.

    Its process holds a lock in it, by which `sweep` tells the living from the dead.

    Args:
        path: A file, a folder, or nothing yet.

    Raises:
        OSError: if the folder of `path` cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self._name = path.name
        while True:
            self._folder = path.with_name(f"{_PREFIX}{os.urandom(8).hex()}{_SUFFIX}")
            self._folder.mkdir()
            if lock := _lock_new(self._folder):
                self._lock = lock
                return

    @property
    def path(self) -> Path:
        """Where to write what will be renamed."""
        return self._folder / self._name

    def keep(self, path: Path) -> None:
        """Move what is to be replaced in here; it goes back unless something takes its place."""
        kept = self._folder / _OLD / path.name
        kept.parent.mkdir()
        try:
            _rename(path, kept)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # A container renames no folder that came with its image.
            copied = shutil.copytree(path, self._folder / path.name, symlinks=True)
            os.replace(copied, kept)
            mark = self._folder / _COPIED
            mark.touch()
            shutil.rmtree(path)
            mark.unlink()

    def discard(self) -> None:
        """Remove it with all that is still in it."""
        _discard(self._folder, self._lock)

    def __exit__(self, *_: object) -> None:
        self.discard()


def sweep(*folders: Path) -> None:
    """Remove what processes that are no more were writing in folders, and put back what they were replacing.

    Folders below these are not looked into, and what cannot be told from a living process's stays.
    """
    for folder in folders:
        with contextlib.suppress(OSError):
            for entry in [*os.scandir(folder)]:
                if is_part(Path(entry.path)):
                    _sweep(Path(entry.path))


def is_part(path: Path) -> bool:
    """Whether a name is one of those that `Part` gives."""
    return path.name.startswith(_PREFIX) and path.name.endswith(_SUFFIX)


def _sweep(part: Path) -> None:
    with contextlib.suppress(OSError):
        try:
            lock = Lock.take(part / _LOCK, make=False)
        except FileNotFoundError:  # not locked yet, or no longer: nothing is in it
            part.rmdir()
            return
        if lock:
            _discard(part, lock)


def _lock_new(part: Path) -> Lock | None:
    """Lock a folder that was just made; `None` if it was swept before it came to that."""
    try:
        lock = Lock.take(part / _LOCK)
    except FileNotFoundError:
        return None
    except OSError:
        part.rmdir()
        raise
    if lock and not lock.is_there:
        lock.release()
        return None
    return lock


def _discard(part: Path, lock: Lock) -> None:
    try:
        _put_back(part / _OLD, part.parent, os.path.lexists(part / _COPIED))
    except OSError:  # better something hidden than something lost
        lock.release(remove=False)
        return
    with contextlib.suppress(OSError):
        for entry in part.iterdir():
            if entry.name != _LOCK:
                remove(entry)
    lock.release()  # the last of all: what has no lock is empty
    with contextlib.suppress(OSError):
        part.rmdir()


def _put_back(kept: Path, folder: Path, fill: bool) -> None:
    """Move what is in a folder into another one, where nothing has that name.

    Args:
        kept: What is put back; no link is followed.
        folder: To where.
        fill: Whether folders that are there may lack some of what is kept of them.
    """
    if _is_folder(kept):
        for old in kept.iterdir():
            there = folder / old.name
            if not os.path.lexists(there):
                _rename(old, there)
            elif fill and _is_folder(there):
                _put_back(old, there, fill)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


@contextlib.contextmanager
def replacing(path: Path, hint: str = "") -> Iterator[Path]:
    """A path beside `path` to write a file or a folder to; it takes the place of `path` at the end.

    What fails inside leaves `path` as it was, and nothing beside it. A file is on the disk before it is
    renamed: after a power cut, too, it is the old one or the new one.

    Args:
        path: A file, a folder, or nothing yet.
        hint: What to do where it cannot be written.

    Raises:
        ToonifyError: if the disk is full or the folder cannot be written.
    """
    with writing(path, hint), Part(path) as part:
        yield part.path
        put_in_place(part.path, path)


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


class Occupied(Exception):
    """A file is there that may not be replaced. No `OSError`, for nothing went wrong."""


def put_in_place(part: Path, path: Path, *, flush: bool = True, over: bool = True) -> None:
    """Rename a file or folder over what is at `path`, which is removed last.

    Args:
        part: What is renamed.
        path: To what.
        flush: Whether a file is on the disk before that.
        over: Whether a file that is there may be replaced.

    Raises:
        OSError: if the file system does not allow it; what was at `path` is there again then.
        Occupied: if what is there may not be replaced.
    """
    if flush and part.is_file():
        flush_file(part)
    if not over and os.path.lexists(path) and (path.is_symlink() or not path.is_dir()):
        raise Occupied
    if part.is_dir():
        sweep(path.parent)  # nothing that a killed process was replacing is put back into the new one later
    if not (path.is_dir() and part.is_dir()):  # a file is never put over a folder
        _rename(part, path)
        return
    with Part(path) as aside:
        aside.keep(path)  # a folder cannot be renamed over a full one
        _rename(part, path)


def _rename(part: Path, path: Path) -> None:
    """`os.replace`; with patience on Windows, where nothing is renamed while a virus scanner reads it."""
    for pause in _PAUSES:
        try:
            os.replace(part, path)
            return
        except PermissionError:
            time.sleep(pause)
    os.replace(part, path)


def flush_file(path: Path) -> None:
    """Make sure that what was written to a file is on the disk."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def remove(path: Path) -> None:
    """Remove a file, link or folder, as far as the file system allows it."""
    if _is_folder(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path stays in a folder once links and `..` are followed."""
    # Not `Path.resolve`, which gives up on a loop of links.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
