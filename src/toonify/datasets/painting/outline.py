"""The contours that hold a head together, heavier in shadow than in light."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from toonify.datasets.filters import Array, blur, contour, eroded, smoothstep
from toonify.datasets.painting.canvas import Canvas
from toonify.datasets.painting.face import JAW, Face
from toonify.datasets.painting.pen import Pen
from toonify.datasets.painting.regions import Regions
from toonify.datasets.painting.skin import Skin

CHEEKS = (0.1, 0.4)  # from where on down, in u below the eyes, skin has a contour of its own


def draw_outline(canvas: Canvas, face: Face, regions: Regions, skin: Skin) -> None:
    """The person's outline, heavier than that of skin and hair, and the jaw against the neck: each of them
    thinner where light comes from.
    """
    parts = (
        (regions.person, 0.03, np.float32(1)),
        (regions.skin, 0.021, 0.9 * _outside(face, regions)),
        (regions.hair, 0.016, np.float32(0.6)),
    )
    canvas.draw(_lines(face, regions, skin, parts, (0.03, 0.75)))


def head_outline(face: Face, regions: Regions, skin: Skin) -> Array:
    """Fewer and heavier contours, for a drawing that has some of its own: of the person, the jaw, and of skin
    from the cheeks down; (H, W) in [0, 1], 1 is ink.
    """
    below = smoothstep(*CHEEKS, regions.below)
    parts = (
        (regions.person, 0.04, np.float32(1)),
        (regions.skin, 0.03, 0.9 * _outside(face, regions) * below),
    )
    return _lines(face, regions, skin, parts, (0.036, 0.9))


def _lines(
    face: Face,
    regions: Regions,
    skin: Skin,
    parts: Iterable[tuple[Array, float, Array | np.float32]],
    jaw: tuple[float, float],
) -> Array:
    """Contours of masks, each with its width in u and its strength; the jaw has some, too."""
    light = _light(face, regions, skin)
    lines = [
        strength * contour(mask, width * face.u * _weight(mask, light, face.u))
        for mask, width, strength in parts
    ]
    width, strength = jaw
    return np.maximum.reduce([*lines, strength * _jaw(face, regions, width)])


def _outside(face: Face, regions: Regions) -> Array:
    """1 outside of the face's oval, 0 inside."""
    return 1 - blur(eroded(regions.oval, 0.03 * face.u), 0.02 * face.u)


def _jaw(face: Face, regions: Regions, width: float) -> Array:
    """The jaw against the neck. Where a beard or a collar covers it, there is a contour already."""
    u = face.u
    widths = (0.004 * u, 0.8 * width * u, width * u, 0.8 * width * u, 0.004 * u)
    jaw = Pen(regions.oval.shape).stroke(face.points[JAW], widths)
    return jaw * smoothstep(0.5, 0.9, regions.skin) * (1 - regions.hair)


def _light(face: Face, regions: Regions, skin: Skin) -> Array:
    """Where light comes from, x and y, of a length of 1 at most: from the middle of the face's shadow to that
    of its lit skin; from above where there is little shadow.
    """
    place = regions.inner > 0.5
    shadow = place & (skin.colours[..., 0] < (skin.lit[0] + skin.shade[0]) / 2)
    lit = place & ~shadow
    above = -0.5 * face.down
    if min(shadow.sum(), lit.sum()) < 0.05 * face.u**2:
        return above
    middles = [np.argwhere(where).mean(0)[::-1] for where in (lit, shadow)]
    light = (middles[0] - middles[1]) / (0.5 * face.u) + above
    return light / max(1.0, float(np.linalg.norm(light)))


def _weight(mask: Array, light: Array, u: float) -> Array:
    """How heavy a line around a mask is: 0.6 where it faces the light, to 1.4 on the other side."""
    soft = blur(mask, 0.12 * u)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    length = np.hypot(across, down) + 1e-4
    return (1 + 0.4 * (across * light[0] + down * light[1]) / length).astype(np.float32)
