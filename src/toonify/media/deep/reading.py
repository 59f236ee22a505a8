"""Decoding 16 bits a channel: Pillow's unpackers keep one byte of the two, and so a file is decoded twice."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image

from toonify.media.bands import row_bands
from toonify.media.deep.image import MOST, DeepImage
from toonify.media.opening import opened
from toonify.media.sources import Source

if TYPE_CHECKING:
    from numpy import bool_, uint8
    from numpy.typing import NDArray

_SWAPPED = {
    "RGB;16B": "RGB;16L",
    "RGB;16L": "RGB;16B",
    "RGBA;16B": "RGBA;16L",
    "RGBA;16L": "RGBA;16B",
    "RGBX;16B": "RGBX;16L",
    "RGBX;16L": "RGBX;16B",
    "LA;16B": "RGBA",
}
"""Pillow's unpackers of two bytes a channel, which keep the upper one, and those that keep the lower instead:
they take the bytes for the other way round. Of grey and alpha one keeps all four."""

_GREY = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
"""Those that keep both."""

Kind = Literal["colours", "grey", "grey and alpha"]

_NATIVE = "L" if sys.byteorder == "little" else "B"


def deep_kind(image: Image.Image) -> Kind | None:
    """What a PNG or TIFF of 16 bits a channel holds, if `read_deep` can give all of them.

    Args:
        image: Before its pixels are loaded.
    """
    found = {_unpacker(tile) for tile in _tiles(image)}
    if image.format not in ("PNG", "TIFF") or not found:
        return None
    if found <= {"LA;16B"}:
        return "grey and alpha"
    return "grey" if found <= _GREY else "colours" if found <= _SWAPPED.keys() else None


def has_deep_transparency(image: Image.Image) -> bool:
    """Whether it is a PNG of 16 bits a channel with a transparent colour, which Pillow compares with 8.

    Args:
        image: Before its pixels are loaded.
    """
    transparent = image.format == "PNG" and "transparency" in image.info and image.mode != "P"
    return transparent and deep_kind(image) is not None


def read_deep(image: Image.Image, source: Source, kind: Kind) -> DeepImage:
    """All 16 bits of each channel.

    Args:
        image: Loaded.
        source: Its file, which is decoded once more where it has colours or alpha.
        kind: What `deep_kind` said of it.

    Returns:
        RGB, also of what is grey; RGBA where something may be transparent.
    """
    import numpy as np

    colour = image.info.pop("transparency", None)
    lower = None if kind == "grey" else _lower(source)
    has_alpha = colour is not None or image.mode == "RGBA"
    deep = DeepImage(np.empty((image.height, image.width, 4 if has_alpha else 3), np.uint16))
    for top, bottom in row_bands(deep.size):
        box, made = (0, top, image.width, bottom), deep.band(top, bottom)
        values = np.asarray(image.crop(box)).astype(np.uint16)
        if lower is None:
            values = values[..., np.newaxis]
        elif kind == "colours":
            values = values << 8 | np.asarray(lower.crop(box))
        else:
            grey, less_grey, alpha, less_alpha = np.moveaxis(np.asarray(lower.crop(box), np.uint16), 2, 0)
            values = np.stack([*[grey << 8 | less_grey] * 3, alpha << 8 | less_alpha], axis=2)
        made[..., : max(3, values.shape[2])] = values
        if colour is not None:
            made[..., 3] = np.where((values == colour).all(axis=2), 0, MOST)
    return deep


def with_transparency(image: Image.Image, source: Source) -> Image.Image:
    """The picture with alpha 0 where all 16 bits of each channel are those of the transparent colour.

    Args:
        image: One of which `has_deep_transparency` was true; loaded.
        source: Its file, which is decoded once more where it has colours.

    Returns:
        `LA` or `RGBA`, 8 bits a channel.
    """
    import numpy as np

    colour = image.info.pop("transparency")
    if image.mode == "RGB":
        lower = np.asarray(_lower(source))
        matches = _matches(np.asarray(image), colour, 8) & _matches(lower, colour, 0)
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
    """A file with the lower byte of each channel; of grey and alpha, with both bytes of both."""
    with opened(source) as image:
        image.tile = [_swapped(tile) for tile in _tiles(image)]  # type: ignore[attr-defined]
        image.load()
        return image


def _swapped(tile: Any) -> Any:
    swapped = _SWAPPED[_unpacker(tile)]
    return tile._replace(args=swapped if isinstance(tile.args, str) else (swapped, *tile.args[1:]))


def _unpacker(tile: Any) -> str:
    """Pillow's name of what takes a tile's bytes apart; which byte comes first, in words."""
    name = tile.args if isinstance(tile.args, str) else tile.args[0]
    return str(name) if name in _GREY else str(name).replace(";16N", f";16{_NATIVE}")


def _tiles(image: Any) -> Any:
    return getattr(image, "tile", ())
