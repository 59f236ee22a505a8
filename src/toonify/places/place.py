"""What a place is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from toonify.errors import ToonifyError
from toonify.places.addresses import Location


@dataclass(frozen=True)
class Found:
    """A file that was listed.

    Attributes:
        name: From the place on, its parts divided by `/`.
        size: Bytes; -1 where that is not known.
    """

    name: str
    size: int = -1


class Place(ABC):
    """A folder, here or elsewhere. It can be pickled, and is used by several threads at once."""

    @property
    @abstractmethod
    def where(self) -> Location:
        """Where it lies."""

    @abstractmethod
    def at(self, name: str) -> Location:
        """Where a file of it lies."""

    @abstractmethod
    def kind(self) -> Literal["file", "folder", "nothing"]:
        """What is there: a place need not be.

        Raises:
            ToonifyError: if that cannot be told.
        """

    @abstractmethod
    def find(self, *, recursive: bool = True) -> Iterator[Found]:
        """Its files, but for hidden ones and those in hidden folders, as they are listed.

        Raises:
            ToonifyError: if it cannot be listed, or no further.
        """

    def read(self, found: Found, most: int) -> bytes:
        """A whole file.

        Args:
            found: Which.
            most: Bytes that it may have; more are never read.

        Raises:
            ToonifyError: if it is larger, or cannot be read. The message is the reason, without its name.
        """
        if found.size > most:
            raise _too_large(found.size, most)
        data = self.begins(found.name, most + 1)
        if data is None:
            raise ToonifyError("not there any more")
        if len(data) > most:
            raise _too_large(len(data) if found.size >= 0 else -1, most)
        return data

    @abstractmethod
    def begins(self, name: str, count: int) -> bytes | None:
        """The first bytes of a file, or all that it has; `None` where there is none.

        Raises:
            ToonifyError: as `read`.
        """

    @abstractmethod
    def write(self, name: str, data: bytes, *, replace: bool = False) -> bool:
        """Write a file, whole or not at all.

        Args:
            name: Which.
            data: All of it.
            replace: Whether one that is there is replaced.

        Returns:
            Whether it was written: not, where one was there and is not to be replaced.

        Raises:
            ToonifyError: if it cannot be, with the reason.
        """


def is_hidden(name: str) -> bool:
    """Whether a name, or a folder in it, begins with a dot."""
    return any(part.startswith(".") and part != ".." for part in name.split("/"))


def _too_large(size: int, most: int) -> ToonifyError:
    sizes = f": {size / 1e9:.1f} GB, the limit is {most / 1e9:.1f}" if size >= 0 else ""
    return ToonifyError(f"too large{sizes}")
