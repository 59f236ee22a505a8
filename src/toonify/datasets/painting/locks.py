"""Where hair ends: along its locks, told by colour from the forehead and from what is behind a head."""

from __future__ import annotations

import numpy as np

from toonify.datasets.filters import (
    Array,
    blur,
    dilated,
    eroded,
    filled,
    median,
    smoothstep,
    without_holes,
    without_small,
)
from toonify.datasets.painting.face import Face

TUFT, FRINGE = 0.004, 0.1  # square u of a lock that stands out of hair, and of one that falls over a forehead
APART = (1.6, 3.6)  # visible differences between two kinds, told apart: a little, for sure


def along_locks(masks: list[Array], fine: Array, face: Face, oval: Array) -> list[Array]:
    """Masks whose hair ends where its locks do: before the background, and on the forehead."""
    u, (_, below) = face.u, face.frame(oval.shape)
    background, clothes, skin, hair = masks
    outside = border(hair, background, 0.11 * u) * (1 - oval)
    free = with_locks(fine, hair, usual(fine, background, u), outside, TUFT, u)
    background = np.clip(background + hair - free, 0, 1)
    middle = (oval > 0.5) & (np.abs(below - 0.25) < 0.15) & (skin > 0.9)
    if middle.sum() < 8:
        return [background, clothes, skin, free]
    fringe = border(free, skin, 0.45 * u) * smoothstep(-0.12, -0.22, below) * dilated(oval, 0.05 * u)
    usual_skin = np.median(fine[middle], 0)
    # What is lighter than skin on a forehead is its gleam.
    fringe = fringe * smoothstep(0.5, 2.0, usual_skin[0] - usual(fine, free, u)[..., 0])
    over = with_locks(fine, free, usual_skin, fringe, FRINGE, u)
    return [background, clothes, np.clip(skin + free - over, 0, 1), over]


def with_locks(seen: Array, hair: Array, other: Array, band: Array, least: float, u: float) -> Array:
    """Hair whose border follows the colours within a band: how far a pixel is on the way from what is usual
    for the other kind to what is usual for hair nearby (as a blue screen is keyed: Smith and Blinn, 1996).

    Args:
        seen: (H, W, F), scaled so that 1 is a small but visible difference.
        hair: Where hair was found, (H, W), in [0, 1].
        other: What is usual for what it borders on, (H, W, F) or (F,).
        band: Where its border may move, (H, W), in [0, 1].
        least: Square u of a lock that is added, or of a gap.
        u: Pixels between the pupils.
    """
    way = usual(seen, hair, u) - other
    length = np.linalg.norm(way, axis=-1)
    along = ((seen - other) * way).sum(-1) / (length**2 + 0.1)
    known = band * smoothstep(*APART, length) * smoothstep(0.01, 0.1, blur(eroded(hair, 0.07 * u), 0.2 * u))
    locks = smoothstep(0.32, 0.6, blur(along, 0.012 * u))
    change = known * (locks - hair)
    grown_by, shrunk_by = (_whole(np.maximum(sign * change, 0), least, u) for sign in (1, -1))
    moved = without_holes(np.clip(hair + grown_by - shrunk_by, 0, 1), 0.05 * u * u)
    return smoothstep(0.25, 0.75, blur(moved, max(0.6, 0.013 * u)))


def _whole(change: Array, least: float, u: float) -> Array:
    """A change without what is too thin or too small for a lock."""
    return without_small(median(change, 0.035 * u), least * u * u)


def usual(seen: Array, kind: Array, u: float) -> Array:
    """The usual colour around each pixel of a kind, away from its border: (H, W, F)."""
    return filled(seen, 0.05 * kind + eroded(kind, 0.07 * u), 0.2 * u)


def border(first: Array, second: Array, reach: float) -> Array:
    """1 where two kinds are both within a distance."""
    return dilated(first, reach) * dilated(second, reach)
