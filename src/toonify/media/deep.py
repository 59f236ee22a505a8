"""PNG with 16 bits a channel and one colour that is transparent, which Pillow compares with 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image

from toonify.media.sources import Source, pillow_source

if TYPE_CHECKING:
    from numpy import bool_, uint8
    from numpy.typing import NDArray

_HIGH, _LOW = "RGB;16B", "RGB;16L"
"""Pillow's unpackers of two bytes a channel: of PNG's numbers these take the upper ones, or the lower."""


def is_deep_png(image: Image.Image) -> bool:
    """Whether it has 16 bits a channel, and one colour that is transparent.

    Args:
        image: Before its pixels are loaded.
    """
    transparent = image.format == "PNG" and "transparency" in image.info and image.mode != "P"
    return transparent and any("16" in str(tile.args) for tile in _tiles(image))


def with_transparency(image: Image.Image, source: Source) -> Image.Image:
    """The picture with alpha 0 where all 16 bits of each channel are those of the transparent colour.

    Args:
        image: One of which `is_deep_png` was true; loaded.
        source: Its file, which is decoded once more where it has colours.

    Returns:
        `LA` or `RGBA`, 8 bits a channel.
    """
    import numpy as np

    colour = image.info.pop("transparency")
    if image.mode == "RGB":
        matches = _matches(np.asarray(image), colour, 8) & _matches(np.asarray(_lower(source)), colour, 0)
        upper = image
    else:
        numbers = np.asarray(image)
        matches = numbers == colour
        upper = Image.fromarray((numbers / 257 + 0.5).astype(np.uint8))
    alpha = Image.fromarray(np.where(matches, np.uint8(0), np.uint8(255)))
    result = upper.copy()
    result.putalpha(alpha)
    return result


def _matches(pixels: NDArray[uint8], colour: tuple[int, int, int], shift: int) -> NDArray[bool_]:
    found: NDArray[bool_] = (pixels == [channel >> shift & 255 for channel in colour]).all(axis=2)
    return found


def _lower(source: Source) -> Image.Image:
    with Image.open(pillow_source(source), formats=("PNG",)) as image:
        image.tile = [tile._replace(args=_LOW) for tile in _tiles(image) if tile.args == _HIGH]
        image.load()
        return image


def _tiles(image: Any) -> Any:
    return getattr(image, "tile", ())
