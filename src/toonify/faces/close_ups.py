"""Which faces are small, and how they are drawn once more: the numbers that `convert` and the page share.

What is done with them is told, and done, in `toonify.converting.close_ups` and in the page's `drawing/`.
"""

from __future__ import annotations

from typing import Any

from toonify.faces import detector

SOUGHT = 640  # pixels of the long side in which faces are looked for: down to 2 % of it
MOST = 64  # faces: each takes half as long as the drawing
MOST_PIXELS = 2**22  # of a drawing whose faces are looked at twice: painters take it whole
SMALL = 0.75  # of a close-up's width, below which a face is drawn anew: above, there is little to win
LARGEST = 3  # times the drawing's sides, that it becomes at most: to which a photograph is decoded at least
MAGNIFIED = 4  # times the photograph's own pixels, at most: beyond, there is only blur to draw
REACH = (1.4, 1.45)  # to either side, up and down from a head's middle, in widths and heights of its face
RAISED = 0.1  # that middle above the face's, in heights: YuNet's faces begin at the brows
SOLID = 0.72  # of the reach, from where on a close-up fades


def for_programs() -> dict[str, Any]:
    """These numbers and the detector's, by name, as JSON: for a program in another language."""
    finding = {
        "longest": SOUGHT,
        "most": MOST,
        "strides": detector.STRIDES,
        "certain": detector.CERTAIN,
        "same": detector.SAME,
    }
    drawing = {
        "pixels": MOST_PIXELS,
        "small": SMALL,
        "largest": LARGEST,
        "magnified": MAGNIFIED,
        "reach": REACH,
        "raised": RAISED,
        "solid": SOLID,
    }
    return {"finding": finding, "drawing": drawing}
