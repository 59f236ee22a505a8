"""Brows, eyes, lips and nose: shapes drawn from landmarks, coloured from the photograph."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from toonify.datasets.filters import Array, blur, dilated, filled, median, sampled, smoothstep, without_small
from toonify.datasets.painting.brows import paint_brow
from toonify.datasets.painting.canvas import Canvas
from toonify.datasets.painting.face import (
    EYES,
    FOLDS,
    LOWER_LIP,
    LOWER_MOUTH,
    NOSE,
    UPPER_LIP,
    UPPER_MOUTH,
    EyePoints,
    Face,
)
from toonify.datasets.painting.pen import Pen, ring, spline
from toonify.datasets.painting.skin import Skin

LARGER = (1.1, 1.3)  # an eye as it is drawn, against the photograph's: along and across
WIDE = 0.33  # height over width of an open eye; narrower ones are opened towards it
OPENED = 1.3  # by how much, at most: eyes that laugh stay narrow
OPEN = 0.09  # an eye's height over its width, below which it is closed
NOSE_LOWER, MOUTH_LOWER = 0.065, 0.04  # in u: without tone, both are read as higher than they are
CREASED = (4.2, 8.0)  # L* of a fold beside the mouth: too weak to draw, drawn as dark as any
SEEN = 0.24  # an eye's width, in u, below which it is turned away


def paint_features(canvas: Canvas, lab: Array, face: Face, skin: Skin, hair: Array) -> None:
    """Everything in a face that is not skin, but for glasses.

    Args:
        canvas: Painted so far.
        lab: The window, CIELAB, (H, W, 3).
        face: Landmarks in the window.
        skin: As it was painted.
        hair: Where hair covers the face, (H, W).
    """
    pen = Pen(lab.shape[:2])
    free = 1 - smoothstep(0.5, 0.9, hair)
    for eye in EYES:
        paint_brow(canvas, lab, face, eye, skin, pen, free)
        width = np.linalg.norm(face.points[eye.upper[0]] - face.points[eye.upper[-1]])
        if width > SEEN * face.u:
            _eye(canvas, lab, face, eye, skin, pen)
    _folds(canvas, lab, face, pen, 1 - hair)
    _nose(canvas, lab, face.lowered(NOSE_LOWER), skin, pen)
    _mouth(canvas, lab, face.lowered(MOUTH_LOWER), skin, pen, free)


@dataclass(frozen=True)
class _Lids:
    upper: Array
    lower: Array
    crease: Array
    centre: Array
    radius: float
    opening: float  # height over width, in the photograph


def _lids(points: Array, eye: EyePoints) -> _Lids:
    """An eye's curves, a little larger than life."""
    upper, lower, centre = points[eye.upper], points[eye.lower], points[eye.iris]
    middle = (upper[0] + upper[-1]) / 2
    along = (upper[-1] - upper[0]) / (np.linalg.norm(upper[-1] - upper[0]) + 1e-6)
    across = np.array([-along[1], along[0]])
    opening = float(np.linalg.norm(upper[4] - lower[4]) / (np.linalg.norm(upper[0] - upper[-1]) + 1e-6))
    open_wide = LARGER[1] * float(np.clip(WIDE / max(opening, 1e-3), 1.0, OPENED)) if opening > OPEN else 1.0

    def larger(p: Array) -> Array:
        off = p - middle
        return middle + np.outer(off @ along, along) * LARGER[0] + np.outer(off @ across, across) * open_wide

    rim = points[eye.iris + 1 : eye.iris + 5]
    radius = 1.14 * float(np.mean(np.linalg.norm(rim - centre, axis=1)))
    crease = larger(upper[1:-1]) + 0.9 * (points[eye.crease] - upper[1:-1]).mean(0)
    return _Lids(larger(upper), larger(lower), crease, larger(centre[None])[0], radius, float(opening))


