"""What makes a head look drawn, laid over another drawing of it: skin in two or three tones, and contours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from toonify.datasets.filters import Array, blur, dilated, filled, laid, smoothstep, to_bytes, to_lab, to_rgb
from toonify.datasets.painting.face import Face
from toonify.datasets.painting.finding import find_faces, find_person
from toonify.datasets.painting.outline import head_outline
from toonify.datasets.painting.painter import BETWEEN
from toonify.datasets.painting.regions import find_regions
from toonify.datasets.painting.skin import paint_skin
from toonify.datasets.painting.window import Window

PUPILS = (48.0, 90.0)  # pixels between them in the window
SMALLEST = 30.0  # pixels between them in the picture, below which few tones would close eyes
INK = 0.95  # of the contours
WRINKLES = 0.3  # of the other drawing's ink, that is left on skin
FAINT, CLEAR = 2.5, 7.0  # L*a*b*: what differs less from skin is skin, what differs more is a feature
LIT = (55.0, 88.0)  # percentiles of lit skin's lightness, between which its colour is taken: no gleam
LIFT = ((38.0, 80.0), (0.0, 4.0))  # L* of skin, and by how much it is drawn lighter: dark skin stays dark


@dataclass(frozen=True)
class Head:
    """A head's masks, float32 in [0, 1], of the size of its place.

    Attributes:
        place: Its rows and columns in the photograph.
        skin: Of face and neck, also below eyes, brows and lips.
        shadow: Where skin is in shadow.
        deep: Where that is deep.
        features: Eyes, brows and lips, with a margin.
        contour: Ink.
        level: Lightness of its skin without features, L* / 100.
        u: Pixels between the pupils.
    """

    place: tuple[slice, slice]
    skin: Array
    shadow: Array
    deep: Array
    features: Array
    contour: Array
    level: Array
    u: float


def find_heads(rgb: Array) -> list[Head]:
    """The heads of a photograph, (H, W, 3) in [0, 1], whose faces the mesh finds, the largest first; small
    ones are left out.
    """
    faces = find_faces(to_bytes(rgb))
    heads = []
    for number, face in enumerate(faces):
        window = Window(face, rgb.shape, PUPILS)
        if window.too_small or face.u < SMALLEST:
            continue
        masks = _masks(np.clip(window.there(rgb), 0, 1), *window.among(faces, number))
        placed = {name: np.clip(window.back(mask.astype(np.float32)), 0, 1) for name, mask in masks.items()}
        heads.append(Head(window.place, **placed, u=face.u))
    return heads


def _masks(rgb: Array, face: Face, theirs: Array) -> dict[str, Array]:
    """Those of a `Head` in a window; `theirs` is what belongs to other people."""
    person = find_person(to_bytes(rgb)) * (1 - theirs)
    regions = find_regions(rgb, face, person)
    skin = paint_skin(to_lab(cv2.bilateralFilter(rgb, 5, 0.06, 2)), regions, face.u)
    contour = head_outline(face, regions, skin) * (1 - dilated(theirs, BETWEEN * face.u))
    own = regions.skin * (1 - regions.hair) * (1 - theirs)
    return {
        "skin": own,
        "shadow": skin.shadow,
        "deep": skin.deep,
        "features": regions.features,
        "contour": contour,
        "level": skin.level / 100,
    }


def with_heads(colours: Array, ink: Array, heads: Iterable[Head], finer: Array) -> tuple[Array, Array]:
    """A drawing whose heads have skin in few tones, of its own hues, and contours.

    Args:
        colours: RGB in [0, 1], (H, W, 3).
        ink: In [0, 1], (H, W).
        heads: Of the photograph.
        finer: Where skin keeps what differs from it, and ink stays as it is, in [0, 1], (H, W).

    Returns:
        Colours and ink.
    """
    lab, ink = to_lab(colours), ink.copy()
    for head in heads:
        part, lines, fine = lab[head.place], ink[head.place], finer[head.place]
        tones = _tones(part, head, fine)
        seen = np.maximum(fine, head.features)
        plain = head.skin * (1 - seen)
        lab[head.place] = laid(part, head.skin, laid(tones, seen, _features(part, tones, head)))
        lines *= 1 - (1 - WRINKLES) * plain
        np.maximum(lines, INK * head.contour * (1 - fine), out=lines)
    return to_rgb(lab), ink


def _tones(lab: Array, head: Head, finer: Array) -> Array:
    """Skin's colour where it is lit, in shadow and in deep shadow, laid on: CIELAB, as large as `lab`.

    Hues are the drawing's, lightness is the photograph's, but for a lift.
    """
    sure = (head.skin > 0.7) & (finer < 0.3)
    zones = [(1 - head.shadow) * (1 - head.deep), head.shadow * (1 - head.deep), head.deep]
    painted = np.zeros_like(lab)
    for number, zone in enumerate(zones):
        where = sure & (zone > 0.7)
        if number == 0 and where.any():
            low, high = np.percentile(head.level[where], LIT)
            where &= (head.level >= low) & (head.level <= high)
        weight = where if where.any() else head.skin * zone + 1e-6
        tone = np.average(lab.reshape(-1, 3), axis=0, weights=weight.ravel())
        level = 100 * np.average(head.level, weights=weight)
        tone[0] = level + np.interp(level, *LIFT)
        painted += zone[..., None] * tone
    return painted.astype(np.float32)


def _features(lab: Array, tones: Array, head: Head) -> Array:
    """The tones, and on them whatever clearly differs from the skin around it."""
    skin = (head.skin > 0.5) * (1 - head.features)
    around = blur(filled(lab, skin, 0.12 * head.u), 0.1 * head.u)
    differs = lab - around
    clear = blur(smoothstep(FAINT, CLEAR, np.linalg.norm(differs, axis=-1)), 0.4 + 0.015 * head.u)
    return tones + differs * clear[..., None]
