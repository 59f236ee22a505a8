"""`--source paired`: photographs, and for each a drawing of the same, made by anyone or anything.

So a style learns from what an artist drew over photographs, or from what a program makes of them that is
too large or too slow to be used itself. Whoever draws in layers gives the lines in a folder of their own.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np
from PIL import Image

from toonify.datasets.filters import Array, at_most, resized, to_bytes
from toonify.datasets.folder import Side, folder_option, pictures_below
from toonify.datasets.likeness import features_of
from toonify.datasets.separation import density, separated
from toonify.plugins import (
    DatasetSource,
    Domain,
    SourceItem,
    ToonifyError,
    find_pictures,
    open_rgb,
    usage_error,
)

ALIKE = 0.02  # by how much the shapes of a photograph and its drawing may differ


class Paired(DatasetSource):
    """Pairs of the photographs below PHOTOS and the drawings of the same names below another folder.

    Beside the pairs it derives `facial`, as `comic` does: 1 where eyes, noses and mouths are, 0 elsewhere.

    Args:
        drawings: That folder. A drawing's path in it is that of its photograph in PHOTOS, but for the suffix;
            of several, the one with its suffix counts.
        lines: A folder of the lines alone, dark on white, in the same way. The drawings are the colours below
            them then; otherwise lines are told by being dark and thin.
        longest: Pixels of a pair's long side at most; crops are cut from that. It has the size of the
            photograph or of the drawing, whichever is smaller.

    Raises:
        ToonifyError: if `drawings` or `lines` is no folder of pictures.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"paired"})
    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"paired": {"facial": 1}}
    whole: ClassVar[bool] = True  # a crop alone does not tell where in the drawing it is

    def __init__(self, drawings: str | Path, lines: str | Path | None = None, longest: Side = 2048) -> None:
        self.drawings = folder_option("paired", "drawings", drawings)
        self.lines = None if lines is None else folder_option("paired", "lines", lines)
        self.longest = longest

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Every picture below `root`, by its relative path; beside it the drawings of its name and the lines,
        one each if all is well. Large ones hold more to crop.

        Raises:
            ToonifyError: if `root` is no folder, or is given twice, or none of its pictures has a drawing.
        """
        self._check_folders(root)
        drawings, lines = _by_name(self.drawings), _by_name(self.lines) if self.lines else {}
        items = [
            replace(item, beside=(*_of(item, drawings), *_of(item, lines)))
            for item in pictures_below(root, weighted=True, longest=self.longest)
        ]
        if items and not any(self._found(item, self.drawings) for item in items):
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
        photo, layers = open_rgb(item.path), self._layers(item)
        for what, layer in layers.items():
            width, height = layer.size
            if abs(photo.width * height - photo.height * width) > ALIKE * photo.width * height:
                raise ToonifyError(
                    f"its {what} has another shape: {width} x {height}, not {photo.width} x {photo.height}"
                )
        longest = min(max(layer.pixels.shape[:2]) for layer in layers.values())
        return Image.fromarray(at_most(np.asarray(photo), longest))

    def pair_of(self, item: SourceItem, photo: Array) -> Array:
        """Photo, flat colours and ink of a picture."""
        drawing, *lines = (
            resized(layer.pixels, photo.shape[1], photo.shape[0]).astype(np.float32) / 255
            for layer in self._layers(item).values()
        )
        colours, ink = (drawing, density(*lines)) if lines else separated(drawing)
        return np.concatenate([photo, to_bytes(np.concatenate([colours, ink[..., None]], -1))], -1)

    def derive(self, domain: Domain, picture: Array) -> Mapping[str, Array]:
        """The map of features of a photograph, (H, W, 1)."""
        return features_of(picture)

    def _check_folders(self, root: Path) -> None:
        """Make sure that nothing is its own drawing."""
        names = {"photos": root, "drawings": self.drawings, **({"lines": self.lines} if self.lines else {})}
        for (one, folder), (other, same) in itertools.combinations(names.items(), 2):
            if folder.resolve() == same.resolve():
                raise usage_error(f"{folder} is given as {one} and as {other}", "Give a folder for each.")

    def _layers(self, item: SourceItem) -> Mapping[str, Layer]:
        """What was drawn over a photograph, by what messages call it: the drawing, then its lines if they are
        in a folder of their own.

        Raises:
            ToonifyError: if there is none, or more than one, or it cannot be read.
        """
        layers = {"drawing": self._layer("drawing", item, self.drawings)}
        if self.lines:
            layers["picture of lines"] = self._layer("picture of lines", item, self.lines)
        return layers

    def _layer(self, what: str, item: SourceItem, folder: Path) -> Layer:
        found = self._found(item, folder)
        if not found:
            raise ToonifyError(f"no {what} of its name")
        if len(found) > 1:
            raise ToonifyError(f"more than one {what} of its name: {', '.join(path.name for path in found)}")
        try:
            return _read(found[0], self.longest)
        except ToonifyError as error:
            raise ToonifyError(f"its {what} cannot be used: {error.message}") from error

    def _found(self, item: SourceItem, folder: Path) -> list[Path]:
        """Of the files beside a photograph those that are of its name in a folder."""
        name = _name(Path(item.identity))
        below = (path for path in item.beside if path.is_relative_to(folder))
        return [path for path in below if _name(path.relative_to(folder)) == name]


class Layer(NamedTuple):
    """A drawing, or its lines.

    Attributes:
        pixels: RGB, uint8, (H, W, 3), at most `longest` pixels long.
        size: Width and height of its file.
    """

    pixels: Array
    size: tuple[int, int]


@functools.lru_cache(maxsize=2)
def _read(path: Path, longest: int) -> Layer:
    """The last drawing and its lines: a photograph is opened, then paired, one after the other."""
    drawing = open_rgb(path)
    size = drawing.size
    drawing.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return Layer(np.asarray(drawing), size)


def _of(item: SourceItem, found: Mapping[str, list[Path]]) -> list[Path]:
    """The picture that is called as a photograph, suffix and all; without one, all of its name."""
    photo = Path(item.identity)
    named = found.get(_name(photo), [])
    return [path for path in named if path.suffix == photo.suffix] or named


def _by_name(folder: Path) -> Mapping[str, list[Path]]:
    """The pictures below a folder, by `_name`."""
    found = defaultdict[str, list[Path]](list)
    for path in find_pictures(folder):
        found[_name(path.relative_to(folder))].append(path)
    return found


def _name(path: Path) -> str:
    """What a photograph and its drawing have in common, each within its folder; macOS takes letters apart
    from their accents.
    """
    return unicodedata.normalize("NFC", path.with_suffix("").as_posix())
