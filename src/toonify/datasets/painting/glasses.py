"""Glasses: a rim around each eye, traced where the picture has one, and drawn as strokes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from toonify.datasets.filters import Array, blur, sampled, smoothstep
from toonify.datasets.painting.face import (
    BETWEEN_EYES,
    BROW_CENTRE,
    EYES,
    NOSE_BRIDGE,
    TEMPLES,
    EyePoints,
    Face,
)
from toonify.datasets.painting.pen import Pen

ANGLES = 72  # steps around a lens
RADII = np.linspace(0.24, 0.6, 37)  # of a rim around its lens' middle, in u
USUAL = 0.38  # of them
STEPS = range(-2, 3)  # among them, from one angle to the next
BEND = 1.2  # what such a step costs, by its square
BELOW = slice(ANGLES // 18, ANGLES * 4 // 9)  # the lower half of a rim, which no brow is taken for
CORNER = 0.72  # how far an eye's outer corner is from the middle of a face seen from the front, in u
SEEN_AT = 66.0  # pixels between the pupils at which frames are looked for
FRAME, WIRE = 0.11, 0.06  # the widest lines that are looked for, in u
CROSSED = 0.8  # L* of a line across the nose, below which it is none
WORN = 0.65  # evidence from which glasses are believed: told by eye on three hundred faces


@dataclass(frozen=True)
class _Rim:
    """A rim traced around an eye.

    Attributes:
        points: (ANGLES, 2), x and y; from its outermost one over the lowest.
        strength: How much of a ridge there is below each point, in L*.
    """

    points: Array
    strength: Array


def find_glasses(luminance: Array, face: Face) -> Array:
    """Frames as ink, (H, W), in [0, 1].

    Args:
        luminance: L* of the window, (H, W).
        face: Landmarks in the window.
    """
    nothing = np.zeros(luminance.shape, np.float32)
    pupils = face.points[[eye.iris for eye in EYES]]
    if pupils.min() < 0 or (pupils > np.array(luminance.shape[::-1]) - 1).any():
        return nothing  # half of the face is outside of the picture
    scale = min(1.0, SEEN_AT / face.u)
    size = round(luminance.shape[1] * scale), round(luminance.shape[0] * scale)
    factor = np.array([size[0] / luminance.shape[1], size[1] / luminance.shape[0]])
    small = face.scaled(factor)
    seen = cv2.resize(luminance, size, interpolation=cv2.INTER_AREA)
    rims = _trace(_ridge(seen, small.u, FRAME), small)
    if _evidence(_ridge(seen, small.u, WIRE), small, rims) < WORN:
        return nothing
    return _drawn(
        [_Rim((rim.points + 0.5) / factor - 0.5, rim.strength) for rim in rims], face, nothing.shape
    )


def _drawn(rims: list[_Rim], face: Face, shape: tuple[int, ...]) -> Array:
    """Rims, heavier where they were seen, the bridge between them, and what goes to the ears."""
    pen, width = Pen((shape[0], shape[1])), _width(rims, face.u)
    lines = []
    for rim, temple in zip(rims, TEMPLES, strict=True):
        seen = smoothstep(2.0, 7.0, np.append(rim.strength, rim.strength[:1]))
        closed = np.concatenate([rim.points, rim.points[:1]])
        lines.append(pen.stroke(closed, tuple(width * (0.3 + 0.7 * seen))))
        hinge = rim.points[-ANGLES // 18]
        end = hinge + 0.85 * (face.points[temple] - hinge)
        outwards = (end - hinge) @ (rim.points[0] - rim.points[ANGLES // 2])
        if outwards > 0:  # on the side that is turned away, the rim hides it
            lines.append(pen.stroke(np.array([hinge, (hinge + end) / 2, end]), (width, 0.8 * width)))
    middle = face.points[BETWEEN_EYES]
    ends = [rim.points[np.abs(rim.points - middle).sum(1).argmin()] for rim in rims]
    bow = np.mean(ends, 0) - 0.04 * face.u * face.down
    lines.append(pen.stroke(np.array([ends[0], bow, ends[1]]), (width, 0.8 * width, width)))
    return np.maximum.reduce(lines)


def _ridge(luminance: Array, u: float, widest: float) -> Array:
    """How much darker, or lighter, than both sides lines of some width are: top hats, in L*."""
    soft = blur(luminance, 0.012 * u)
    side = max(3, int(widest * u) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    dark = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, kernel) - soft
    light = soft - cv2.morphologyEx(soft, cv2.MORPH_OPEN, kernel)
    return np.maximum(dark, 0.7 * light)


def _trace(ridge: Array, face: Face) -> list[_Rim]:
    """The closed curve that lies on the strongest ridge around both eyes and bends least, for lenses are each
    other's mirror image: the shortest path through polar pictures (Viterbi, 1967).
    """
    p = face.points
    brows = np.maximum(*(Pen(ridge.shape).shape(p[eye.brow]) for eye in EYES))
    ridge = ridge * (1 - 0.6 * brows)
    places = [_around(face, eye, sign) for eye, sign in zip(EYES, (-1, 1), strict=True)]
    polar = [sampled(ridge, place) for place in places]
    value = np.clip(polar, 0, 14).mean(0) - 80 * (RADII - USUAL) ** 2
    for place, sign in zip(places, (-1, 1), strict=True):
        # A rim stays on its own side of the nose.
        aside = sign * ((place - p[BETWEEN_EYES]) @ face.across) / face.u
        value = np.where(aside < 0.05, -30, value)
    path, row = _path(value), np.arange(ANGLES)
    rims = []
    for place, strength in zip(places, polar, strict=True):
        points = place[row, path]
        padded = np.concatenate([points[-3:], points, points[:3]])
        weights = np.array([1, 2, 3, 4, 3, 2, 1]) / 16
        smooth = np.stack([np.convolve(axis, weights, "valid") for axis in padded.T], 1)
        rims.append(_Rim(smooth, strength[row, path]))
    return rims


def _around(face: Face, eye: EyePoints, sign: int) -> Array:
    """Places around an eye by angle, from the outermost downwards, and radius: (ANGLES, RADII, 2)."""
    p, u = face.points, face.u
    angle = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    corner = sign * float((p[eye.upper[0]] - p[BETWEEN_EYES]) @ face.across)
    narrow = float(np.clip(corner / (CORNER * u), 0.6, 1.1))  # of a face that is turned
    direction = np.outer(sign * narrow * np.cos(angle), face.across) + np.outer(np.sin(angle), face.down)
    # Lenses are wider than high, and have corners (Lamé, 1818).
    bow = ((np.abs(np.cos(angle)) / 1.1) ** 2.6 + (np.abs(np.sin(angle)) / 0.8) ** 2.6) ** (-1 / 2.6)
    reach = RADII[None] * bow[:, None] * u
    return p[eye.iris] + 0.06 * u * face.down + reach[..., None] * direction[:, None]


def _path(value: Array) -> Array:
    """For each row the column of a closed path of the greatest value; steps cost by their square."""
    rows, columns = value.shape
    twice = np.concatenate([value, value])  # the first half forgets where the path began
    best, came = twice[0].copy(), np.zeros((2 * rows, columns), int)
    for row in range(1, 2 * rows):
        options = np.full((len(STEPS), columns), -np.inf)
        for i, step in enumerate(STEPS):
            low, high = max(0, -step), min(columns, columns - step)
            options[i, low:high] = best[low + step : high + step] - BEND * step * step
        choice = options.argmax(0)
        came[row] = np.arange(columns) + choice + STEPS[0]
        best = options[choice, np.arange(columns)] + twice[row]
    path = np.zeros(2 * rows, int)
    path[-1] = best.argmax()
    for row in range(2 * rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    middle = rows // 2
    return np.roll(path[middle : middle + rows], middle)


def _evidence(wire: Array, face: Face, rims: list[_Rim]) -> float:
    """How much speaks for glasses: a thin line that crosses the nose without a gap, where no face has one,
    and rims below the eyes, as far as skin has none such elsewhere.
    """
    p = face.points
    aside = np.linspace(-0.11, 0.11, 23)[:, None, None] * face.u * face.across
    down = np.linspace(0.2, 1, 40)[None, :, None] * (p[NOSE_BRIDGE] - p[BROW_CENTRE])
    crossing = np.minimum(sampled(wire, p[BROW_CENTRE] + aside + down), 3)
    below = float(np.mean([np.median(np.clip(rim.strength[BELOW], 0, 14)) for rim in rims]))
    crossed = _crossed(crossing)
    if crossed < CROSSED:
        return 0.0
    return crossed + 0.2 * min(below, 6.0) - 4 * _roughness(wire, face)


def _roughness(wire: Array, face: Face) -> float:
    """How strong lines of noise and wrinkles are on forehead or cheeks, in L*: where they are weaker, for a
    curl may hang over one of them.
    """
    seen = []
    for right, below in ((0.45, (-0.75, -0.42)), (0.6, (0.3, 0.8))):
        across = np.linspace(-right, right, 45)[None, :, None] * face.u * face.across
        down = np.linspace(*below, 24)[:, None, None] * face.u * face.down
        seen.append(np.percentile(sampled(wire, face.points[BETWEEN_EYES] + across + down), 80))
    return float(min(seen))


def _crossed(value: Array) -> float:
    """The mean along the best path from the first row to the last; steps cost by their square."""
    best = value[0]
    for row in value[1:]:
        padded = np.pad(best, 2, constant_values=-np.inf)
        options = [padded[2 + step : 2 + step + len(row)] - step * step for step in range(-2, 3)]
        best = np.maximum.reduce(options) + row
    return float(best.max() / len(value))


def _width(rims: list[_Rim], u: float) -> float:
    """Of a frame, in pixels: thin wire or thick plastic."""
    strength = float(np.mean([np.percentile(rim.strength, 70) for rim in rims]))
    return u * float(np.interp(strength, (4, 22), (0.028, 0.062)))
