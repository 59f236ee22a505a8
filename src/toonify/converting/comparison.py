"""Before and after, side by side."""

from __future__ import annotations

from PIL import Image

LONGEST = 2048
"""Pixels a side of each half: enough to look at, and no second copy of a huge picture."""

_GAP = 8  # white pixels between the halves


def reduced(image: Image.Image) -> Image.Image:
    """A copy no larger than `LONGEST` a side."""
    scale = LONGEST / max(image.size)
    if scale >= 1:
        return image.copy()
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def side_by_side(before: Image.Image, after: Image.Image) -> Image.Image:
    """Two pictures of the same size, with a white gap between them."""
    both = Image.new(before.mode, (2 * before.width + _GAP, before.height), "white")
    both.paste(before, (0, 0))
    both.paste(after, (before.width + _GAP, 0))
    return both
