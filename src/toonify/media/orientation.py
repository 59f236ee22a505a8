"""Which way up a picture is, by its EXIF data, and turning it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PIL import ExifTags, Image, ImageOps

if TYPE_CHECKING:
    from toonify.media.deep import DeepImage

Pixels = TypeVar("Pixels", "Image.Image", "DeepImage")


def upright(image: Image.Image) -> Image.Image:
    """A copy, turned as its EXIF data says, which no longer says so."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # EXIF data too damaged to say which way is up
        return image.copy()


def turned(image: Pixels, turn: Image.Transpose | None) -> Pixels:
    """The image turned or mirrored; itself for `None`."""
    return image if turn is None else image.transpose(turn)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


SIDEWAYS = tuple(_TURNS[tag] for tag in (5, 6, 7, 8))
"""Those that make width of height."""


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """What brings a picture upright; `None` where it is."""
    try:
        return _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # EXIF data too damaged to say which way is up
        return None
