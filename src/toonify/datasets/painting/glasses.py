"""Glasses: a rim around each eye, traced where the picture has one, and drawn as strokes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from toonify.datasets.filters import blur, smoothstep
from toonify.datasets.painting.face import BETWEEN_EYES, BROW_CENTRE, EYES, NOSE_BRIDGE, EyePoints, Face
from toonify.datasets.painting.pen import Pen

Array = np.ndarray

ANGLES = 72  # steps around a lens
RADII = np.linspace(0.24, 0.7, 47)  # of a rim around its pupil, in u
BELOW = slice(ANGLES // 18, ANGLES * 4 // 9)  # the lower half of a rim, which no brow is taken for
SEEN_AT = 66.0  # pixels between the pupils at which frames are looked for
WORN = 1.2  # evidence from which glasses are believed: told by eye on sixty faces


@dataclass(frozen=True)
class _Rim:
    """A rim traced around an eye.

    Attributes:
        points: (ANGLES, 2), x and y.
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
    pen, u = Pen(luminance.shape), face.u
    scale = min(1.0, SEEN_AT / u)
    size = round(luminance.shape[1] * scale), round(luminance.shape[0] * scale)
    factor = np.array([size[0] / luminance.shape[1], size[1] / luminance.shape[0]])
    small = Face(((face.points + 0.5) * factor - 0.5).astype(np.float32))
    ridge = _ridge(cv2.resize(luminance, size, interpolation=cv2.INTER_AREA), small.u)
    rims = [_trace(ridge, small, eye) for eye in EYES]
    if not _worn(ridge, small, rims):
        return nothing
    rims = [_Rim((rim.points + 0.5) / factor - 0.5, rim.strength) for rim in rims]
    width = _width(rims, u)
    ink = nothing
    for rim in rims:
        closed = np.concatenate([rim.points, rim.points[:1]])
        # A rim is drawn all round, heavier where it was seen.
        seen = smoothstep(2.0, 7.0, np.append(rim.strength, rim.strength[:1]))
        ink = np.maximum(ink, pen.stroke(closed, tuple(width * (0.3 + 0.7 * seen))))
    bridge = np.array(
        [rim.points[np.abs(rim.points - face.points[BETWEEN_EYES]).sum(1).argmin()] for rim in rims]
    )
    middle = bridge.mean(0) - 0.04 * u * face.down
    return np.maximum(ink, pen.stroke(np.array([bridge[0], middle, bridge[1]]), (width, 0.8 * width, width)))


def _ridge(luminance: Array, u: float) -> Array:
    """How much darker, or lighter, than both sides: top hats as wide as a thick frame, in L*."""
    soft = blur(luminance, 0.012 * u)
    side = max(3, int(0.11 * u) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    dark = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, kernel) - soft
    light = soft - cv2.morphologyEx(soft, cv2.MORPH_OPEN, kernel)
    return np.maximum(dark, 0.7 * light)


def _trace(ridge: Array, face: Face, eye: EyePoints) -> _Rim:
    """The closed curve around an eye that lies on the strongest ridge and bends least: the shortest path
    through a polar picture (Viterbi, 1967).
    """
    u = face.u
    centre = face.points[eye.iris] + 0.06 * u * face.down
    angle = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)
    direction = np.outer(np.cos(angle), face.across) + np.outer(np.sin(angle), face.down)
    # Lenses are wider than high.
    reach = RADII[None] * (0.86 + 0.22 * np.abs(np.cos(angle)))[:, None] * u
    places = (centre + reach[..., None] * direction[:, None]).astype(np.float32)
    polar = cv2.remap(
        ridge, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    value = np.clip(polar, 0, 14) - 0.5 * np.abs(RADII - 0.42) / 0.1
    # A rim stays on its own side of the nose.
    aside = (places - face.points[BETWEEN_EYES]) @ face.across / u
    value = np.where(aside * np.sign((centre - face.points[BETWEEN_EYES]) @ face.across) < 0.05, -30, value)
    path = _path(value)
    row = np.arange(ANGLES)
    radius = np.take_along_axis(reach, path[:, None], 1)[:, 0]
    padded = np.concatenate([radius[-3:], radius, radius[:3]])
    smooth = np.convolve(padded, np.array([1, 2, 3, 4, 3, 2, 1]) / 16, "valid")
    return _Rim(centre + smooth[:, None] * direction, polar[row, path])


def _path(value: Array, most: int = 2, cost: float = 1.2) -> Array:
    """For each row the column of a closed path of the greatest value; steps cost by their square."""
    rows, columns = value.shape
    twice = np.concatenate([value, value])  # the first half forgets where the path began
    best, came = twice[0].copy(), np.zeros((2 * rows, columns), int)
    for row in range(1, 2 * rows):
        options = np.full((2 * most + 1, columns), -np.inf)
        for i, step in enumerate(range(-most, most + 1)):
            low, high = max(0, -step), min(columns, columns - step)
            options[i, low:high] = best[low + step : high + step] - cost * step * step
        choice = options.argmax(0)
        came[row] = np.arange(columns) + choice - most
        best = options[choice, np.arange(columns)] + twice[row]
    path = np.zeros(2 * rows, int)
    path[-1] = best.argmax()
    for row in range(2 * rows - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    middle = rows // 2
    return np.roll(path[middle : middle + rows], middle)


def _worn(ridge: Array, face: Face, rims: list[_Rim]) -> bool:
    """Whether something crosses the bridge of the nose, and rims go round where no face has lines."""
    p, u = face.points, face.u
    down = np.linspace(0, 1, 40)[:, None]
    crossings = []
    for aside in (-0.07, -0.035, 0.0, 0.035, 0.07):
        line = p[BROW_CENTRE] + down * (p[NOSE_BRIDGE] - p[BROW_CENTRE]) + aside * u * face.across
        line = line.astype(np.float32)
        seen = cv2.remap(ridge, line[:, :1], line[:, 1:], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        crossings.append(float(seen.max()))
    rim = float(np.mean([np.median(rim.strength[BELOW]) for rim in rims]))
    return (float(np.median(crossings)) - 3) / 5 + (rim - 2) / 4 > WORN


def _width(rims: list[_Rim], u: float) -> float:
    """Of a frame, in pixels: thin wire or thick plastic."""
    strength = float(np.mean([np.percentile(rim.strength, 70) for rim in rims]))
    return u * float(np.interp(strength, (4, 22), (0.028, 0.062)))
