"""A finished drawing taken apart: its colours, and the ink that lies over them."""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import INK, Array, smoothstep

PAPER = np.ones((1, 1, 3), np.float32)
WIDEST = 5  # pixels of a stroke; what is dark and wider is an area


def separated(drawing: Array) -> tuple[Array, Array]:
    """What of a drawing is ink, dark strokes on something brighter, and what is below it.

    A grey closing (Serra, 1982) fills every dark stroke with what surrounds it. The ink is as dense as it
    takes to come from there to the drawing, so `laid(colours, ink, INK)` is the drawing again, but for the
    hue of strokes that are not black.

    Args:
        drawing: RGB, (H, W, 3) in [0, 1].

    Returns:
        The colours, likewise, and the ink, (H, W) in [0, 1], 1 = ink.
    """
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (WIDEST + 2, WIDEST + 2))
    below = cv2.morphologyEx(drawing, cv2.MORPH_CLOSE, around)
    darker = _luma(below) - _luma(drawing)
    dense = density(drawing, below)
    # A stroke is dark, and clearly darker than what it lies on: soft shades are colours.
    ink = dense * smoothstep(0.3, 0.5, dense) * smoothstep(0.08, 0.16, darker)
    share = smoothstep(0.2, 0.6, ink)[..., None]
    # Where little is inked, what is below can be told exactly; elsewhere it is that of the surroundings.
    bare = (drawing - ink[..., None] * INK) / np.maximum(1 - ink[..., None], 0.05)
    return np.clip(bare + (below - bare) * share, 0, 1), ink


def density(drawing: Array, below: Array = PAPER) -> Array:
    """How dense ink must lie on what is below it to be as dark as a drawing, (H, W) in [0, 1].

    Args:
        drawing: RGB, (H, W, 3) in [0, 1].
        below: Likewise, or of one pixel for all; white paper when left out.
    """
    bright, black = _luma(below), _luma(INK[None, None])
    return np.clip((bright - _luma(drawing)) / np.maximum(bright - black, 0.05), 0, 1)


def _luma(rgb: Array) -> Array:
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
