"""Finding the files: patterns are expanded, folders searched."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toonify.converting.request import ConvertRequest
from toonify.errors import refusal, usage_error
from toonify.media import FILM_SUFFIXES, Film, can_read_films, find_pictures, is_film, left_aside
from toonify.storage import is_inside

_WILD = "*?["


@dataclass(frozen=True)
class Found:
    """What was found to convert.

    Attributes:
        files: Each with its path below the output folder.
        unreadable: Folders that could not be looked into, with the reason.
    """

    files: dict[Path, Path] = field(default_factory=dict)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)


def expand(inputs: Sequence[Path]) -> dict[Path, Path]:
    """Files and folders, each with its path below the output folder, of names and patterns.

    Most shells expand patterns before a program sees them, but not quoted ones, and those of Windows none.
    `*`, `?` and `[…]` stand for letters, `**` for any number of folders, of which only the files are taken. A
    name that is there is no pattern, and what is hidden is matched only by what begins with a dot. What is
    given twice, `a.jpg` and `/home/me/a.jpg`, is taken once.

    Raises:
        ToonifyError: if a pattern matches nothing.
    """
    names: dict[Path, Path] = {}
    first: dict[Path, Path] = {}
    for path in inputs:
        is_pattern = _is_wild(str(path)) and not path.exists() and not path.is_symlink()
        for match, name in _matches(path) if is_pattern else [(path, Path(path.name))]:
            if (other := first.setdefault(name, match)) is match or not is_same(match, other):
                names.setdefault(match, name)
    return names


def is_same(path: Path, other: Path) -> bool:
    """Whether two paths are of one file; not where one of them cannot be looked at."""
    with contextlib.suppress(OSError):
        return path.samefile(other)
    return False


def _is_wild(text: str) -> bool:
    return any(letter in text for letter in _WILD)


def _matches(pattern: Path) -> list[tuple[Path, Path]]:
    """What matches a pattern, sorted."""
    base, wild = Path(), list(pattern.parts)
    # A folder that is there, such as `Trip [2026]`, is no pattern either.
    while wild[1:] and (not _is_wild(wild[0]) or (base / wild[0]).is_dir()):
        base /= wild.pop(0)
    # Inside a name, two are one; at the end, all that lies below is meant.
    parts = [part if part == "**" else part.replace("**", "*") for part in wild]
    parts += ["*"] if parts[-1] == "**" else []
    hidden = any(part.startswith(".") for part in parts)
    found = [
        (path, name)
        for path in sorted({*base.glob("/".join(parts))})
        if (name := path.relative_to(base))
        and (hidden or not any(part.startswith(".") for part in name.parts))
        and ("**" not in parts or not path.is_dir())
    ]
    if not found:
        raise usage_error(f"nothing matches {pattern}", "Give files, folders, or another pattern.")
    return found


def find_files(request: ConvertRequest, names: Mapping[Path, Path], output: Path) -> Found:
    """The files that are named, and the pictures and films in the folders.

    Args:
        request: Whose inputs they are.
        names: Its inputs, expanded.
        output: The folder to write to.

    Raises:
        ToonifyError: if that lies in an input folder, or a film is named and films cannot be read.
    """
    found = Found()

    def note(error: OSError) -> None:
        found.unreadable.append((Path(error.filename), refusal(error)))

    for path, name in names.items():
        if not path.is_dir():
            if is_film(path):
                Film.need_decoders()
            found.files[path] = name
            continue
        _refuse_output_inside(path, output)
        also = FILM_SUFFIXES if can_read_films() else ()
        for source in find_pictures(path, recursive=request.recursive, on_error=note, also=also):
            found.files.setdefault(source, source.relative_to(path))
    return found


def _refuse_output_inside(folder: Path, output: Path) -> None:
    if is_inside(output, folder):
        same = is_inside(folder, output)
        where = "is the input folder" if same else f"is inside the input folder {folder}"
        raise usage_error(f"the output folder {output} {where}", "Choose a folder outside of it.")


def count_left_aside(request: ConvertRequest, taken: Collection[Path], own: int) -> Counter[str]:
    """What else lies in the input folders, counted by kind.

    Args:
        request: Whose inputs they are.
        taken: The files that were found.
        own: How many of these are cartoons, which nobody wants twice.
    """
    folders = [path for path in request.inputs if path.is_dir()]
    others = (left_aside(path, taken, recursive=request.recursive) for path in folders)
    return sum(others, Counter({"made by toonify": own} if own else {}))
