"""`--source paired`: photographs, and for each a drawing of the same, made by anyone or anything.

So a style learns from what an artist drew over photographs, or from what a program makes of them that is
too large or too slow to be used itself.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from toonify.datasets.degradation import to_bytes
from toonify.datasets.filters import resized, scaled
from toonify.datasets.folder import Side, folder_option, pictures_below
from toonify.datasets.separation import separated
from toonify.plugins import (
    DatasetSource,
    Domain,
    SourceItem,
    ToonifyError,
    find_pictures,
    open_rgb,
    usage_error,
)

Array = np.ndarray

ALIKE = 0.02  # by how much the shapes of a photograph and its drawing may differ


class Paired(DatasetSource):
    """Pairs of the photographs below PHOTOS and the drawings of the same names below another folder.

    Args:
        drawings: That folder. A drawing's path in it is that of its photograph in PHOTOS, but for the suffix.
        longest: Pixels of a pair's long side at most; crops are cut from that. It has the size of the
            photograph or of the drawing, whichever is smaller.

    Raises:
        ToonifyError: if `drawings` is no folder of pictures.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"paired"})
    whole: ClassVar[bool] = True  # a crop alone does not tell where in the drawing it is

    def __init__(self, drawings: str | Path, longest: Side = 2048) -> None:
        self.drawings = folder_option("paired", "drawings", drawings)
        self.longest = longest

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Every picture below `root`, by its relative path; beside it the drawings of its name, one if all is
        well. Large ones hold more to crop.

        Raises:
            ToonifyError: if `root` is no folder, or that of the drawings, or none of its pictures has one.
        """
        if self.drawings.resolve() == root.resolve():
            raise usage_error(f"{root} is given as photos and as drawings", "Give two folders.")
        drawings = defaultdict(list)
        for path in find_pictures(self.drawings):
            drawings[_name(self.drawings, path)].append(path)
        items = [
            replace(item, beside=tuple(drawings.get(_name(root, item.path), ())))
            for item in pictures_below(root, weighted=True)
        ]
        if items and not any(item.beside for item in items):
            raise usage_error(
                f"no picture in {root} has a drawing of its name in {self.drawings}",
                "A drawing is called like its photograph: mary/01.png is that of mary/01.jpg.",
            )
        return iter(items)

    def open(self, item: SourceItem) -> Image.Image:
        """The photograph, at the size of its pair, for there is nothing finer in it to be cut out.

        Raises:
            ToonifyError: if it, or its drawing, cannot be used.
        """
        photo, (drawing, (width, height)) = open_rgb(item.path), self._drawing(item)
        if abs(photo.width * height - photo.height * width) > ALIKE * photo.width * height:
            raise ToonifyError(
                f"its drawing has another shape: {width} x {height}, not {photo.width} x {photo.height}"
            )
        factor = min(1.0, max(drawing.shape[:2]) / max(photo.size))
        return Image.fromarray(scaled(np.asarray(photo), factor))

    def pair_of(self, item: SourceItem, photo: Array) -> Array:
        """Photo, flat colours and ink of a picture."""
        drawing = resized(self._drawing(item)[0], photo.shape[1], photo.shape[0])
        colours, ink = separated(drawing.astype(np.float32) / 255)
        return np.concatenate([photo, to_bytes(np.concatenate([colours, ink[..., None]], -1))], -1)

    def _drawing(self, item: SourceItem) -> tuple[Array, tuple[int, int]]:
        """The drawing of a photograph, RGB, uint8, (H, W, 3), at most `longest` pixels long, and the width
        and height of its file.

        Raises:
            ToonifyError: if there is none, or more than one, or it cannot be read.
        """
        found = item.beside
        if not found:
            raise ToonifyError("no drawing of its name")
        if len(found) > 1:
            raise ToonifyError(f"several drawings of its name: {', '.join(path.name for path in found)}")
        return _read(found[0], self.longest)


@functools.lru_cache(maxsize=1)
def _read(path: Path, longest: int) -> tuple[Array, tuple[int, int]]:
    """The last drawing: a photograph is opened, then paired, one after the other."""
    try:
        drawing = open_rgb(path)
    except ToonifyError as error:
        raise ToonifyError(f"its drawing cannot be used: {error.message}") from error
    size = drawing.size
    drawing.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return np.asarray(drawing), size


def _name(root: Path, path: Path) -> str:
    """What a photograph and its drawing have in common; macOS takes letters apart from their accents."""
    return unicodedata.normalize("NFC", path.relative_to(root).with_suffix("").as_posix())
