"""`--source portrait`: photographs paired with a drawing that knows what it draws.

Faces are painted by their landmarks, a person by its outline, the rest calmly (`painting`), so that a
folder of photographs is all that training such a style takes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np

from toonify.datasets.painting import Painting, paint
from toonify.plugins import DatasetSource, Domain, SourceItem, find_pictures, megapixels, usage_error

Array = np.ndarray

MOST_CROPS = 20.0  # of one picture, for each crop of a picture of up to a megapixel
VIVID = (0.5, 3.0)  # what `chroma` may be


class Portrait(DatasetSource):
    """Pairs made from the photographs below PHOTOS, and a map of what each pixel shows.

    Beside the pairs it derives `regions`: 0 background, 1 clothes, 2 skin, 3 hair, 4 brows, 5 eyes,
    6 irises, 7 lips, 8 mouth, 9 glasses.

    Args:
        chroma: How much more vivid than the photograph everything but skin becomes.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"paired"})
    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"paired": {"regions": 1}}

    def __init__(self, chroma: float = 1.25) -> None:
        if not VIVID[0] <= chroma <= VIVID[1]:
            raise usage_error(
                f"the option chroma of the source 'portrait' should be from {VIVID[0]:g} to {VIVID[1]:g}, "
                f"not {chroma}"
            )
        self.chroma = chroma

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Every picture below `root`, by its relative path; large ones hold more to crop."""
        if not root.is_dir():
            raise usage_error(f"{root} is not a folder")
        for path in find_pictures(root):
            weight = min(max(1.0, megapixels(path)), MOST_CROPS)
            yield SourceItem(path.relative_to(root).as_posix(), path, weight)

    def pair(self, photo: Array) -> Array:
        """Photo, flat colours and ink of a crop; the same crop always gives the same pair."""
        painting = _painted(photo.tobytes(), photo.shape, self.chroma)
        drawn = np.concatenate([painting.colours, painting.ink[..., None]], -1)
        return np.concatenate([photo, np.rint(drawn * 255).astype(np.uint8)], -1)

    def derive(self, domain: Domain, picture: Array) -> Mapping[str, Array]:
        """The map of regions of a crop, (S, S, 1), from the same painting as its pair."""
        painting = _painted(picture.tobytes(), picture.shape, self.chroma)
        return {"regions": painting.regions[..., None]}


@functools.lru_cache(maxsize=2)
def _painted(pixels: bytes, shape: tuple[int, ...], chroma: float) -> Painting:
    """The last paintings by content: a crop's pair and its regions are asked for one after the other."""
    return paint(np.frombuffer(pixels, np.uint8).reshape(shape), chroma)
