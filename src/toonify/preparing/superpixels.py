"""Superpixels: the pieces of one colour that a photograph falls into, for drawings that should, too."""

from __future__ import annotations

import cv2
import numpy as np

MOST = 256
"""Pieces of a picture: as many as a byte tells apart."""

# Of a picture of 256 pixels. White-box cartoonization blurs as much, lets no piece be smaller, and has some
# 200 of them in the end (train_code/utils.py of SystemErrorWang/White-box-Cartoonization).
SIDE = 256
BLUR, SMALLEST = 0.8, 100  # pixels
COARSENESS = 50.0  # of a channel's 255 levels; at this one, photographs have 60 to 220 pieces


def superpixels(picture: np.ndarray) -> np.ndarray:
    """Which piece a pixel belongs to (Felzenszwalb and Huttenlocher, "Efficient graph-based image
    segmentation", IJCV 2004), by its RGB colour.

    What is a piece at 256 pixels is about one at every size. A picture with more than `MOST` pieces is cut
    twice as coarsely, as often as it takes.

    Args:
        picture: RGB, (S, S, 3), uint8.

    Returns:
        Labels from 0 on, (S, S, 1), uint8.
    """
    scale = len(picture) / SIDE
    smallest, coarseness = max(1, round(SMALLEST * scale**2)), COARSENESS * scale
    while True:
        cutter = cv2.ximgproc.segmentation.createGraphSegmentation(BLUR, coarseness, smallest)
        labels = cutter.processImage(picture)
        if labels.max() < MOST:
            return labels.astype(np.uint8)[..., None]
        coarseness *= 2


def filled(picture: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """A picture with every piece in its mean colour.

    Args:
        picture: (H, W, 3), uint8.
        labels: (H, W, 1), uint8.

    Returns:
        The picture's shape and type.
    """
    pieces = labels.ravel()
    sizes = np.maximum(np.bincount(pieces, minlength=MOST), 1)
    sums = [np.bincount(pieces, picture[..., channel].ravel(), MOST) for channel in range(3)]
    return np.rint(np.stack(sums, -1) / sizes[:, None]).astype(np.uint8)[labels[..., 0]]
