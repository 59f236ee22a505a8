"""A finished drawing taken apart: its colours, and the ink that lies over them."""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import INK, Array, smoothstep

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
    luma, bright, black = (cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) for rgb in (drawing, below, INK[None, None]))
    density = np.clip((bright - luma) / np.maximum(bright - black, 0.05), 0, 1)
    # A stroke is dark, and clearly darker than what it lies on: soft shades are colours.
    ink = density * smoothstep(0.3, 0.5, density) * smoothstep(0.08, 0.16, bright - luma)
    share = smoothstep(0.2, 0.6, ink)[..., None]
    # Where little is inked, what is below can be told exactly; elsewhere it is that of the surroundings.
    bare = (drawing - ink[..., None] * INK) / np.maximum(1 - ink[..., None], 0.05)
    return np.clip(bare + (below - bare) * share, 0, 1), ink
