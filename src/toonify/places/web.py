"""Servers of the web: single files, which are only read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from toonify.errors import ToonifyError, one_line, refusal, usage_error
from toonify.places.addresses import Address
from toonify.places.place import Found, Place, too_large
from toonify.places.store import file_system


@dataclass(frozen=True)
class Web(Place):
    """One file on a server.

    Attributes:
        address: Of the file.
    """

    address: Address

    @property
    def where(self) -> Address:
        return self.address

    def at(self, name: str) -> Address:
        """As `Place.at`: the file is all that there is."""
        return self.address

    def kind(self) -> Literal["file", "folder", "nothing"]:
        """As `Place.kind`; whether it is there is known when it is read."""
        return "file"

    def find(self, *, recursive: bool = True) -> Iterator[Found]:
        yield Found(self.address.name)

    def read(self, found: Found, most: int) -> bytes:
        data = self._read(most + 1)
        if len(data) > most:
            raise ToonifyError(too_large(found.size, most))
        return data

    def begins(self, name: str, count: int) -> bytes | None:
        return self._read(count)

    def _read(self, most: int) -> bytes:
        """In blocks, because not every server gives a part, or says how long the whole is."""
        blocks, left = [], most
        try:
            with file_system(self.address).open(self.address.url, "rb", block_size=0) as file:
                while left and (block := file.read(left)):
                    blocks.append(block)
                    left -= len(block)
        except FileNotFoundError as error:
            raise ToonifyError(_why_not(error)) from error
        except ToonifyError:
            raise
        except Exception as error:  # aiohttp's and the system's
            raise ToonifyError(f"cannot be read: {one_line(error)}") from error
        return b"".join(blocks)

    def write(self, name: str, data: bytes, *, replace: bool = False) -> bool:
        """As `Place.write`: never."""
        raise usage_error(f"{self.address} cannot be written to", "Give a folder, or a bucket.")


def _why_not(error: FileNotFoundError) -> str:
    """fsspec calls it not found, too, when nobody answers; what the system said is the cause."""
    cause = error.__cause__
    if not isinstance(cause, OSError):
        return "not there"
    number = cause.errno or 0  # negative for names that are not known
    return f"cannot be reached: {os.strerror(number).lower() if number > 0 else refusal(cause)}"
