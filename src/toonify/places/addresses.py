"""Addresses: `s3://bucket/photos/a.jpg` and the like, taken apart as paths are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from toonify.storage import is_inside

SCHEMES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "memory": "",
}
"""How addresses begin that are understood, and the package that fsspec needs for each.

All but the web's, which are only read, are stores where a file is put in one piece: there whole, or not.
"""

WEB = frozenset({"http", "https"})


@dataclass(frozen=True)
class Address:
    """Where something lies that is no file of this machine.

    Attributes:
        scheme: One of `SCHEMES`.
        path: What follows `://`, without a slash at the end: the bucket or host, and so on.
        query: Of the web's: what follows a `?`.
    """

    scheme: str
    path: str
    query: str = ""

    def __str__(self) -> str:
        """As people see it: without a password or signature that it may carry."""
        host, slash, rest = self.path.partition("/")
        return f"{self.scheme}://{host.rpartition('@')[2] if self.is_web else host}{slash}{rest}"

    @property
    def url(self) -> str:
        """As libraries take it."""
        return f"{self.scheme}://{self.path}{f'?{self.query}' if self.query else ''}"

    @property
    def is_web(self) -> bool:
        """Whether it is of a server that gives single files, and takes and lists none."""
        return self.scheme in WEB

    @property
    def name(self) -> str:
        """The last part; empty for a whole bucket or host."""
        path = self.path.rstrip("/")  # the web's may end with one
        last = path.rpartition("/")[2] if "/" in path else ""
        return unquote(last) if self.is_web else last

    @property
    def suffix(self) -> str:
        """How the name ends, such as `.jpg`."""
        return PurePosixPath(self.name).suffix

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def parent(self) -> Address:
        """Where it lies."""
        return Address(self.scheme, self.path.rpartition("/")[0])

    def __truediv__(self, name: str) -> Address:
        return replace(self, path=f"{self.path}/{name}".strip("/"))

    def with_name(self, name: str) -> Address:
        """Another one beside it."""
        return self.parent / name


Location = Path | Address
"""Where something lies: on this machine, or elsewhere."""


def is_within(inner: Location, outer: Location) -> bool:
    """Whether something is, or lies below, something else, links of this machine followed."""
    if isinstance(inner, Path) and isinstance(outer, Path):
        return is_inside(inner, outer)
    if isinstance(inner, Path) or isinstance(outer, Path):
        return False
    return _family(inner) == _family(outer) and f"{inner.path}/".startswith(f"{outer.path}/")


def _family(address: Address) -> str:
    """Equal for schemes that are the same store."""
    return SCHEMES[address.scheme] or address.scheme
