"""Edge smoothing: cartoons without clear outlines, for the discriminator to learn to refuse."""

from __future__ import annotations

import cv2
import numpy as np

_BOX = np.ones((5, 5), np.uint8)
# 5x5 Gaussian as binomial weights, what OpenCV gives for that size; 16 x 16 = 256 in all.
_BINOMIAL = np.array([1, 4, 6, 4, 1], np.float32)


def smooth_edges(picture: np.ndarray) -> np.ndarray:
    """Blur a cartoon along its edges (CartoonGAN, Chen et al. 2018, section 3.2.1).

    Canny edges (100, 200) of the grey picture, dilated by a 5x5 box; there, and only there, each
    pixel becomes the 5x5 Gaussian of the colour picture, mirrored at the border without repeating
    it. As in the published code the mean is cut to whole numbers, not rounded.

    Args:
        picture: RGB, (H, W, 3), uint8.

    Returns:
        The same shape and type.
    """
    edges = cv2.Canny(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 100, 200)
    near = cv2.dilate(edges, _BOX)
    sums = cv2.sepFilter2D(picture, cv2.CV_32F, _BINOMIAL, _BINOMIAL, borderType=cv2.BORDER_REFLECT_101)
    blurred = (sums.astype(np.uint16) >> 8).astype(np.uint8)
    return np.where(near[..., None] != 0, blurred, picture)
