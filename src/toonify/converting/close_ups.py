"""Faces that are small in a drawing, drawn once more from closer by.

A network draws at the size at which it learnt. In a photograph of a group, reduced to that, an eye is two or
three pixels, and nobody is recognised. So small faces are drawn by themselves, at the width that the style's
card names, and laid over the drawing, softly towards their edges.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from toonify.faces import Face, find_faces
from toonify.faces.close_ups import LARGEST, MAGNIFIED, MOST, MOST_PIXELS, RAISED, REACH, SMALL, SOLID, SOUGHT
from toonify.media import AnyImage, Enlarging, WholeImage, doublings_into, eight_bits, paste_pixels
from toonify.storage import StyleManifest

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


SmallFace = tuple[Face, float]
"""A face in a drawing, and the opacity of its close-up, 0 to 1."""


def close_up(card: StyleManifest, detail: int) -> int:
    """The width in pixels at which small faces are drawn once more; 0 if they are not.

    Where every pixel is drawn, there is nothing closer, and no room for a copy. Where strokes are to be
    broader than the style's own, they are in faces, too.

    Args:
        card: The style's.
        detail: At which pictures are drawn.
    """
    if not detail:
        return 0
    return round(card.close_up * min(1.0, detail / (card.detail or detail)))


def small_faces(photo: WholeImage, width: int) -> list[SmallFace]:
    """The faces that are better drawn from closer by.

    Args:
        photo: At the size at which it is drawn.
        width: Of a face from closer by, in pixels.
    """
    faces = find_faces(eight_bits(photo).convert("RGB"), SOUGHT, MOST)
    return [(face, 1.0) for face in faces if face.width < SMALL * width]


def with_close_ups(
    drawing: WholeImage,
    photo: AnyImage,
    faces: Sequence[SmallFace],
    width: int,
    draw: Callable[[WholeImage], object],
    *,
    moving: bool = False,
) -> WholeImage:
    """A drawing, enlarged as far as its small faces have use for it, with each of them drawn anew.

    Args:
        drawing: Of the whole photograph; may be drawn over.
        photo: Of any size.
        faces: In the drawing.
        width: Of a face from closer by, in pixels.
        draw: Draws over a photograph, in place; what it raises is raised.
        moving: Whether it is a frame of many, which are all enlarged alike: otherwise what stands still
            would shimmer.
    """
    if not faces:
        return drawing
    most = LARGEST if moving else width / min(face.width for face, _ in faces)
    size = whole_size(drawing.size, photo.size, most)
    whole = drawing if size == drawing.size else _enlarged(drawing, size, photo.size)
    for head in heads(faces, drawing.size, size):
        close = head.seen(photo, width)
        draw(close)
        head.lay(whole, close)
    return whole


def _enlarged(drawing: WholeImage, size: tuple[int, int], photo: tuple[int, int]) -> WholeImage:
    """A drawing at a size between its own and the photograph's, where it is enlarged further."""
    doublings = min(doublings_into(photo, drawing.size), doublings_into(size, drawing.size) + 1)
    return Enlarging(drawing, size, doublings).rows(0, size[1])


def whole_size(drawn: tuple[int, int], photo: tuple[int, int], most: float = LARGEST) -> tuple[int, int]:
    """The size (width, height) to which a drawing is enlarged, to have room for close-ups, and no larger than
    painters take it.

    Args:
        drawn: Size of the drawing.
        photo: Size of its photograph.
        most: How many times its sides may grow.
    """
    paintable = math.sqrt(MOST_PIXELS / (drawn[0] * drawn[1]))
    most = min(LARGEST, most, paintable)
    larger = photo[0] / drawn[0]
    if larger <= 1:
        return drawn
    return photo if larger <= most else (round(drawn[0] * most), round(drawn[1] * most))


def heads(faces: Sequence[SmallFace], drawn: tuple[int, int], whole: tuple[int, int]) -> list[Head]:
    """Where close-ups of faces are laid: not of those that lie outside, as YuNet's may.

    Args:
        faces: In a drawing.
        drawn: Its size.
        whole: To which it is enlarged.
    """
    every = [Head(face, whole[0] / drawn[0], whole, opacity) for face, opacity in faces]
    return [head for head in every if head.is_inside]


@dataclass(frozen=True)
class Head:
    """Where a close-up is laid.

    Attributes:
        face: In the drawing.
        scale: How many times as large the whole is.
        size: Of the whole, width and height.
        opacity: How much of it in its middle, 0 to 1.
    """

    face: Face
    scale: float
    size: tuple[int, int]
    opacity: float

    @property
    def middle(self) -> tuple[float, float]:
        """In the whole, as everything here."""
        face = self.face
        x, y = face.left + face.width / 2, face.top + (0.5 - RAISED) * face.height
        return x * self.scale, y * self.scale

    @property
    def reach(self) -> tuple[float, float]:
        """From the middle to where the close-up ends."""
        return REACH[0] * self.face.width * self.scale, REACH[1] * self.face.height * self.scale

    @property
    def window(self) -> tuple[int, int, int, int]:
        """What is drawn: left, top, right, bottom."""
        (x, y), (across, down), (width, height) = self.middle, self.reach, self.size
        left, top = max(0, math.floor(x - across)), max(0, math.floor(y - down))
        return left, top, min(width, math.ceil(x + across)), min(height, math.ceil(y + down))

    @property
    def share(self) -> NDArray[float32]:
        """How much of the close-up is taken at each pixel of the window, (H, W, 1), 0 to 1."""
        (x, y), (across, down), (left, top, right, bottom) = self.middle, self.reach, self.window
        rows, columns = np.ogrid[top:bottom, left:right]
        distance = np.hypot((columns - x) / across, (rows - y) / down)
        share = np.clip((1 - distance) / (1 - SOLID), 0, 1).astype(np.float32)
        return (share * share * (3 - 2 * share) * np.float32(self.opacity))[..., np.newaxis]

    @property
    def is_inside(self) -> bool:
        left, top, right, bottom = self.window
        return left < right and top < bottom

    def seen(self, photo: AnyImage, width: int) -> WholeImage:
        """The window as the photograph shows it, so enlarged that the face has that width."""
        left, top, right, bottom = self.window
        across, down = photo.width / self.size[0], photo.height / self.size[1]
        nearer = min(width / (self.face.width * self.scale), MAGNIFIED * across)
        size = max(1, round((right - left) * nearer)), max(1, round((bottom - top) * nearer))
        box = left * across, top * down, right * across, bottom * down
        return photo.resize(size, Image.Resampling.LANCZOS, box=box)

    def lay(self, whole: WholeImage, close: WholeImage) -> None:
        """Lay a close-up of any size over the whole, in place."""
        left, top, right, bottom = self.window
        fitting = close.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
        before = np.asarray(whole.crop((left, top, right, bottom)))
        mixed = before + (np.asarray(fitting).astype(np.float32) - before) * self.share
        paste_pixels(whole, np.rint(mixed).astype(before.dtype), (left, top))