def _eye(canvas: Canvas, lab: Array, face: Face, eye: EyePoints, skin: Skin, pen: Pen) -> None:
    u, lids = face.u, _lids(face.points, eye)
    ball = pen.shape(ring(lids.upper, lids.lower))
    if lids.opening > OPEN:
        white = (min(96.0, skin.lit[0] * 0.35 + 64), 1.0, 2.0)
        canvas.lay(ball, white)
        canvas.lay(0.6 * pen.stroke(lids.upper, (0.08 * u, 0.11 * u, 0.08 * u)) * ball, (white[0] - 18, 3, 2))
        iris = pen.disc(lids.centre, lids.radius) * ball
        colour = _iris_colour(lab, face, eye, lids, pen)
        canvas.lay(iris, colour * (0.62, 0.8, 0.8))
        lower = pen.disc(lids.centre + 0.34 * lids.radius * face.down, 0.72 * lids.radius)
        canvas.lay(lower * iris, colour + np.array([7.0, 0.0, 2.0]))
        rim = np.clip(pen.disc(lids.centre, lids.radius) - pen.disc(lids.centre, 0.84 * lids.radius), 0, 1)
        canvas.lay(0.85 * rim * ball, colour * (0.4, 0.6, 0.6))
        canvas.lay(pen.disc(lids.centre, 0.45 * lids.radius) * ball, (6, 1, 1))
        light = lids.centre - 0.4 * lids.radius * face.down
        canvas.lay(pen.disc(light, 0.3 * lids.radius) * dilated(ball, 0.5), (98, 0, 0))
        canvas.mark("eyes", ball)
        canvas.mark("irises", iris)
    bold = u * float(np.interp(lids.opening, (0.1, 0.3), (0.7, 1.0)))
    outer = lids.upper[0] + 0.06 * (lids.upper[0] - lids.upper[-1])
    lash = np.concatenate([[outer - 0.012 * u * face.down], lids.upper])
    canvas.draw(
        pen.stroke(
            lash[::-1], (0.014 * bold, 0.04 * bold, 0.06 * bold, 0.062 * bold, 0.05 * bold, 0.012 * bold)
        )
    )
    canvas.draw(pen.stroke(lids.lower[:6], (0.03 * u, 0.026 * u, 0.008 * u)), 0.6)
    canvas.draw(pen.stroke(lids.crease, (0.004 * u, 0.02 * u, 0.004 * u)), 0.45)


def _iris_colour(lab: Array, face: Face, eye: EyePoints, lids: _Lids, pen: Pen) -> Array:
    """The photograph's, between pupil and rim, more vivid and never quite black."""
    centre, ball = face.points[eye.iris], pen.shape(ring(face.points[eye.upper], face.points[eye.lower]))
    band = np.clip(pen.disc(centre, 0.8 * lids.radius) - pen.disc(centre, 0.4 * lids.radius), 0, 1) * ball
    seen = lab[band > 0.6]
    colour = np.median(seen, 0) if len(seen) > 4 else np.array([25.0, 6.0, 8.0])
    return np.array([np.clip(colour[0] + 6, 22, 56), colour[1] * 1.4, colour[2] * 1.4])


def _mouth(canvas: Canvas, lab: Array, face: Face, skin: Skin, pen: Pen, free: Array) -> None:
    p, u, lit = face.points, face.u, skin.lit
    upper = pen.shape(ring(p[UPPER_LIP], p[UPPER_MOUTH])) * free
    lower = pen.shape(ring(p[LOWER_LIP], p[LOWER_MOUTH]))
    lips = np.maximum(upper, lower)
    core = lips > 0.8
    colour = np.median(lab[core], 0) if core.sum() > 10 else lit + np.array([-15, 12, 2])
    colour = np.array(
        [min(colour[0] + 2, lit[0] - 7), max(colour[1] * 1.1, lit[1] + 6), max(colour[2], 0.55 * lit[2])]
    )
    canvas.lay(upper, colour - (7, -1, 0))
    canvas.lay(lower, colour)
    canvas.mark("lips", lips)
    if np.linalg.norm(p[13] - p[14]) > 0.05 * u:
        mouth = pen.shape(ring(p[UPPER_MOUTH], p[LOWER_MOUTH]))
        canvas.lay(mouth, (16, 18, 8))
        teeth = _teeth(lab, mouth, lit, u)
        if teeth is not None:
            canvas.lay(teeth * mouth, (93, 0, 4))
        canvas.mark("mouth", mouth)
        canvas.draw(pen.stroke(p[UPPER_MOUTH], (0.01 * u, 0.03 * u, 0.01 * u)), 0.8)
        canvas.draw(pen.stroke(p[LOWER_MOUTH], (0.01 * u, 0.02 * u, 0.01 * u)), 0.5)
    else:
        between = (p[UPPER_MOUTH] + p[LOWER_MOUTH]) / 2
        canvas.draw(pen.stroke(between, (0.02 * u, 0.035 * u, 0.025 * u, 0.035 * u, 0.02 * u)), 0.9)
    for corner, inside in ((61, 185), (291, 409)):
        end = p[corner] + 0.2 * (p[corner] - p[inside])
        canvas.draw(
            pen.stroke(
                np.array([end, p[corner], (p[corner] + p[inside]) / 2]), (0.012 * u, 0.04 * u, 0.01 * u)
            )
        )
    below = p[[84, 17, 314]] + 0.02 * u * face.down
    canvas.draw(pen.stroke(below, (0.006 * u, 0.022 * u, 0.006 * u)), 0.35)


