"""Before and after, side by side, at a size that is looked at."""

from __future__ import annotations

from PIL import Image

from toonify.media import AnyImage, eight_bits

LONGEST = 2048
"""Pixels a side of each half of a comparison: enough to look at, and no second copy of a huge picture."""

_GAP = 8  # white pixels between the halves


def reduced_size(size: tuple[int, int]) -> tuple[int, int]:
    """The size (width, height) of a picture's copy that is no larger than `LONGEST` a side."""
    scale = min(1.0, LONGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def reduced(image: AnyImage) -> Image.Image:
    """A copy no larger than `LONGEST` a side, 8 bits a channel."""
    size = reduced_size(image.size)
    if size == image.size:
        return eight_bits(image).copy()
    return eight_bits(image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0))


def side_by_side(before: Image.Image, after: Image.Image) -> Image.Image:
    """Two pictures of the same size, with a white gap between them."""
    both = Image.new(before.mode, (2 * before.width + _GAP, before.height), "white")
    both.paste(before, (0, 0))
    both.paste(after, (before.width + _GAP, 0))
    return both
