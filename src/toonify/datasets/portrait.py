"""`--source portrait`: photographs paired with a drawing that knows what it draws.

Faces are painted by their landmarks, a person by its outline, the rest calmly (`painting`), so that a
folder of photographs is all that training such a style takes.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from PIL import Image

from toonify.datasets.degradation import chance_of, degraded
from toonify.datasets.filters import Array, at_most, scaled, to_bytes
from toonify.datasets.folder import Side, folder_option, pictures_below
from toonify.datasets.painting import Painting, paint
from toonify.datasets.staging import staged
from toonify.plugins import (
    DatasetSource,
    Domain,
    Fraction,
    Range,
    SourceItem,
    ToonifyError,
    find_pictures,
    open_rgb,
)

Vivid = Annotated[float, Range("0.5 to 3", lambda x: 0.5 <= x <= 3)]
SMALL = 512  # pixels of the long side, below which a picture is enlarged to be painted, by 2 at most
STAGINGS = 1  # of a portrait, where there are backdrops
MOST_BACKDROP = 2048  # pixels of a backdrop's long side


class Portrait(DatasetSource):
    """Pairs made from the photographs below PHOTOS, and a map of what each pixel shows.

    Beside the pairs it derives `regions`: 0 background, 1 clothes, 2 skin, 3 hair, 4 brows, 5 eyes,
    6 irises, 7 lips, 8 mouth, 9 glasses.

    Args:
        chroma: How much more vivid than the photograph everything but skin becomes.
        longest: Pixels of the long side at which a picture is painted at most; crops are cut from that.
        wear: Share of photographs that are made hazy, noisy, soft or blocky, while their drawing
            stays clean: what the network learns to see through.
        backdrops: A folder of photographs of places. Each portrait is then there a second time: its person
            before one of these, at any size, in other light.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"paired"})
    arrays: ClassVar[Mapping[Domain, Mapping[str, int]]] = {"paired": {"regions": 1}}
    whole: ClassVar[bool] = True  # a cheek is painted by the face that it belongs to

    def __init__(
        self, chroma: Vivid = 1.25, longest: Side = 1024, wear: Fraction = 0.5, backdrops: str | Path = ""
    ) -> None:
        self.chroma = chroma
        self.longest = longest
        self.wear = wear
        self.backdrops = folder_option("portrait", "backdrops", backdrops) if backdrops else None

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Every picture below `root`, by its relative path; large ones hold more to crop. Staged ones have
        their backdrop beside them.
        """
        places = list(find_pictures(self.backdrops)) if self.backdrops else []
        for item in pictures_below(root, weighted=True, longest=self.longest):
            yield item
            for turn in range(STAGINGS if places else 0):
                place = places[zlib.crc32(f"{item.identity}/{turn}".encode()) % len(places)]
                name = f"{item.identity}@{turn}"
                yield SourceItem(name, item.path, beside=(place,))

    def open(self, item: SourceItem) -> Image.Image:
        """The picture, no larger than it is painted, for there is nothing finer to be cut out. A staged one
        is put together.

        Raises:
            ToonifyError: if it, or its backdrop, cannot be used.
        """
        photo = open_rgb(item.path)
        picture = self._staged(item, photo) if item.beside else np.asarray(photo)
        return Image.fromarray(at_most(picture, self.longest))

    def _staged(self, item: SourceItem, photo: Image.Image) -> Array:
        photo.thumbnail((SMALL, SMALL))
        (place,) = item.beside
        try:
            backdrop = open_rgb(place)
        except ToonifyError as error:
            raise ToonifyError(f"its backdrop {place.name} cannot be used: {error.message}") from error
        backdrop.thumbnail((MOST_BACKDROP, MOST_BACKDROP))
        chance = np.random.default_rng(zlib.crc32(item.identity.encode()))
        return staged(np.asarray(photo), np.asarray(backdrop), chance)

    def pair(self, photo: Array) -> Array:
        """Photo, flat colours and ink of a picture, at the size at which it was painted.

        The same picture always gives the same pair.
        """
        chance = chance_of(photo)
        photo = self._enlarged(photo)
        painting = self._painting(photo)
        seen = photo.astype(np.float32) / 255
        if chance.random() < self.wear:
            seen = degraded(seen, chance)
        return to_bytes(np.concatenate([seen, painting.colours, painting.ink[..., None]], -1))

    def derive(self, domain: Domain, picture: Array) -> Mapping[str, Array]:
        """The map of regions, (H, W, 1), from the same painting as the pair."""
        return {"regions": self._painting(self._enlarged(picture)).regions[..., None]}

    def _painting(self, photo: Array) -> Painting:
        return _painted(photo.tobytes(), photo.shape, self.chroma)

    def _enlarged(self, photo: Array) -> Array:
        """A small picture enlarged, for its drawing has crisper lines."""
        longest = min(SMALL, self.longest)
        return scaled(photo, max(1.0, min(2.0, longest / max(photo.shape[:2]))))


@functools.lru_cache(maxsize=2)
def _painted(pixels: bytes, shape: tuple[int, ...], chroma: float) -> Painting:
    """The last paintings by content: a picture's pair and its regions are asked for one after the other."""
    return paint(np.frombuffer(pixels, np.uint8).reshape(shape), chroma)
