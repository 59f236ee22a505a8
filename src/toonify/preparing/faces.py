"""The squares around faces that `crop="face"` cuts out."""

from __future__ import annotations

from PIL import Image

from toonify.faces import Face, find_faces
from toonify.preparing.source_arrays import Box

ROOM = 2.4  # side of the square, in heights of the face, which reaches from brow to chin
ABOVE = 0.44  # part of what is not face that lies above it, for the hair


def squares(image: Image.Image, size: int) -> list[Box]:
    """A square around each face with hair and shoulders, inside the picture, the largest face first.

    Faces that would have to be enlarged to more than double for pictures of `size` are left alone.

    Returns:
        Left, top, right and bottom, in pixels.
    """
    return [square(face, *image.size) for face in find_faces(image) if 2 * ROOM * face.height >= size]


def square(face: Face, width: int, height: int) -> Box:
    """The square around a face in a picture of that size: moved inside, smaller where it must be."""
    side = min(round(ROOM * face.height), width, height)
    left = round(face.left + (face.width - side) / 2)
    top = round(face.top + (face.height - side) * ABOVE)
    left, top = min(max(left, 0), width - side), min(max(top, 0), height - side)
    return left, top, left + side, top + side
