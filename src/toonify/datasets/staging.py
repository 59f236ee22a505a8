"""People cut out of their photograph and put before another background, so that a network sees faces
outside of studios, too.
"""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import Array, eroded, guided, scaled, smoothstep, to_bytes
from toonify.datasets.painting.finding import find_faces, find_person
from toonify.plugins import ToonifyError

SMALLEST = 0.35  # of the stage's height, that a person's photograph is made to cover at least
MOST_SHIFT = 0.3  # of the stage's width, from the middle to the middle
A_PERSON = (0.12, 0.85)  # share of a photograph that a person covers, when the outline can be believed
SHARP = 640  # pixels of the stage's longer side, at most


def staged(photo: Array, backdrop: Array, chance: np.random.Generator) -> Array:
    """Whoever is in a photograph, before another one, near or farther off, in other light.

    Args:
        photo: A portrait, (H, W, 3), uint8, cut off below the shoulders: the person stands at the lower edge.
        backdrop: (H, W, 3), uint8.
        chance: Decides where, how large, in which light.

    Returns:
        (H, W, 3), uint8.

    Raises:
        ToonifyError: if there is no face, or no outline to go by.
    """
    # Twice as large, if that is not too large: who stands farther off keeps a sharp face.
    photo = scaled(photo, min(2.0, SHARP / max(photo.shape[:2])))
    outline = _outline(photo)
    height, width = photo.shape[:2]
    stage = _behind(backdrop, (height, width), chance)
    size = float(np.exp(chance.uniform(np.log(SMALLEST), 0.0)))
    small = max(8, round(width * size)), max(8, round(height * size))
    person = cv2.resize(_lit(photo, chance), small, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(outline, small, interpolation=cv2.INTER_AREA)[..., None]
    middle = width / 2 + width * chance.uniform(-MOST_SHIFT, MOST_SHIFT)
    left = round(middle - small[0] / 2)
    first, last = max(0, left), min(width, left + small[0])
    here = slice(height - small[1], height), slice(first, last)
    there = slice(None), slice(first - left, last - left)
    stage[here] += (person[there] - stage[here]) * alpha[there]
    return to_bytes(stage)


def _outline(photo: Array) -> Array:
    """How much of a pixel is the person, (H, W), drawn in a little, lest the old wall shines through."""
    faces = find_faces(photo)
    if not faces:
        raise ToonifyError("shows no face that could be set before a backdrop")
    rgb = photo.astype(np.float32) / 255
    mask = guided(rgb, find_person(photo), 0.12 * faces[0].u, 1e-3)
    soft = smoothstep(0.45, 0.75, mask)
    if not A_PERSON[0] < soft.mean() < A_PERSON[1]:
        raise ToonifyError("shows no outline of a person that could be set before a backdrop")
    return soft * eroded(soft, 0.01 * faces[0].u)


def _behind(backdrop: Array, shape: tuple[int, int], chance: np.random.Generator) -> Array:
    """A part of the backdrop, float32, now and then out of focus."""
    height, width = shape
    most = min(backdrop.shape[0] / height, backdrop.shape[1] / width)
    part = most * float(np.exp(chance.uniform(np.log(0.4), 0.0)))
    rows, columns = max(1, int(height * part)), max(1, int(width * part))
    top = int(chance.uniform(0, backdrop.shape[0] - rows + 1))
    left = int(chance.uniform(0, backdrop.shape[1] - columns + 1))
    cut = np.ascontiguousarray(backdrop[top : top + rows, left : left + columns])
    how = cv2.INTER_AREA if part > 1 else cv2.INTER_CUBIC
    stage = cv2.resize(cut, (width, height), interpolation=how).astype(np.float32) / 255
    if chance.random() < 0.4:
        stage = cv2.GaussianBlur(stage, (0, 0), chance.uniform(1, 6))
    if chance.random() < 0.5:
        stage = stage[:, ::-1].copy()
    return stage


def _lit(photo: Array, chance: np.random.Generator) -> Array:
    """The photograph brighter or dimmer, often from one side, float32."""
    light = np.full(photo.shape[1], chance.uniform(0.7, 1.15), np.float32)
    if chance.random() < 0.5:
        light *= np.linspace(1, chance.uniform(0.55, 1), photo.shape[1], dtype=np.float32)[
            :: chance.choice([-1, 1])
        ]
    return photo.astype(np.float32) / 255 * light[None, :, None]
