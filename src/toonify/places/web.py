"""Servers of the web: single files, which are only read."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from toonify.errors import ToonifyError, one_line, refusal, usage_error
from toonify.places.addresses import Address
from toonify.places.place import Found, Place
from toonify.places.store import file_system

SILENCE = 60.0
"""Seconds for which a server may send nothing. All that it sends may take as long as it does."""

_STATUSES = {status.value: status.phrase.lower() for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}


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

    def begins(self, name: str, count: int) -> bytes:
        """As `Place.begins`, in blocks: not every server gives a part, or says how long the whole is."""
        blocks, left = [], count
        try:
            files = file_system(self.address, get_client=_client)
            with files.open(self.address.url, "rb", block_size=0) as file:
                while left and (block := file.read(left)):
                    blocks.append(block)
                    left -= len(block)
        except ToonifyError:
            raise
        except Exception as error:  # fsspec's, aiohttp's and the system's
            raise ToonifyError(_why_not(error)) from error
        return b"".join(blocks)

    def write(self, name: str, data: bytes, *, replace: bool = False) -> bool:
        """As `Place.write`: never."""
        raise usage_error(f"{self.address} cannot be written to", "Give a folder, or a bucket.")


async def _client(**options: Any) -> Any:
    """For fsspec. Left to itself it gives up after five minutes, in the middle of a film, too."""
    import aiohttp

    patience = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE, sock_read=SILENCE)
    return aiohttp.ClientSession(**options, timeout=patience)


def _why_not(error: Exception) -> str:
    """Why a file cannot be had, in words of our own: aiohttp's repeat the whole address, with what is secret
    in it, and whatever the server said, of any length.
    """
    if isinstance(error, FileNotFoundError):  # so fsspec calls most of what goes wrong, which is the cause
        return _why_not(error.__cause__) if isinstance(error.__cause__, Exception) else "not there"
    if isinstance(error, TimeoutError):
        return "cannot be read: the server takes too long"
    if isinstance(error, ssl.SSLError):  # aiohttp's are some, too; its number is not of the system
        told = error.__cause__ or error
        why = getattr(told, "verify_message", None) or getattr(told, "reason", None) or one_line(told)
        return f"cannot be reached: no secure connection ({why.replace('_', ' ').lower()})"
    if isinstance(error, OSError):
        number = error.errno or 0  # negative for names that are not known
        return f"cannot be reached: {os.strerror(number).lower() if number > 0 else refusal(error)}"
    status = getattr(error, "status", 0)
    if status == HTTPStatus.NOT_FOUND:
        return "not there"
    if status in _STATUSES and not error.__cause__:  # with one, aiohttp made it up: what came is no HTTP
        return f"the server answers {status}, {_STATUSES[status]}"
    return f"cannot be read: the server's answer is broken off or makes no sense ({type(error).__name__})"
