"""`--source comic-faces`: as `comic`, but heads are drawn by meaning: skin in few tones, and contours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from toonify.datasets.comic import Comic, Over
from toonify.datasets.filters import Array, at_most
from toonify.datasets.folder import Side, pictures_below
from toonify.datasets.painting.heads import find_heads, with_heads
from toonify.plugins import Domain, Fraction, SourceItem, Weight, open_rgb


class ComicFaces(Comic):
    """Pairs as those of `comic`, in which a painter that knows where skin is has been at work.

    The skin of each face that it finds has two or three tones, of the colours that `comic` gives it, with
    what clearly differs from skin on them; and a contour holds head and neck together. A photograph is
    drawn whole, for what is lit and what is shadow is judged by the whole face.

    Args:
        tint: As of `comic`.
        wear: As of `comic`.
        chroma: As of `comic`.
        longest: Pixels of the long side at which a picture is drawn at most; crops are cut from that.
    """

    whole: ClassVar[bool] = True

    def __init__(
        self, tint: Fraction = 0.7, wear: Fraction = 0.5, chroma: Weight = 1.25, longest: Side = 1024
    ) -> None:
        super().__init__(tint, wear, chroma)
        self.longest = longest

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """As of `comic`; what a photograph has beyond `longest` is not drawn, and holds nothing to crop."""
        return pictures_below(root, weighted=True, longest=self.longest)

    def open(self, item: SourceItem) -> Image.Image:
        """The photograph, at the size at which it is drawn, for there is nothing finer to be cut out.

        Raises:
            ToonifyError: if it cannot be used.
        """
        return Image.fromarray(at_most(np.asarray(open_rgb(item.path)), self.longest))

    def _over(self, rgb: Array) -> Over:
        heads = find_heads(rgb)
        if not heads:
            return super()._over(rgb)
        return lambda colours, ink, finer: with_heads(colours, ink, heads, finer)
