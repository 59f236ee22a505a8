"""A decoded frame of a film, and the pictures that can be made of it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from PIL import Image

from toonify.media.films.colours import Coding, Scalers, coding_of
from toonify.media.films.pyav import load_av, reading_errors
from toonify.media.orientation import SIDEWAYS, turned

if TYPE_CHECKING:
    import av
    import numpy as np

# The signs of a display matrix ((a, b), (c, d)), which takes (x, y) to (ax + cy, bx + dy), y downwards.
_TURNS = {
    (-1, 0, 0, 1): Image.Transpose.FLIP_LEFT_RIGHT,
    (1, 0, 0, -1): Image.Transpose.FLIP_TOP_BOTTOM,
    (-1, 0, 0, -1): Image.Transpose.ROTATE_180,
    (0, 1, -1, 0): Image.Transpose.ROTATE_270,
    (0, -1, 1, 0): Image.Transpose.ROTATE_90,
    (0, 1, 1, 0): Image.Transpose.TRANSPOSE,
    (0, -1, -1, 0): Image.Transpose.TRANSVERSE,
}


@dataclass(frozen=True)
class FilmFrame:
    """A decoded frame.

    Attributes:
        pts: When it is shown, in the stream's own units; unique in the film.
        seconds: The same in seconds.
        pixel_ratio: How many times as wide as high its pixels are shown.
        turn: What makes it upright, as players show it; `None` for nothing.
        raw: As FFmpeg decoded it.
        scalers: What makes pictures of it, and of all frames of its film.
    """

    pts: int
    seconds: Fraction
    pixel_ratio: Fraction
    turn: Image.Transpose | None
    raw: av.VideoFrame
    scalers: Scalers

    @property
    def coding(self) -> Coding:
        """How its numbers stand for colours."""
        return coding_of(self.raw)

    @property
    def sideways(self) -> bool:
        """Whether it is shown as wide as it is stored high."""
        return self.turn in SIDEWAYS

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of `picture`."""
        width, height = self.raw.width, self.raw.height
        return (height, width) if self.sideways else (width, height)

    def pixels(self, size: tuple[int, int] | None = None) -> np.ndarray[Any, Any]:
        """As it is stored, neither turned nor stretched: RGB, (H, W, 3), uint8.

        Args:
            size: Width and height to reduce it to, as it is decoded; its own when left out.
        """
        with reading_errors():
            return self.coding.decode(self.raw, self.scalers, size)

    def picture(self, size: tuple[int, int] | None = None) -> Image.Image:
        """Upright, with the pixels that are stored: RGB; high dynamic range is brought to the usual one.

        Args:
            size: As of `pixels`, but upright.
        """
        stored = size[::-1] if size and self.sideways else size
        return turned(self.coding.in_usual_range(Image.fromarray(self.pixels(stored))), self.turn)

    def shown(self, size: tuple[int, int]) -> np.ndarray[Any, Any]:
        """The numbers of `picture`, (H, W, 3), uint8, which for most films need no picture to be made."""
        import numpy as np

        if self.turn is not None or self.coding.high_range:
            return np.asarray(self.picture(size))
        return self.pixels(size)

    def reduced(self, side: int) -> np.ndarray[Any, Any]:
        """A quick and rough version of `pixels` whose short side is `side` at most."""
        frame = self.raw
        scale = min(1.0, side / min(frame.width, frame.height))
        width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        with reading_errors():
            return frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()

    def upright(self, pixels: np.ndarray[Any, Any]) -> Image.Image:
        """`pixels`, or a part of them, as a player shows them: with square pixels and upright."""
        image = self.coding.in_usual_range(Image.fromarray(pixels))
        if self.pixel_ratio != 1:
            width = max(1, round(image.width * self.pixel_ratio))
            image = image.resize((width, image.height), Image.Resampling.LANCZOS)
        return turned(image, self.turn)


def turn_of(frame: av.VideoFrame) -> Image.Transpose | None:
    """What makes a frame upright, and all the others of its film.

    A frame whose side data has been looked at stays in memory until Python looks for cycles: ask but one.
    """
    matrix = frame.side_data.get(load_av().sidedata.sidedata.Type.DISPLAYMATRIX)
    if matrix is None:
        return None
    a, b, _, c, d, *_ = (round(number / 2**16) for number in struct.unpack("=9i", bytes(matrix)))
    return _TURNS.get((a, b, c, d))
