"""`--source comic-faces`: as `comic`, but heads are drawn by meaning: skin in few tones, and contours."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from toonify.datasets.comic import Comic, Over
from toonify.datasets.painting.heads import find_heads, with_heads

Array = np.ndarray


class ComicFaces(Comic):
    """Pairs as those of `comic`, in which a painter that knows where skin is has been at work.

    The skin of each face that it finds has two or three tones, of the colours that `comic` gives it, with
    what clearly differs from skin on them; and a contour holds head and neck together. A photograph is
    drawn whole, for what is lit and what is shadow is judged by the whole face.

    Args:
        tint: As of `comic`.
        wear: As of `comic`.
        chroma: As of `comic`.
    """

    whole: ClassVar[bool] = True

    def _over(self, rgb: Array) -> Over:
        heads = find_heads(rgb)
        if not heads:
            return super()._over(rgb)
        return lambda colours, ink, finer: with_heads(colours, ink, heads, finer)
