"""What of a face's window belongs to other people: in a group, one row stands before another's clothes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from toonify.datasets.filters import Array, smoothstep
from toonify.datasets.painting.face import BETWEEN_EYES, Face

# In distances of the pupils, from between the eyes: right and down.
HEAD_MIDDLE, HEAD = 0.1, (1.15, 1.5)  # with hair as most people wear it
NECK = (0.75, 1.2, 2.5)  # half its width, from where and to where
SHOULDERS = (0.8, 1.2, 2.3)  # half the width at the chin, how much wider further down, and at most
BODY = 6.0  # down to here
NEARER = 0.15  # of a head, by which one in front is larger than it seems


def of_others(shape: tuple[int, int], face: Face, before: Sequence[Face], behind: Sequence[Face]) -> Array:
    """How sure a pixel belongs to somebody else, (H, W), in [0, 1].

    A head belongs to whom it is nearest, in sizes of the head, and rather to whom is in front; clothes belong
    to whose chin they are below, as far as they are not of this face's own head and neck.

    Args:
        shape: Height and width of the window.
        face: Whose window it is.
        before: Faces of people who stand before this one, in pixels of the window.
        behind: Likewise, behind it.
    """
    theirs = np.zeros(shape, np.float32)
    if not (before or behind):
        return theirs
    right, below = face.frame(shape)
    own = _from_head(right, below)
    neck = smoothstep(NECK[0] + 0.1, NECK[0] - 0.1, np.abs(right)) * (below > NECK[1]) * (below < NECK[2])
    mine = np.maximum(smoothstep(1.1, 0.95, own), neck)
    for others, nearer in ((before, NEARER), (behind, -NEARER)):
        for other in others:
            part, corner = _reach(other, shape)
            there = theirs[part]
            if not there.size:
                continue
            aside, down = Face(other.points - corner).frame(there.shape)
            away = _from_head(aside, down)
            head = smoothstep(1.1, 1.0, away) * smoothstep(-0.08, 0.08, own[part] + nearer - away)
            body = _body(aside, down, other.chin) * (1 - mine[part])
            np.maximum(there, np.maximum(head, body), out=there)
    return theirs


def _reach(face: Face, shape: tuple[int, int]) -> tuple[tuple[slice, slice], Array]:
    """The rows and columns of a window that a person may take up, and x and y of the first."""
    aside, top = SHOULDERS[2] + 0.1, HEAD_MIDDLE - 1.1 * HEAD[1]
    box = np.array([(right, down) for right in (-aside, aside) for down in (top, BODY)])
    corners = face.points[BETWEEN_EYES] + face.u * box @ np.stack([face.across, face.down])
    limit = shape[::-1]
    low = np.clip(np.floor(corners.min(0)).astype(int), 0, limit)
    high = np.clip(np.ceil(corners.max(0)).astype(int) + 1, low, limit)
    return (slice(low[1], high[1]), slice(low[0], high[0])), low


def _from_head(right: Array, below: Array) -> Array:
    """How far from the middle of a head, 1 at its border."""
    return np.hypot(right / HEAD[0], (below - HEAD_MIDDLE) / HEAD[1])


def _body(right: Array, below: Array, chin: float) -> Array:
    half = np.clip(SHOULDERS[0] + SHOULDERS[1] * (below - chin), SHOULDERS[0], SHOULDERS[2])
    return smoothstep(0.1, -0.1, np.abs(right) - half) * (below > chin) * (below < BODY)