def _teeth(lab: Array, mouth: Array, lit: Array, u: float) -> Array | None:
    """A band without gaps: what is bright in a mouth, in a dark picture too, from side to side."""
    inside = mouth > 0.6
    if not inside.any():
        return None
    bright = filled(lab[..., 0], mouth, 0.02 * u)
    most = float(np.percentile(bright[inside], 90))
    if most <= 0.55 * lit[0]:
        return None
    bound = float(np.clip(0.62 * most, 28, 50))
    seen = smoothstep(bound - 4, bound + 6, bright) * mouth
    along, narrow = 0.16 * u, max(0.5, 0.012 * u)
    size = (0, 0)
    band = cv2.GaussianBlur(seen, size, along, sigmaY=narrow) / (
        cv2.GaussianBlur(mouth, size, along, sigmaY=narrow) + 1e-3
    )
    return smoothstep(0.3, 0.5, band)


def _folds(canvas: Canvas, lab: Array, face: Face, pen: Pen, free: Array) -> None:
    """From the nose past the corners of the mouth, where a face has them, as light as they are weak."""
    u, p = face.u, face.points
    crease = blur(lab[..., 0], 0.1 * u) - blur(lab[..., 0], 0.018 * u)
    aside = np.linspace(-0.09, 0.09, 13)[:, None] * u * face.across
    seen = [sampled(crease, spline(p[fold], 6)[:, None] + aside[None]) for fold in FOLDS]
    # One on one side alone would be a scar.
    strength = 0.5 * float(smoothstep(*CREASED, np.mean([side.max(1).mean() for side in seen])))
    for fold, side in zip(FOLDS, seen, strict=True):
        where = p[fold] + aside[side[::6].argmax(1)].mean(0)
        canvas.draw(pen.stroke(where, (0.004 * u, 0.022 * u, 0.016 * u, 0.004 * u)) * free, strength)


def _nose(canvas: Canvas, lab: Array, face: Face, skin: Skin, pen: Pen) -> None:
    """Two nostrils, its darker side, and the wings: a mark, not an outline."""
    p, u = face.points, face.u
    below = pen.shape(spline(p[[98, 97, 2, 326, 327, 275, 4, 45, 98]]))
    canvas.lay(np.maximum(0.6 * below, _nose_shadow(lab, face, skin, pen)), skin.shade)
    for wing in ([48, 64, 98], [278, 294, 327]):
        if abs((p[wing[1]] - p[2]) @ face.across) > 0.1 * u:
            canvas.draw(pen.stroke(p[wing], (0.004 * u, 0.026 * u, 0.006 * u)), 0.55)
    for outer, inner in ((98, 97), (327, 326)):
        start = p[outer] + 0.3 * (p[inner] - p[outer])
        bow = (start + p[inner]) / 2 - 0.022 * u * face.down
        canvas.draw(pen.stroke(np.array([start, bow, p[inner]]), (0.012 * u, 0.046 * u, 0.012 * u)), 0.85)


def _nose_shadow(lab: Array, face: Face, skin: Skin, pen: Pen) -> Array:
    """The side of the nose that is darker than the cheeks around it: one calm patch."""
    u = face.u
    place = blur(dilated(pen.shape(face.points[NOSE]), 0.05 * u), 0.04 * u)
    darker = blur(skin.level, 0.3 * u) - blur(lab[..., 0], 0.04 * u)
    shadow = median(smoothstep(4.5, 7.5, darker) * smoothstep(0.3, 0.6, place), 0.05 * u)
    shadow = without_small(smoothstep(0.35, 0.65, blur(shadow, 0.04 * u)), 0.04 * u * u)
    return 0.9 * smoothstep(0.35, 0.65, blur(shadow, max(0.7, 0.02 * u)))
