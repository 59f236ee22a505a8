"""Moustaches and beards: where the lower face is not skin."""

from __future__ import annotations

import numpy as np

from toonify.datasets.painting.face import LOWER_LIP, UPPER_LIP, Face
from toonify.datasets.painting.filters import blur, depth_inside, grown, median, smoothstep
from toonify.datasets.painting.pen import Pen, ring

Array = np.ndarray

MOUSTACHE, BEARD = 0.42, 0.3  # share of its place that has to be covered


def find_beard(seen: Array, face: Face, oval: Array, labels: Array) -> Array:
    """Where a beard or moustache grows, (H, W), in [0, 1].

    A shadow is as colourful as the skin it falls on; hair is darker and greyer, or rougher. A place counts when
    enough of it qualifies, so that a shadow below the nose makes no moustache.

    Args:
        seen: Lightness, a*, b* and roughness, (H, W, 4), as `regions` scales them.
        face: Landmarks.
        oval: The face's outline as a mask.
        labels: Of `regions`, (H, W).
    """
    u = face.u
    _, below = face.frame(oval.shape)
    depth = depth_inside(oval) / u
    cheeks = (depth > 0.15) & (below > 0.15) & (below < 0.6)
    if cheeks.sum() < 8:
        return np.zeros(oval.shape, np.float32)
    unlike = _unlike(seen, np.median(seen[cheeks], 0))
    pen, p = Pen(oval.shape), face.points
    lips = pen.shape(ring(p[UPPER_LIP], p[LOWER_LIP]))
    free = 1 - grown(lips, 0.03 * u)
    lip = pen.shape(np.concatenate([p[[98, 97, 2, 326, 327]], p[UPPER_LIP][::-1]]))
    chin = smoothstep(0.0, 0.05, depth) * smoothstep(0.75, 0.95, below) * (1 - grown(lip, 0.05 * u))
    result = np.zeros(oval.shape, np.float32)
    for place, reach, least in ((lip, 0.1, MOUSTACHE), (chin, 0.0, BEARD)):
        here = (place > 0.5) & (free > 0.5)
        if here.any() and (unlike[here] > 0.5).mean() > least:
            result = np.maximum(result, unlike * (grown(place, reach * u) if reach else place) * free)
    return median(blur(result, 0.03 * u), 0.04 * u)


def _unlike(seen: Array, skin: Array) -> Array:
    """How unlike skin in any light: (H, W), in [0, 1]."""
    light, usual = seen[..., 0] * 7, float(skin[0] * 7)
    colour, hue = np.hypot(seen[..., 1] * 3.5, seen[..., 2] * 4.5), float(np.hypot(skin[1] * 3.5, skin[2] * 4.5))
    dim = np.sqrt(np.clip(light / max(usual, 1.0), 0.05, 1.5))
    darker = np.clip(usual - light - 8, 0, None) / 16
    greyer = np.clip(hue * dim - colour - 2, 0, None) / 7
    rougher = np.clip(seen[..., 3] - skin[3] - 0.4, 0, None) / 1.2
    return smoothstep(0.7, 1.3, darker**2 + greyer**2 + rougher**2 + darker * greyer)
