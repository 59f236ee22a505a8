"""The `folder` source: whatever pictures a folder and its sub-folders hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar

from toonify.plugins import DatasetSource, Domain, Range, SourceItem, find_pictures, megapixels, usage_error

Side = Annotated[int, Range("128 or more", lambda n: n >= 128)]
"""Pixels of a picture's long side, as an option of a source."""


class Folder(DatasetSource):
    """Photos from one folder, cartoons from another; an identity is the path inside it."""

    domains: ClassVar[frozenset[Domain]] = frozenset({"photo", "cartoon"})
    one_root: ClassVar[bool] = False

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        return pictures_below(root)


MOST_CROPS = 20.0  # of one picture, for each crop of a picture of up to a megapixel


def pictures_below(root: Path, *, weighted: bool = False, longest: int | None = None) -> Iterator[SourceItem]:
    """Every picture below a folder, by its relative path.

    Args:
        root: The folder.
        weighted: Whether large ones, which hold more to crop, weigh more.
        longest: Pixels of the long side to which they are reduced, should they be.

    Raises:
        ToonifyError: if it is no folder.
    """
    if not root.is_dir():
        raise usage_error(f"{root} is not a folder")
    most = MOST_CROPS if longest is None else min(MOST_CROPS, longest**2 / 1e6)
    for path in find_pictures(root):
        weight = max(1.0, min(megapixels(path), most)) if weighted else 1.0
        yield SourceItem(path.relative_to(root).as_posix(), path, weight)


def folder_option(source: str, option: str, folder: str | Path) -> Path:
    """The folder of pictures that an option of a source names.

    Raises:
        ToonifyError: if it is none, or holds no pictures.
    """
    named = f"the option {option} of the source '{source}'"
    if not folder:  # which would be the working directory
        raise usage_error(f"{named} is empty", "A variable may have no value.")
    if not Path(folder).is_dir():
        raise usage_error(f"{named} is no folder: {folder}")
    if not any(True for _ in find_pictures(folder)):
        raise usage_error(
            f"{named} is a folder without pictures: {folder}",
            "JPEG, PNG, WebP, TIFF and some others are read, files of drawing programs are not.",
        )
    return Path(folder)
