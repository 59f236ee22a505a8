"""Moustaches and beards: where the lower face is not skin."""

from __future__ import annotations

import numpy as np

from toonify.datasets.filters import blur, depth_inside, grown, median, smoothstep
from toonify.datasets.painting.face import BETWEEN_EYES, LOWER_LIP, UPPER_LIP, UPPER_MOUTH, Face
from toonify.datasets.painting.pen import Pen, ring

Array = np.ndarray

MOUSTACHE, BEARD = 3.4, 4.0  # how unlike skin the middle of its place has to be


def find_beard(seen: Array, face: Face, oval: Array) -> Array:
    """Where a beard or moustache grows, (H, W), in [0, 1].

    A shadow is as red as the skin it falls on; hair is less red, less yellow, mostly darker. A place counts
    when most of it qualifies, on both sides, so that a shadow below the nose makes no moustache.

    Args:
        seen: Lightness, a*, b* and roughness, (H, W, 4), as `regions` scales them.
        face: Landmarks.
        oval: The face's outline as a mask.
    """
    u = face.u
    right, below = face.frame(oval.shape)
    depth = depth_inside(oval) / u
    cheeks = (depth > 0.15) & (below > 0.15) & (below < 0.6)
    if cheeks.sum() < 8:
        return np.zeros(oval.shape, np.float32)
    unlike = _unlike(blur(seen, 0.035 * u), np.median(seen[cheeks], 0))
    pen, p = Pen(oval.shape), face.points
    lips = pen.shape(ring(p[UPPER_LIP], p[LOWER_LIP]))
    free = 1 - grown(lips, 0.02 * u)
    lip = pen.shape(_moustache(p))
    nose = pen.shape(p[[98, 97, 2, 326, 327, 294, 4, 64]])  # whose nostrils are dark as well
    chin = smoothstep(0.0, 0.05, depth) * smoothstep(0.75, 0.95, below) * (1 - grown(lip, 0.05 * u))
    middle = float((p[2] - p[BETWEEN_EYES]) @ face.across) / u
    goatee = chin * smoothstep(0.5, 0.4, np.abs(right - middle))
    result = np.zeros(oval.shape, np.float32)
    for place, least in ((lip * (1 - nose), MOUSTACHE), (goatee * free, BEARD), (chin * free, BEARD)):
        here = place > 0.5
        sides = [unlike[here & half] for half in (right < middle, right >= middle)]
        # A shadow falls on one side; hair grows on both.
        grows = all(side.size > 2 and np.median(side) > 0.75 * least for side in sides)
        if grows and np.median(np.concatenate(sides)) > least:
            result = np.maximum(result, smoothstep(0.45 * least, 0.7 * least, unlike) * place)
    return smoothstep(0.35, 0.65, blur(median(result, 0.05 * u), 0.02 * u))


def _moustache(p: Array) -> Array:
    """Where a moustache grows: from the nose over half of the upper lip, a little past its corners."""
    middle = (p[61] + p[291]) / 2
    corners = [middle + 1.2 * (p[corner] - middle) for corner in (61, 291)]
    above = p[[206, 98, 97, 2, 326, 327, 426]]
    lip = (p[UPPER_LIP] + p[UPPER_MOUTH]) / 2
    return np.concatenate([corners[:1], above, corners[1:], lip[::-1]])


def _unlike(seen: Array, skin: Array) -> Array:
    """How much less red, less yellow and darker than skin, in small visible differences: (H, W)."""
    lightness, red, yellow = ((seen[..., i] - skin[i]) for i in range(3))
    return -red - 0.5 * yellow - 0.6 * lightness
