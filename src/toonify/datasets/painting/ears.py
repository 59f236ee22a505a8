"""Ears: where the cheek ends, and a fold within."""

from __future__ import annotations

from toonify.datasets.filters import blur, dilated, eroded, smoothstep, without_small
from toonify.datasets.painting.canvas import Canvas
from toonify.datasets.painting.face import SIDES, Face
from toonify.datasets.painting.pen import Pen
from toonify.datasets.painting.regions import Regions
from toonify.datasets.painting.skin import Skin

ROWS = (-0.4, -0.3, 0.62, 0.72)  # below the eyes, in u: where an ear begins and ends at most
LEAST = 0.035  # square u of skin beside a cheek that is an ear


def paint_ears(canvas: Canvas, face: Face, regions: Regions, skin: Skin) -> None:
    """A line between cheek and ear, and the ear's hollow, wherever skin is seen beside a cheek."""
    u, pen = face.u, Pen(regions.oval.shape)
    first, begun, ending, last = ROWS
    rows = smoothstep(first, begun, regions.below) * smoothstep(last, ending, regions.below)
    beside = regions.skin * (1 - dilated(regions.oval, 0.01 * u)) * (1 - regions.hair) * rows
    ears = without_small(beside, LEAST * u * u)
    if ears.max() < 0.5:
        return
    hollow = blur(eroded(ears, 0.055 * u), 0.02 * u) * (1 - dilated(regions.oval, 0.035 * u))
    canvas.lay(0.8 * smoothstep(0.3, 0.6, hollow), skin.shade)
    near = smoothstep(0.2, 0.6, blur(dilated(ears, 0.05 * u), 0.04 * u))
    for side in SIDES:
        cheek = pen.stroke(face.points[side], (0.004 * u, 0.02 * u, 0.024 * u, 0.02 * u, 0.004 * u))
        canvas.draw(cheek * near * (1 - regions.hair), 0.65)
