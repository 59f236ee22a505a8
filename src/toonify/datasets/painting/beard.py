"""Moustaches and beards: where the lower face is not skin."""

from __future__ import annotations

import numpy as np

from toonify.datasets.filters import Array, blur, depth_inside, dilated, eroded, median, smoothstep
from toonify.datasets.painting.face import BETWEEN_EYES, LOWER_LIP, UPPER_LIP, UPPER_MOUTH, Face
from toonify.datasets.painting.pen import Pen, ring

BEARD = 4.0  # how unlike skin the middle of its place has to be
MOUSTACHE = 11.2  # evidence from which a moustache is believed: told by eye on three hundred faces


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
    soft = blur(seen, 0.035 * u)
    unlike = _unlike(soft, np.median(seen[cheeks], 0))
    pen, p = Pen(oval.shape), face.points
    lips = pen.shape(ring(p[UPPER_LIP], p[LOWER_LIP]))
    free = 1 - dilated(lips, 0.02 * u)
    lip = pen.shape(_moustache(p))
    nose = pen.shape(p[[98, 97, 2, 326, 327, 294, 4, 64]])  # whose nostrils are dark as well
    chin = smoothstep(0.0, 0.05, depth) * smoothstep(0.75, 0.95, below) * (1 - dilated(lip, 0.05 * u))
    middle = float((p[2] - p[BETWEEN_EYES]) @ face.across) / u
    halves = (right < middle, right >= middle)
    goatee = chin * smoothstep(0.5, 0.4, np.abs(right - middle))
    result = np.zeros(oval.shape, np.float32)
    for place in (goatee * free, chin * free):
        sides = _sides(unlike, place, halves)
        # A shadow falls on one side; hair grows on both.
        if min(sides) > 0.75 * BEARD and np.median(unlike[place > 0.5]) > BEARD:
            result = np.maximum(result, smoothstep(0.45 * BEARD, 0.7 * BEARD, unlike) * place)
    place = lip * (1 - nose)
    around = (
        (dilated(lip, 0.2 * u) - dilated(lip, 0.06 * u))
        * (1 - dilated(nose, 0.08 * u))
        * eroded(oval, 0.05 * u)
    )
    around = around * (1 - dilated(lips, 0.05 * u))
    here = place * (1 - lips)
    if _believed(seen, soft, unlike, here, around, halves, u):
        usual = min(float(np.median(unlike[here > 0.5])), BEARD)  # a fair one ends sooner
        result = np.maximum(result, smoothstep(0.3 * usual, 0.6 * usual, unlike) * place)
    return smoothstep(0.35, 0.65, blur(median(result, 0.05 * u), 0.02 * u))


def _sides(values: Array, place: Array, halves: tuple[Array, Array]) -> list[float]:
    """The median on either side of a place, nothing where there is too little of it."""
    sides = [values[(place > 0.5) & half] for half in halves]
    return [float(np.median(side)) if side.size > 2 else -np.inf for side in sides]


def _believed(
    seen: Array, soft: Array, unlike: Array, here: Array, around: Array, halves: tuple[Array, Array], u: float
) -> bool:
    """Whether a moustache grows here: grey and white ones are told by what is just around them, from a
    close shave's shadow by their strands.
    """
    edges = []
    for half in halves:
        inside, outside = (here > 0.5) & half, (around > 0.5) & half
        if inside.sum() < 3 or outside.sum() < 3:
            return False
        off = np.median(soft[inside], 0) - np.median(soft[outside], 0)
        edges.append(float(-off[1] - 0.5 * off[2] - 1.2 * off[0]))
    rough = np.abs(seen[..., 0] - blur(seen[..., 0], 0.03 * u))
    strands = float(rough[here > 0.5].mean() / (rough[around > 0.5].mean() + 0.04))
    return min(_sides(unlike, here, halves)) + min(edges) + 4 * min(strands, 2.0) > MOUSTACHE


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
