"""Reading the parts of a style, from its folder or from its one file, without trusting either."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from toonify.errors import ToonifyError, refusal
from toonify.storage import StyleFolder, StyleManifest, is_inside, read_checked
from toonify.storage.archives import StoredFile, open_files
from toonify.storage.checksums import LIST, LONGEST_LIST, check_listed

CARD = StyleManifest.FILE
_FILES = StyleFolder(Path())
GENERATOR, INT8 = _FILES.generator.name, _FILES.int8.name
WEIGHTS, WORDS = _FILES.weights.name, _FILES.words.name

LIMITS: Mapping[str, int] = {
    CARD: 2**20,
    GENERATOR: 256 * 2**20,
    INT8: 256 * 2**20,
    WEIGHTS: 256 * 2**20,
    WORDS: 2**20,
}
"""The names, and how many bytes each may have."""

NEEDED = (CARD, GENERATOR)


def check_parts(path: Path) -> None:
    """Whether a style's file is sound by its table of contents, or its folder's card is a file of its own.

    Raises:
        ToonifyError: if not; or if the file lacks what every style has.
    """
    if not path.is_dir():
        with _opened(path) as files:
            missing = [name for name in NEEDED if name not in files]
        if missing:
            raise ToonifyError(f"{path} is no style: it has no {missing[0]}")
    elif os.path.lexists(path / CARD):
        _inside(path / CARD)


def part_size(path: Path, name: str) -> int | None:
    """Bytes of a part; `None` if the style comes without it.

    Raises:
        ToonifyError: if it is a link that leaves the folder, or no file; or the style's file is damaged.
    """
    if not path.is_dir():
        with _opened(path) as files:
            return files[name].size if name in files else None
    return _inside(path / name).stat().st_size if os.path.lexists(path / name) else None


def read_part(path: Path, name: str) -> bytes:
    """A part, whole.

    Args:
        path: The style's folder, or its file.
        name: One of `LIMITS`.

    Raises:
        ToonifyError: as `part_size`, or if the part is missing, too large, or not what a list of hashes
            beside it, in the folder or the file, says.
    """
    if not path.is_dir():
        with _opened(path) as files:
            if name not in files:
                raise ToonifyError(f"{path} is damaged: {name} is missing")
            data = files[name].read()
            if LIST in files:
                check_listed(path / name, data, files[LIST].read())
            return data
    part = _inside(path / name)
    try:
        if part.stat().st_size > LIMITS[name]:
            raise ToonifyError(f"{part} is larger than {LIMITS[name] // 2**20} MB: not a style's")
        return read_checked(part)
    except OSError as error:
        raise ToonifyError(f"{part} cannot be read: {refusal(error)}") from error


def _opened(path: Path) -> AbstractContextManager[Mapping[str, StoredFile]]:
    """The parts in a style's file, and the list of hashes of who zipped a folder that has one."""
    return open_files(path, {**LIMITS, LIST: LONGEST_LIST})


def _inside(path: Path) -> Path:
    """The path, once it is certain that it is a file of its own folder and no link out of it."""
    if not is_inside(path, path.parent):
        raise ToonifyError(f"{path} is a link that leaves the style's folder", "Copy the file there instead.")
    if not os.path.lexists(path):
        raise ToonifyError(f"{path.parent} is damaged: {path.name} is missing")
    if not path.is_file():
        raise ToonifyError(f"{path} is not a regular file")
    return path
