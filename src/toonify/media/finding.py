"""Finding the pictures of a folder, and telling what else lies there."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

from toonify.storage import AnyPath, is_litter
from toonify.text import counted

_JPEG = {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"}
_JPEG_2000 = {".jp2", ".j2k", ".jpx", ".jpf", ".j2c", ".jpc"}
_PORTABLE = {".ppm", ".pgm", ".pbm", ".pnm"}
SUFFIXES = frozenset(
    {".png", ".apng", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif", ".tga", ".ico"}
    | _JPEG
    | _JPEG_2000
    | _PORTABLE
)
"""Of files that are looked at in a folder; what they hold decides then how they are read."""

READ = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC, JPEG 2000, PPM, TGA and ICO are read."

_SPECIAL = (
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)
KINDS_SHOWN = 8


def find_pictures(
    folder: AnyPath,
    *,
    recursive: bool = True,
    on_error: Callable[[OSError], None] | None = None,
    also: Collection[str] = (),
) -> Iterator[Path]:
    """Files with a picture's suffix below `folder`, sorted, hidden ones left out.

    Links to files are followed, links to folders are not, so the walk always ends.

    Args:
        folder: Where to look.
        recursive: Look in sub-folders too.
        on_error: Told about each folder that cannot be read; by default those are left out.
        also: Further suffixes to look for, in lower case, such as `.mp4`.
    """
    suffixes = {*SUFFIXES, *also}
    for parent, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = sorted(name for name in folders if recursive and not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            if not name.startswith(".") and path.suffix.lower() in suffixes:
                yield path


def left_aside(folder: Path, taken: Collection[Path], *, recursive: bool = True) -> Counter[str]:
    """What lies below `folder` and was not taken, counted by kind; what desktops leave there is not.

    Args:
        folder: Where pictures were looked for.
        taken: Those that were found.
        recursive: Whether sub-folders were looked into.

    Returns:
        By kind: `.psd`, `hidden`, `without a suffix`, `hidden folder`, `linked folder`, `socket` and so on.
    """
    taken = frozenset(taken)
    kinds: Counter[str] = Counter()
    for parent, folders, files in os.walk(folder):
        if recursive:
            kinds.update(kind for name in folders if (kind := _kind_of_folder(Path(parent, name))))
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        for name in files:
            path = Path(parent, name)
            if path not in taken and not is_litter(name):
                kinds[_kind(path)] += 1
    return kinds


def _kind_of_folder(folder: Path) -> str:
    """Of one that is not looked into; empty for the others."""
    if folder.name.startswith("."):
        return "hidden folder"
    return "linked folder" if os.path.islink(folder) else ""  # noqa: PTH114 - no error for too long a path


def _kind(path: Path) -> str:
    if path.name.startswith("."):
        return "hidden"
    try:
        mode = path.lstat().st_mode
    except OSError:  # gone by now
        mode = 0
    special = next((kind for holds, kind in _SPECIAL if holds(mode)), "")
    return special or path.suffix.lower().rstrip(".") or "without a suffix"  # since 3.14 `.` is a suffix, too


def tell_left_aside(kinds: Mapping[str, int]) -> str:
    """Such as `2 files left aside: 1 .mp4, 1 .psd`; empty when nothing was."""
    if not kinds:
        return ""
    total = sum(kinds.values())
    ordered = sorted(kinds.items(), key=lambda kind: (-kind[1], kind[0]))
    told = [f"{number} {kind}" for kind, number in ordered[:KINDS_SHOWN]]
    rest = sum(number for _, number in ordered[KINDS_SHOWN:])
    told += [f"{rest} of other kinds"] if rest else []
    return f"{counted(total, 'file')} left aside: {', '.join(told)}"
