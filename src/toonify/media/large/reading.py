"""Reading a picture smaller, without ever having all of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from toonify.media.colours import as_rgb
from toonify.media.jpeg import is_jpeg
from toonify.media.large import png, tiff
from toonify.media.sources import Source

LARGE_BY_ROWS = 2**27
"""Pixels above which PNG and TIFF are read by rows: it takes longer, and fewer fit into half a gigabyte."""


def is_shrunk(image: Image.Image) -> bool:
    """Whether a picture may be read smaller: by its decoder (JPEG), or, if large, by rows (PNG, TIFF).

    Args:
        image: Before its pixels are loaded.
    """
    by_rows = image.width * image.height > LARGE_BY_ROWS
    return is_jpeg(image) or (by_rows and (png.is_in_rows(image) or tiff.is_in_strips(image)))


def stored_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as they are in the file.

    Args:
        image: As of `small_size`.
    """
    return tiff.stored_size(image) if isinstance(image, TiffImageFile) else image.size


def small_size(image: Image.Image, enough: tuple[int, int]) -> tuple[int, int]:
    """Width and height of what `read_small` gives; the decoder of a JPEG is set to that.

    Args:
        image: One of which `is_shrunk` was true.
        enough: The least of both, whichever way up it is.
    """
    if is_jpeg(image):
        image.draft(None, enough)
        return image.size
    factor, (width, height) = _factor(image, enough), stored_size(image)
    return math.ceil(width / factor), math.ceil(height / factor)


def read_small(
    image: Image.Image, source: Source, enough: tuple[int, int], profile: bytes | None
) -> tuple[Image.Image, bytes | None]:
    """A smaller copy, averaged over squares of whole pixels.

    Args:
        image: As of `small_size`.
        source: Its file.
        enough: The least of width and height.
        profile: The colour profile of its numbers.

    Returns:
        The copy, RGB, and the profile that its numbers are in; as `as_rgb`.
    """
    size = small_size(image, enough)  # which sets the decoder of a JPEG
    if is_jpeg(image):
        image.load()
        return as_rgb(image, profile)
    small = Image.new("RGB", size)
    factor = _factor(image, enough)
    strips = tiff.strips(image, source) if isinstance(image, TiffImageFile) else png.strips(image, source)
    kept, top = as_rgb(Image.new(image.mode, (1, 1)), profile)[1], 0
    colours = (as_rgb(strip, profile)[0] for strip in strips)
    for band in _regrouped(colours, factor):
        small.paste(band.reduce(factor), (0, top // factor))
        top += band.height
    return small, kept


def _factor(image: Image.Image, enough: tuple[int, int]) -> int:
    width, height = stored_size(image)
    return max(1, min(max(width, height) // max(enough), min(width, height) // min(enough)))


def _regrouped(strips: Iterator[Image.Image], rows: int) -> Iterator[Image.Image]:
    """The same rows, but the last strip a multiple of so many at a time."""
    left: Image.Image | None = None
    for strip in strips:
        both = strip if left is None else _joined(left, strip)
        whole = both.height - both.height % rows
        if whole:
            yield both.crop((0, 0, both.width, whole))
        left = both.crop((0, whole, *both.size)) if whole < both.height else None
    if left is not None:
        yield left


def _joined(upper: Image.Image, lower: Image.Image) -> Image.Image:
    both = Image.new(upper.mode, (upper.width, upper.height + lower.height))
    both.paste(upper, (0, 0))
    both.paste(lower, (0, upper.height))
    return both
