"""From what people type to where something lies, and to the place that knows how to get there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from toonify.errors import ToonifyError, usage_error
from toonify.places.addresses import SCHEMES, WEB, Address, Location
from toonify.places.folder import Folder
from toonify.places.place import Place
from toonify.places.store import Store
from toonify.places.web import Web
from toonify.storage import AnyPath
from toonify.text import spelt

_BEGINS = re.compile(r"([a-z][a-z0-9+.-]+):(//?|$)", re.IGNORECASE)  # of `s3://` a path keeps no slash
_THIS_MACHINE = "localhost/"  # RFC 8089


def locate(given: AnyPath) -> Location:
    """What is meant by text, or by a path that may have been an address.

    Raises:
        ToonifyError: if it is an address that is not understood.
    """
    given = given if isinstance(given, str) else Path(given)
    text = given if isinstance(given, str) else spelt(given)
    begins = _BEGINS.match(text)
    if not begins or (isinstance(given, Path) and os.path.lexists(given)):
        return Path(given)
    scheme, slashes, rest = begins[1].lower(), begins[2], text[begins.end() :]
    if not rest.strip("/") and (scheme in SCHEMES or scheme == "file"):
        raise usage_error(f"{scheme}:// names nothing", "Give a bucket or a folder, too.")
    if scheme == "file":
        return _path_of(rest)
    if slashes != "//":
        return Path(given)
    if scheme not in SCHEMES or ("::" in rest and scheme not in WEB):
        raise _not_understood(text)
    if scheme in WEB:
        return _of_the_web(scheme, text)
    return Address(scheme, rest.strip("/"))


def _of_the_web(scheme: str, text: str) -> Address:
    try:
        parts = urlsplit(text)
    except ValueError as error:  # of a host that is none
        raise _not_understood(text) from error
    return Address(scheme, f"{parts.netloc}{parts.path}", parts.query)


def _path_of(rest: str) -> Path:
    """The path that an address `file:` means, by what follows its slashes."""
    rest = rest.removeprefix(_THIS_MACHINE)
    has_drive = re.match(r"/*[a-z]:", rest, re.IGNORECASE)
    path = Path(rest.lstrip("/") if has_drive else f"/{rest.lstrip('/')}")
    return path if os.path.lexists(path) else Path(unquote(str(path)))


def _not_understood(address: str) -> ToonifyError:
    return usage_error(
        f"{address} is no address that toonify understands",
        f"Download it first and give the file; those of {', '.join(SCHEMES)} and file are understood.",
    )


def open_place(location: Location) -> Place:
    """The place at a location, or, of the web, the file.

    Nothing is asked of it yet.
    """
    if not isinstance(location, Address):
        return Folder(location)
    return Web(location) if location.is_web else Store(location)


def open_parent(location: Location) -> tuple[Place, str]:
    """The place that a file lies in, and its name there."""
    if isinstance(location, Address) and location.is_web:
        return Web(location), location.name
    return open_place(location.parent), location.name
