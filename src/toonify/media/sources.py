"""Where pictures are read from: files, or their bytes, which a program may have without a file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from toonify.errors import ToonifyError

Source = Path | bytes
"""A file, or all of its bytes."""


def need_regular_file(path: Path) -> None:
    """Raise a `ToonifyError` for anything but a regular file: reading a pipe might never end."""
    if path.exists() and not path.is_file():
        raise ToonifyError("not a regular file")


def open_source(source: Source) -> BinaryIO:
    """Open a source for reading, from its beginning; the caller closes it.

    Args:
        source: What to read.

    Raises:
        OSError: if it cannot be opened.
    """
    return io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")


def pillow_source(source: Source) -> Path | BinaryIO:
    """A source as `Image.open` takes it; Pillow closes only files that it opened itself."""
    return io.BytesIO(source) if isinstance(source, bytes) else source


def suffix_of(source: Source) -> str:
    """How a file's name ends, in lower case; empty for bytes, which have none."""
    return "" if isinstance(source, bytes) else source.suffix.lower()
