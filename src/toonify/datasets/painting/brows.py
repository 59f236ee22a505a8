"""Brows: one tapering stroke each, traced through what is dark."""

from __future__ import annotations

import numpy as np

from toonify.datasets.filters import Array, blur, dilated, sampled, smoothstep
from toonify.datasets.painting.canvas import Canvas
from toonify.datasets.painting.face import EyePoints, Face
from toonify.datasets.painting.pen import Pen
from toonify.datasets.painting.skin import Skin

BROW_STEPS = 13  # along a brow
USUAL = 9.0  # what the landmarks' own middle counts, in places that are dark for sure


def paint_brow(
    canvas: Canvas, lab: Array, face: Face, eye: EyePoints, skin: Skin, pen: Pen, free: Array
) -> None:
    """One tapering stroke through what is darker than skin where a brow is, and as dark as that."""
    u, p = face.u, face.points
    place = dilated(pen.shape(p[eye.brow]), 0.06 * u)
    darker = blur(skin.level - lab[..., 0], 0.025 * u)
    if not (place > 0.5).any():
        return
    # Fair brows are little darker than skin: a bound by how dark this one is.
    most = float(np.percentile(darker[place > 0.5], 88))
    bound = float(np.clip(0.45 * most, 2.0, 11.0))
    weight = smoothstep(0.5 * bound, 1.5 * bound, darker) * place
    middle, thickness = _traced(weight, face, eye)
    brow = pen.stroke(middle, tuple(thickness)) * free
    core = (weight > 0.5) & (brow > 0.5)
    colour = np.median(lab[core], 0) if core.sum() > 6 else skin.shade.copy()
    colour[0] = float(np.clip(colour[0] - 8, 6, skin.lit[0] - 16))
    canvas.lay(brow, colour)
    canvas.mark("brows", brow)


def _traced(weight: Array, face: Face, eye: EyePoints) -> tuple[Array, Array]:
    """The middle of a brow from its outer end to its inner one, (N, 2), and how thick it is there, (N,)."""
    u, p = face.u, face.points
    upper, lower = p[eye.brow[:5]], p[eye.brow[:4:-1]]
    steps = np.linspace(0, 4, BROW_STEPS)
    upper, lower = (
        np.stack([np.interp(steps, np.arange(5), side[:, axis]) for axis in (0, 1)], 1)
        for side in (upper, lower)
    )
    reach = np.linspace(-1.0, 1.25, 36)
    places = upper[:, None] + reach[None, :, None] * (lower - upper)[:, None]
    seen = sampled(weight, places)
    total = seen.sum(1)
    centre = (seen @ reach + 0.5 * USUAL) / (total + USUAL)
    width = 1.2 * total / len(reach) * (reach[-1] - reach[0]) * np.linalg.norm(lower - upper, axis=1)
    kernel = np.array([1, 2, 3, 2, 1]) / 9
    centre, width = (
        np.convolve(np.pad(values, 2, mode="edge"), kernel, "valid") for values in (centre, width)
    )
    taper = np.interp(np.linspace(0, 1, BROW_STEPS), (0, 0.35, 0.85, 1), (0.35, 0.9, 1.05, 0.8))
    width = np.clip(width, 0.028 * u, 0.15 * u) * taper
    return upper + centre[:, None] * (lower - upper), width
