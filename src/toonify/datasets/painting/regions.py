"""What of a face's window is skin, hair, clothes or background."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from toonify.datasets.filters import (
    Array,
    blur,
    depth_inside,
    dilated,
    eroded,
    guided,
    median,
    smoothstep,
    to_lab,
    without_holes,
    without_small,
)
from toonify.datasets.painting.beard import find_beard
from toonify.datasets.painting.face import (
    BETWEEN_EYES,
    EYES,
    FOREHEAD,
    JAW_ENDS,
    LOWER_LIP,
    OVAL,
    UPPER_LIP,
    Face,
)
from toonify.datasets.painting.locks import along_locks
from toonify.datasets.painting.mixtures import told_apart, without_islands
from toonify.datasets.painting.pen import Pen, ring, spline

BACKGROUND, CLOTHES, SKIN, HAIR = range(4)
BANDS = (0.1, 0.8, 0.12)  # rows of a head's side, from the ears to the chin: first, last, height, in u
NO_CLOTH = 0.6  # down to here nobody wears cloth
LEAST_TAIL = 0.15  # width of hair, in u, that hangs down a head's side
COARSE = 30.0  # pixels between the pupils at which kinds are told apart


@dataclass(frozen=True)
class Regions:
    """Soft masks of a face's window, float32 in [0, 1], (H, W).

    Attributes:
        person: Everything of a person.
        skin: Of face, ears, neck and a bald head; also below eyes, brows and lips.
        hair: Also beard and moustache.
        oval: The face from forehead to chin.
        features: Eyes, brows and lips with a margin.
        inner: The middle of the face, which is skin for sure, without features.
        below: The place in the face's own frame, downwards from between the eyes.
    """

    person: Array
    skin: Array
    hair: Array
    oval: Array
    features: Array
    inner: Array
    below: Array


def find_regions(rgb: Array, face: Face, person: Array) -> Regions:
    """Regions of a window.

    Args:
        rgb: (H, W, 3) in [0, 1].
        face: Landmarks in the window.
        person: How probable a person is, (H, W).
    """
    u, pen = face.u, Pen(rgb.shape[:2])
    oval = pen.shape(spline(np.append(face.points[OVAL], face.points[OVAL[:1]], 0)))
    features = _features(pen, face)
    scale = min(1.0, COARSE / u)
    size = max(8, round(rgb.shape[1] * scale)), max(8, round(rgb.shape[0] * scale))

    def coarse(values: Array) -> Array:
        return cv2.resize(values, size, interpolation=cv2.INTER_AREA)

    small = coarse(rgb)
    factor = np.array([size[0] / rgb.shape[1], size[1] / rgb.shape[0]], np.float32)
    small_face = face.scaled(factor)
    small_oval, small_features = coarse(oval), coarse(features)
    fine = _stuff(rgb, u)
    seen = coarse(fine)
    bald = baldness(seen, small_oval, coarse(person), small_face)
    priors = expectations(small_face, small_oval, coarse(person), bald)
    teach = np.repeat((1 - 0.97 * small_features)[..., None], 4, -1).astype(np.float32)
    teach[..., SKIN] *= 0.15 + 0.85 * small_oval  # a collar must not pass for a neck
    likely = told_apart(seen, priors, teach, small, 0.14 * small_face.u)
    labels = without_islands(likely.argmax(-1).astype(np.uint8), likely, 0.1 * small_face.u**2)
    labels = _plausible(labels, small_face, small_oval)
    labels = without_tails(labels, likely, small_face, small_oval)
    masks = _fine(labels, rgb, u)
    background, _, skin, hair = along_locks(masks, fine, face, oval)
    hole = features * eroded(oval, 0.02 * u)
    beard = find_beard(fine, face, oval)
    hair = np.maximum(hair * (1 - hole), beard)
    skin = np.maximum(skin, hole) * (1 - beard)
    body = without_holes(without_small(1 - background, 0.3 * u * u), 0.15 * u * u)
    _, below = face.frame(rgb.shape[:2])
    inner = eroded(oval, 0.1 * u) * (1 - dilated(features, 0.03 * u)) * (skin > 0.9) * (hair < 0.1)
    return Regions(body, skin * body, hair * body, oval, features, inner, below)


def _features(pen: Pen, face: Face) -> Array:
    """Eyes, brows and lips, each with a margin."""
    p, u = face.points, face.u
    lips = pen.shape(ring(p[UPPER_LIP], p[LOWER_LIP]))
    parts = [dilated(lips, 0.05 * u)]
    for eye in EYES:
        parts.append(dilated(pen.shape(ring(p[eye.upper], p[eye.lower])), 0.07 * u))
        parts.append(dilated(pen.shape(p[eye.brow]), 0.05 * u))
    return np.maximum.reduce(parts)


def _stuff(rgb: Array, u: float) -> Array:
    """What tells skin from hair and cloth: lightness, hue and how rough it is; 1 is a visible difference."""
    lab = to_lab(rgb)
    rough = blur(np.abs(lab[..., 0] - blur(lab[..., 0], 0.035 * u)), 0.06 * u)
    seen = [lab[..., 0] / 7, lab[..., 1] / 3.5, lab[..., 2] / 4.5, 2.2 * np.log1p(rough)]
    return np.stack(seen, -1)


def baldness(seen: Array, oval: Array, person: Array, face: Face) -> float:
    """From 0, hair on the crown, to 1, none: is what lies above the forehead like the forehead?"""
    right, below = face.frame(oval.shape)
    depth = depth_inside(oval) / face.u
    top = (
        (face.points[FOREHEAD] - face.points[BETWEEN_EYES]) @ face.down / face.u
    )  # where the mesh's forehead ends
    crown = (person > 0.7) & (np.abs(right) < 0.55) & (below < top - 0.12) & (below > top - 0.5)
    forehead = (depth > 0.12) & (below < -0.35)
    cheeks = (depth > 0.15) & (below > 0.2) & (below < 0.7)
    if crown.sum() < 12 or cheeks.sum() < 12:
        return 0.0
    skin = np.concatenate([seen[cheeks], seen[forehead]]) if forehead.sum() else seen[cheeks]
    middle, spread = np.median(skin, 0), np.maximum(np.std(skin, 0), (1.2, 0.7, 0.8, 0.6))
    off = np.abs(seen[crown] - middle) / spread
    off[:, 0] *= np.where(seen[crown][:, 0] > middle[0], 0.5, 1.0)  # the crown is lit from above
    return float(smoothstep(0.35, 0.7, ((off**2).mean(1) < 2.2).mean()))


def expectations(face: Face, oval: Array, person: Array, bald: float) -> Array:
    """How probable background, clothes, skin and hair are, by place alone: (H, W, 4), sums to 1."""
    right, below = face.frame(oval.shape)
    depth = depth_inside(oval) / face.u
    ends = (face.points[JAW_ENDS] - face.points[BETWEEN_EYES]) / face.u
    middle = float((ends @ face.across).mean())
    half = float(np.abs((ends[1] - ends[0]) @ face.across)) / 2
    aside = np.abs(right - middle)

    inside = smoothstep(-0.04, 0.06, depth)
    sure = smoothstep(0.08, 0.3, depth) * smoothstep(-0.35, 0.05, below)
    neck = smoothstep(1.15 * half, 0.85 * half, aside) * smoothstep(face.chin - 0.45, face.chin - 0.1, below)
    neck = neck * smoothstep(face.chin + 0.9, face.chin + 0.45, below) * (1 - inside)
    ears = smoothstep(-0.35, -0.05, depth) * smoothstep(-0.3, -0.1, below) * smoothstep(1.0, 0.8, below)
    above = smoothstep(-0.05, -0.25, below)
    near = smoothstep(-1.7, -0.9, depth)

    skin = 0.02 + 0.5 * ears * (1 - inside)
    skin = np.maximum(skin, above * (1 - inside) * smoothstep(-0.8, 0.0, depth) * (0.25 + 0.65 * bald))
    skin = np.maximum(skin, inside * (0.62 + 0.36 * sure))
    skin = np.maximum(skin, neck * (0.35 + 0.4 * smoothstep(face.chin + 0.5, face.chin + 0.1, below)))
    hair = near * np.where(below < face.chin, 0.8, 0.4) * (1 - 0.85 * neck) * (1 - inside) * (1 - 0.35 * ears)
    hair = hair * np.where(above > 0.5, 1 - 0.75 * bald, 1.0) + 0.2 * inside * (1 - sure) + 0.02
    shoulders = smoothstep(face.chin - 0.25, face.chin + 0.5, below)
    clothes = 0.8 * shoulders * (1 - 0.5 * neck) + 0.3 * smoothstep(-0.9, -1.9, depth)
    clothes = clothes * (1 - inside) + 0.002
    priors = np.stack([np.zeros_like(skin), clothes, skin, hair], -1)
    priors *= np.clip(person, 0.02, 0.985)[..., None] / priors.sum(-1, keepdims=True)
    priors[..., BACKGROUND] = np.clip(1 - person, 0.015, 0.98) * (1 - 0.95 * inside)
    return (priors / priors.sum(-1, keepdims=True)).astype(np.float32)


def _plausible(labels: Array, face: Face, oval: Array) -> Array:
    """Labels without what a head does not have: loose hair on a forehead, tufts on the shoulders."""
    _, below = face.frame(labels.shape)
    inside = oval > 0.5
    deep = depth_inside(oval) > 0.1 * face.u
    result = labels.copy()
    result[inside & (labels != HAIR)] = SKIN
    _, pieces, _, _ = cv2.connectedComponentsWithStats((result == HAIR).astype(np.uint8), connectivity=4)
    head = np.unique(pieces[(below < 0.4) & (result == HAIR)])
    result[(result == HAIR) & ~np.isin(pieces, head) & (below > face.chin - 0.6) & ~inside] = CLOTHES
    result[(result == CLOTHES) & (below < 0.6) & (depth_inside(oval) > -0.6 * face.u)] = HAIR
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(((result == HAIR) & inside).astype(np.uint8))
    border = inside & ~deep
    for piece in range(1, len(stats)):
        here = pieces == piece
        if (here & border).sum() < 0.25 * face.u or below[here].mean() > 0.75:
            result[here] = SKIN
    return result


def without_tails(labels: Array, likely: Array, face: Face, oval: Array) -> Array:
    """Labels without hair that hangs by a thread: what seems to grow from an ear down to the collar is the
    shadow of a head, unless hair is wide all the way. It becomes what is likeliest but hair.
    """
    right, below = face.frame(labels.shape)
    loose = (labels == HAIR) & (oval <= 0.5)
    others = likely.copy()
    others[..., HAIR] = -1
    others[below < NO_CLOTH, CLOTHES] = -1
    ends = (face.points[JAW_ENDS] - face.points[BETWEEN_EYES]) @ face.across / face.u
    beside = np.abs(right - ends.mean()) > 1.15 * np.abs(ends[1] - ends[0]) / 2
    others[beside & (below >= NO_CLOTH), SKIN] = -1  # no neck is wider than its jaw
    result = labels.copy()
    for side in (right < 0, right >= 0):
        for top in np.arange(*BANDS):
            band = loose & side & (below > top) & (below <= top + BANDS[2])
            if band.sum() < LEAST_TAIL * BANDS[2] * face.u**2:
                tail = loose & side & (below > top)
                result[tail] = others.argmax(-1)[tail]
                break
    return result


def _fine(labels: Array, rgb: Array, u: float) -> list[Array]:
    """A soft mask of each kind, as fine as the picture and along its edges; they leave no gap."""
    soft = []
    for kind in range(4):
        mask = (labels == kind).astype(np.float32)
        mask = cv2.resize(mask, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        mask = guided(rgb, blur(mask, 0.02 * u), 0.09 * u, 1.5e-3)
        soft.append(np.clip(blur(median(mask, 0.04 * u), 0.014 * u), 0, 1))
    masks = []
    for kind, mask in enumerate(soft):
        rival = np.maximum.reduce([other for k, other in enumerate(soft) if k != kind])
        masks.append(smoothstep(0.36, 0.64, mask / (mask + rival + 1e-3)))
    return masks
