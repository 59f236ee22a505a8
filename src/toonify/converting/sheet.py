"""A contact sheet: a photograph, and beside it what each of several styles makes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont, features

from toonify.converting.comparison import reduced, reduced_size
from toonify.converting.converter import Converter
from toonify.converting.detail import enough
from toonify.inference import Runtime
from toonify.media import AnyImage, decoding_memory

CELL = 1024
"""Pixels a side of each picture on a sheet, at most."""

_GAP = 8  # white pixels around each
_SHAPE = 1.4  # width over height that a sheet should have, about
_INK = (60, 60, 60)
_LINES = 22  # as many lines of text are as high as a picture is wide


class ContactSheet:
    """Draws sheets: what a `Converter` is for one style, this is for several.

    Args:
        converters: Each style's, by the name that is written below what it draws.
    """

    def __init__(self, converters: Mapping[str, Converter]) -> None:
        self._converters = converters

    @property
    def runtime(self) -> Runtime:
        """Of the first style."""
        return next(iter(self._converters.values())).runtime

    def convert(self, image: AnyImage, strength: float = 1.0, *, in_place: bool = False) -> Image.Image:
        """The sheet of a photograph, RGB, transparency laid over white.

        Args:
            image: As of `Converter.convert`.
            strength: Likewise.
            in_place: Makes no difference: a sheet is another image, and the photograph stays as it is.

        Raises:
            ToonifyError: as `Converter.convert`.
        """
        photo = reduced(image)
        drawn = {"photograph": _cell(photo)}
        for name, converter in self._converters.items():
            drawn[name] = _cell(converter.convert(photo, strength))
        return _laid_out([*drawn.values()], [*drawn])

    def enough(self, size: tuple[int, int], strength: float) -> tuple[int, int] | None:
        """As of `Converter`: sheets are small, whatever the strength."""
        return enough(size, reduced_size(size))

    def memory_needed(self, size: tuple[int, int], *, decoding: int | None = None) -> int:
        """As of `Converter`."""
        small = reduced_size(size)
        most = max(converter.memory_needed(small) for converter in self._converters.values())
        return (decoding_memory(size) if decoding is None else decoding) + most

    def is_paintable(self, size: tuple[int, int]) -> bool:
        """As of `Converter`: whether the painter of one of the styles works on it."""
        return any(converter.is_paintable(reduced_size(size)) for converter in self._converters.values())

    def check_memory(self, size: tuple[int, int]) -> None:
        """As of `Converter`."""
        for converter in self._converters.values():
            converter.check_memory(reduced_size(size))

    def stop(self) -> None:
        """As of `Converter`."""
        for converter in self._converters.values():
            converter.stop()


def _cell(image: Image.Image) -> Image.Image:
    small = image.copy()
    small.thumbnail((CELL, CELL), Image.Resampling.LANCZOS, reducing_gap=3.0)
    white = Image.new("RGB", small.size, "white")
    white.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    return white


def _laid_out(cells: Sequence[Image.Image], names: Sequence[str]) -> Image.Image:
    """All cells, which are of one size, row by row, with a name below each."""
    width, height = cells[0].size
    font = _font(max(10, width // _LINES))
    line = math.ceil(font.getbbox("Ag")[3] * 1.4)
    wide, high = width + _GAP, height + line + _GAP
    columns = min(len(cells), max(1, round(math.sqrt(len(cells) * _SHAPE * high / wide))))
    rows = math.ceil(len(cells) / columns)
    sheet = Image.new("RGB", (columns * wide + _GAP, rows * high + _GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for number, (cell, name) in enumerate(zip(cells, names, strict=True)):
        left, top = _GAP + number % columns * wide, _GAP + number // columns * high
        sheet.paste(cell, (left, top))
        pen.text((left, top + height), _shortened(name, font, width), fill=_INK, font=font)
    return sheet


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own: another would have to be somewhere."""
    return ImageFont.load_default(size) if features.check("freetype2") else ImageFont.load_default()


def _shortened(name: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    shown = name
    while len(shown) > 1 and font.getbbox(shown)[2] > width:
        shown = f"{shown.rstrip('…')[:-1]}…" if len(shown) > 2 else shown[0]
    return shown
