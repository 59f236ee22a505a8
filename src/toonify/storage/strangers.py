"""What lies in a folder of toonify's and is none of it, and would go with the folder if that is replaced."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from toonify.storage.files import is_part

LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What desktops leave in folders; so does macOS `._NAME`, beside each NAME on foreign disks."""


def is_litter(name: str) -> bool:
    """Whether a file is one that desktops leave in folders."""
    return name in LITTER or name.startswith("._")


def strangers(folder: Path, own: Iterable[str]) -> list[str]:
    """What a folder holds beside its own files, sorted; not what desktops leave, nor what is half written.

    Args:
        folder: That is there.
        own: Paths of its files within it, with `/`; `*` stands for anything within a name. Of a folder that
            may be there and hold nothing, its path and a `/`.

    Returns:
        Paths within it. Of a folder that holds nothing of its own, the folder alone.

    Raises:
        OSError: if it cannot be looked into.
    """
    return sorted(_strangers(folder, [path.split("/") for path in own]))


def _strangers(folder: Path, own: Sequence[Sequence[str]]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            below = [path[1:] for path in own if fnmatchcase(entry.name, path[0])]
            if entry.is_dir(follow_symlinks=False):
                if deeper := [path for path in below if path]:
                    inside = Path(entry.path)
                    yield from (f"{entry.name}/{name}" for name in _strangers(inside, deeper))
                elif not is_part(Path(entry.path)):
                    yield entry.name
            elif [] not in below and not is_litter(entry.name):
                yield entry.name
