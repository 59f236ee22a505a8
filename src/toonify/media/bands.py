"""Pictures worked on in bands of a few rows: a second copy of a huge one might not fit into the memory."""

from __future__ import annotations

from collections.abc import Iterator

LARGE = 2**25
"""Pixels above which a picture is worked on so."""

PIXELS = 2**22
"""Of a band, about."""


def is_large(size: tuple[int, int]) -> bool:
    """Whether a picture of this size (width, height) is too large for a second copy."""
    return size[0] * size[1] > LARGE


def row_bands(size: tuple[int, int], multiple: int = 1, pixels: int = 0) -> Iterator[tuple[int, int]]:
    """The first row of each band from the top, and the one after its last.

    Args:
        size: Width and height of the picture.
        multiple: Of how many rows each band is, but the last.
        pixels: Of a band, about; `PIXELS` when left out.
    """
    width, height = size
    rows = max(1, (pixels or PIXELS) // width // multiple) * multiple
    for top in range(0, height, rows):
        yield top, min(top + rows, height)
