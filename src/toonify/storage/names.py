"""Names that are different and yet may stand for one file, and those that none can have."""

from __future__ import annotations

import contextlib
import errno
import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from toonify.errors import usage_error
from toonify.storage.files import Part
from toonify.text import spelt, visible

AnyPath = str | os.PathLike[str]
"""As people's programs give paths."""


def why_no_name(path: Path) -> str:
    """Why nothing on this machine can have a path, as far as its name tells; empty if something can."""
    if os.path.lexists(path):  # as most are: of thousands of inputs one look each
        return ""
    try:
        folder = _there(path.parent)
        for part in path.parts:  # each by itself, for in a folder that is missing no name is looked at
            _look_at(folder / part)
        _look_at(path)
    except UnicodeEncodeError:
        return "it holds half of a character"
    except ValueError:
        return "it holds a null character"
    except OSError as error:
        return "file name too long" if error.errno == errno.ENAMETOOLONG else ""
    return ""


def check_no_address(path: Path, field: str) -> None:
    """Raise a `ToonifyError` for an address where something is to be written: as a path it would be a folder
    called `s3:`.

    Args:
        path: Where to write.
        field: Of the request that names it.
    """
    if "://" in (shown := spelt(path)):
        raise usage_error(
            f"`{field}` is an address, {visible(shown)}: only cartoons are written to one",
            "Give a path on this machine, and copy there what was written.",
        )


def _look_at(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        path.lstat()


def same_files(paths: Iterable[Path]) -> list[list[Path]]:
    """Which of some paths would be the same file: equal ones, and those that their file system takes for one.

    Many a file system makes no difference between `A.png` and `a.png`, or between the two ways in which
    Unicode writes an é. It alone knows its rules, so it is asked: names that are alike are tried in a
    hidden folder, which is gone again at the end. Nothing is written where none are alike.

    Returns:
        Groups of two paths and more, each in the order given.
    """
    alike: defaultdict[str, list[Path]] = defaultdict(list)
    for path in paths:
        alike[_folded(path)].append(path)
    return [same for group in alike.values() if len(group) > 1 for same in _tried(group)]


def _folded(path: Path) -> str:
    """Equal for names that a file system might take for one (Unicode's canonical caseless matching)."""
    decomposed = unicodedata.normalize("NFD", str(path))
    return unicodedata.normalize("NFD", decomposed.casefold())


def _tried(paths: Sequence[Path]) -> list[list[Path]]:
    """The groups of those that are the same."""
    if len({*paths}) == 1:
        return [[*paths]]
    groups: defaultdict[object, list[Path]] = defaultdict(list)
    common = Path(os.path.commonpath([path.parent for path in paths]))
    with contextlib.ExitStack() as stack:
        try:
            probe = stack.enter_context(Part(_there(common) / "names")).path
            files = [_make(probe, path.relative_to(common)) for path in paths]
        except OSError:  # nothing can be written there, and whoever tries is told so
            files = [*map(str, paths)]
    for path, file in zip(paths, files, strict=True):
        groups[file].append(path)
    return [group for group in groups.values() if len(group) > 1]


def _there(folder: Path) -> Path:
    """The nearest folder upwards that is there."""
    return next((path for path in (folder, *folder.parents) if path.is_dir()), folder)


def _make(folder: Path, name: Path) -> object:
    """Make a file, and return what identifies it: device and inode."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    status = path.stat()
    return status.st_dev, status.st_ino
