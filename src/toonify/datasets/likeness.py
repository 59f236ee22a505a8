"""Facial features drawn finer than the rest, so that people can still be recognised in an abstracted drawing.

Areas as large as those of a cheek close eyes and lips; drawn in finer ones, people stay who they are. How
much of a face has to be finer differs from one to the next, so each drawing is looked at (`as_known`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import cv2
import numpy as np
from PIL import Image

from toonify.datasets.filters import Array, blur, laid, to_bytes
from toonify.plugins import Face, find_faces

Drawing = TypeVar("Drawing")

# Half the width and height of the ellipses that hold them, in widths of the face.
EYE = (0.17, 0.10)
NOSE = (0.13, 0.09)
MOUTH = (0.10, 0.13)  # beyond the corners, and about the line between them

LARGER = (1.0, 1.4, 2.0, 3.0, 5.0)  # how many times as large they are, until the face is known again
MOVED = 0.05  # of a face's width: how far eyes, nose and corners of the mouth may seem to have gone


def faces_of(rgb: Array) -> list[Face]:
    """Those that YuNet finds in a picture, (H, W, 3) in [0, 1]."""
    return find_faces(Image.fromarray(to_bytes(rgb)))


def facial_features(shape: tuple[int, ...], faces: Sequence[Face], larger: Sequence[float] = ()) -> Array:
    """Where eyes, noses and mouths are.

    Args:
        shape: Of the picture, (H, W, ...).
        faces: That it shows.
        larger: For each face, how many times as large its features are taken to be [1].

    Returns:
        A soft mask in [0, 1], (H, W).
    """
    mask = np.zeros(shape[:2], np.float32)
    for face, times in zip(faces, larger or [1.0] * len(faces), strict=True):
        eyes, nose, corners = face.points[:2], face.points[2], face.points[3:]
        aslant = float(np.degrees(np.arctan2(*(eyes[1] - eyes[0])[::-1])))
        lips = float(np.linalg.norm(corners[1] - corners[0])) / (2 * face.width)
        ellipses = [(eye, EYE) for eye in eyes] + [
            (nose, NOSE),
            (corners.mean(0), (MOUTH[0] + lips, MOUTH[1])),
        ]
        one = np.zeros_like(mask)
        for centre, halves in ellipses:
            axes = [2 * half * times * face.width for half in halves]
            cv2.ellipse(one, (tuple(map(float, centre)), axes, aslant), 1.0, -1)
        mask = np.maximum(mask, blur(one, 0.03 * times * face.width))
    return mask


def features_of(picture: Array) -> dict[str, Array]:
    """Where eyes, noses and mouths are, as a dataset has it: `facial`, 1 there and 0 elsewhere, (H, W, 1).

    Args:
        picture: RGB, uint8, (H, W, 3).
    """
    facial = facial_features(picture.shape, find_faces(Image.fromarray(picture)))
    return {"facial": (facial > 0.5).astype(np.uint8)[..., None]}


def as_known(
    faces: Sequence[Face],
    shape: tuple[int, ...],
    draw: Callable[[Array], Drawing],
    seen: Callable[[Drawing], Array],
) -> Drawing:
    """A drawing fine enough that YuNet finds every face again, its five points where they were, if it can.

    Args:
        faces: What the picture shows.
        shape: Of it, (H, W, ...).
        draw: Makes the drawing from the mask of what to draw finely, (H, W) in [0, 1].
        seen: How a drawing looks, (H, W, 3) in [0, 1].
    """
    steps = [0] * len(faces)
    while True:
        mask = facial_features(shape, faces, [LARGER[step] for step in steps])
        drawing = draw(mask)
        found = faces_of(seen(drawing)) if faces else []
        lost = [i for i, face in enumerate(faces) if not _known(face, found) and steps[i] + 1 < len(LARGER)]
        if not lost:
            return drawing
        for i in lost:
            steps[i] += 1


def moved(points: Array, found: Iterable[Array], width: float) -> float:
    """How far that point of a face went which went farthest, in its widths; infinite if it is not found.

    Args:
        points: Of the face, (n, 2).
        found: The same of each face that was found, of which the nearest is it.
        width: Of the face.
    """
    shifts = (np.linalg.norm(others - points, axis=1).max() / width for others in found)
    return float(min(shifts, default=math.inf))


def _known(face: Face, found: Sequence[Face]) -> bool:
    return moved(face.points, (other.points for other in found), face.width) < MOVED


def finer_areas(rgb: Array, areas: Array, where: Array) -> Array:
    """Flat areas, and finer ones where a mask is: tones are evened out, but no shape is lost.

    Args:
        rgb: What the areas were made of, (H, W, 3) in [0, 1].
        areas: (H, W, 3) in [0, 1].
        where: A mask in [0, 1], (H, W).
    """
    if not where.any():
        return areas
    return laid(areas, where, np.clip(cv2.bilateralFilter(rgb, 7, 0.05, 2.5), 0, 1))
