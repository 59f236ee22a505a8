"""Locks that the system itself lets go of when their process dies, however that happens."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from toonify.errors import ToonifyError, refusal

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

PATIENCE = 10.0  # seconds, for what takes milliseconds
_PAUSE = 0.01
_HELD = (BlockingIOError, PermissionError)  # the second on Windows, and on some network file systems


class Lock:
    """A lock on a file, held from `take` to `release`.

    Not by process numbers: those are used again, and mean nothing to another host or container that
    shares the folder. Where the file system knows no locks, nobody is kept out.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, *, make: bool = True) -> Lock | None:
        """Lock a file.

        Args:
            path: The file.
            make: Whether to make it unless it is there.

        Returns:
            `None` if somebody else holds it, in this process or another.

        Raises:
            OSError: if it cannot be opened.
        """
        flags = os.O_RDWR | (os.O_CREAT if make else 0) | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o666)
        try:
            _lock(descriptor)
        except _HELD:
            os.close(descriptor)
            return None
        except OSError:  # unknown to the file system
            if not make:
                os.close(descriptor)
                return None
        return cls(path, descriptor)

    @property
    def is_there(self) -> bool:
        """Whether the file is still the one of this name: its last holder may have removed it meanwhile."""
        try:
            there = self._path.stat()
        except OSError:
            return False
        return self._descriptor is not None and os.path.samestat(os.fstat(self._descriptor), there)

    def release(self, *, remove: bool = True) -> None:
        """Let go of it, and remove the file if it is still the one of this name."""
        if self._descriptor is None:
            return
        left = remove and self.is_there and not self._removed()  # once it is let go, others may have it
        os.close(self._descriptor)
        self._descriptor = None
        if left:
            self._removed()  # Windows removes nothing that is open: now it is not, unless others have it

    def _removed(self) -> bool:
        try:
            self._path.unlink()
        except OSError:
            return False
        return True


@contextmanager
def held(folder: Path, lock: Path, busy: ToonifyError) -> Iterator[Lock]:
    """A folder, there and nobody else's; one in which nothing was left is gone afterwards, if it is new.

    Args:
        folder: Made unless it is there.
        lock: A file in it.
        busy: What to raise if somebody else is at work there.

    Yields:
        Its lock, to be let go of early where the folder is to be renamed.

    Raises:
        ToonifyError: if it cannot be made, or is held.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        taken = _take(folder, lock)
    except OSError as error:
        raise ToonifyError(f"{folder} cannot be made: {refusal(error)}") from error
    if taken is None:
        raise busy
    try:
        yield taken
    finally:
        taken.release()
        with contextlib.suppress(OSError):  # something was put there
            for path in made:
                path.rmdir()


@contextmanager
def in_turn(lock: Path) -> Iterator[None]:
    """A block that one process or thread at a time is in: for what is read, changed and written in a moment.

    Nobody waits for ever: after `PATIENCE` seconds, as where a file system refuses each lock, it is entered.

    Args:
        lock: A file that is there meanwhile.

    Raises:
        OSError: if it cannot be made.
    """
    until = time.monotonic() + PATIENCE
    while not (taken := Lock.take(lock)) or not taken.is_there:
        if taken:
            taken.release()
        if time.monotonic() > until:
            break
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        if taken:
            taken.release()


def _take(folder: Path, lock: Path) -> Lock | None:
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            taken = Lock.take(lock)
        except FileNotFoundError:  # its last holder has just removed the folder
            continue
        if taken is None or taken.is_there:
            return taken
        taken.release()


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
