"""What makes a face that of somebody: eyes, nose and mouth, which abstraction must not take away.

Areas as large as those of a cheek close eyes and lips; drawn in finer ones, people stay who they are.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from toonify.datasets.filters import blur, laid
from toonify.plugins import find_faces

Array = np.ndarray

# Half the width and height of the ellipses that hold them, in widths of the face.
EYE = (0.17, 0.10)
NOSE = (0.13, 0.09)
MOUTH = (0.10, 0.13)  # beyond the corners, and about the line between them


def facial_features(rgb: Array) -> Array:
    """Where eyes, noses and mouths are, of the faces that YuNet finds.

    Args:
        rgb: (H, W, 3) in [0, 1].

    Returns:
        A soft mask in [0, 1], (H, W).
    """
    mask = np.zeros(rgb.shape[:2], np.float32)
    for face in find_faces(Image.fromarray(np.rint(rgb * 255).astype(np.uint8))):
        eyes, nose, corners = face.points[:2], face.points[2], face.points[3:]
        aslant = float(np.degrees(np.arctan2(*(eyes[1] - eyes[0])[::-1])))
        lips = float(np.linalg.norm(corners[1] - corners[0])) / (2 * face.width)
        ellipses = [(eye, EYE) for eye in eyes] + [
            (nose, NOSE),
            (corners.mean(0), (MOUTH[0] + lips, MOUTH[1])),
        ]
        one = np.zeros_like(mask)
        for centre, halves in ellipses:
            axes = [2 * half * face.width for half in halves]
            cv2.ellipse(one, (tuple(map(float, centre)), axes, aslant), 1.0, -1)
        mask = np.maximum(mask, blur(one, 0.03 * face.width))
    return mask


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
