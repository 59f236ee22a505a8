"""A whole photograph, painted: the scene, then each face through a window of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from toonify.datasets.filters import Array, blur, dilated, filled, laid, smoothstep, to_bytes, to_lab, to_rgb
from toonify.datasets.painting.canvas import Canvas
from toonify.datasets.painting.ears import paint_ears
from toonify.datasets.painting.face import EYES, LOWER_MOUTH, UPPER_MOUTH, Face
from toonify.datasets.painting.features import paint_features
from toonify.datasets.painting.finding import find_faces, find_person
from toonify.datasets.painting.glasses import find_glasses
from toonify.datasets.painting.hair import paint_hair
from toonify.datasets.painting.outline import draw_outline
from toonify.datasets.painting.pen import Pen, ring
from toonify.datasets.painting.regions import find_regions
from toonify.datasets.painting.scene import paint_scene
from toonify.datasets.painting.skin import paint_skin
from toonify.datasets.painting.window import Window

LABELS: Mapping[str, int] = {
    "background": 0,
    "clothes": 1,
    "skin": 2,
    "hair": 3,
    "brows": 4,
    "eyes": 5,
    "irises": 6,
    "lips": 7,
    "mouth": 8,
    "glasses": 9,
}
"""What the numbers of a label map mean; hair includes beards, clothes all else of a person."""

PUPILS = (60.0, 110.0)  # pixels between them in the window that a face is painted in, at least and at most
BETWEEN = 0.12  # distances of the pupils, around what belongs to other people
GREY = 0.7  # mean of |a*| and |b*|, in CIELAB units, below which a photograph, and so its painting, is grey


@dataclass(frozen=True)
class Painting:
    """A painted photograph.

    Attributes:
        colours: Flat colours, float32 RGB in [0, 1], (H, W, 3).
        ink: float32 in [0, 1], (H, W); 1 is ink.
        regions: uint8, (H, W), values of `LABELS`.
        faces: How many faces were painted.
    """

    colours: Array
    ink: Array
    regions: Array
    faces: int


@dataclass(frozen=True)
class Layers:
    """A picture that is being painted: CIELAB colours, (H, W, 3), ink and numbers of `LABELS`, (H, W)."""

    colours: Array
    ink: Array
    labels: Array


def paint(photo: Array, chroma: float = 1.25) -> Painting:
    """Paint a photograph, (H, W, 3), uint8.

    Args:
        photo: Upright, sRGB.
        chroma: How much more vivid than the photograph everything but skin becomes.
    """
    rgb = photo.astype(np.float32) / 255
    lab, ink = paint_scene(rgb, chroma)
    faces = find_faces(photo)
    layers = with_faces(Layers(lab, ink, np.zeros(ink.shape, np.uint8)), rgb, faces)
    if is_grey(rgb):
        layers.colours[..., 1:] = 0
    return Painting(to_rgb(layers.colours), np.clip(layers.ink, 0, 1), layers.labels, len(faces))


def is_grey(rgb: Array) -> bool:
    """Whether a photograph, RGB in [0, 1], has no colours: skin is painted warm in any light."""
    return bool(np.abs(to_lab(rgb)[..., 1:]).mean() < GREY)


def with_faces(
    layers: Layers, rgb: Array, faces: Sequence[Face], pupils: tuple[float, float] = PUPILS
) -> Layers:
    """The layers with faces painted over them, each in a window of a size that suits the painter.

    Args:
        layers: What is there before.
        rgb: The photograph, of the same size, in [0, 1].
        faces: Where they are, the largest first.
        pupils: Pixels between them in a window: at least, or a face is enlarged, and at most.
    """
    layers = Layers(layers.colours.copy(), layers.ink.copy(), layers.labels.copy())
    for number in reversed(range(len(faces))):  # the nearest last, over the others
        _add_face(layers, rgb, faces, number, pupils)
    return layers


def _add_face(
    layers: Layers, rgb: Array, faces: Sequence[Face], number: int, pupils: tuple[float, float]
) -> None:
    """Paint one of the faces over the layers, in place."""
    face = faces[number]
    window = Window(face, rgb.shape, pupils)
    if window.too_small:
        return
    near, theirs = window.among(faces, number)
    before = window.there(layers.colours), window.there(layers.ink)
    part = _paint_face(*before, np.clip(window.there(rgb), 0, 1), near, theirs)
    inner = window.place
    fade = _fade(window.shape, window.inside, face.u)
    # The rest is not to be resized to and fro.
    fade = fade * window.back(_touched(*before, part) * (1 - theirs))
    layers.colours[inner] = laid(layers.colours[inner], fade, window.back(part.colours))
    layers.ink[inner] += (window.back(part.ink) - layers.ink[inner]) * fade
    small = cv2.resize(part.labels, window.shape[::-1], interpolation=cv2.INTER_NEAREST)
    np.copyto(layers.labels[inner], small, where=(fade > 0.5) & (small > 0))


def _touched(colours: Array, ink: Array, after: Layers) -> Array:
    """1 where a window was painted, and a pixel around, 0 elsewhere."""
    moved = np.abs(after.colours - colours).max(-1) > 0.5
    return cv2.dilate((moved | (after.ink != ink)).astype(np.float32), np.ones((3, 3)))


def _fade(shape: tuple[int, int], inside: tuple[bool, bool, bool, bool], u: float) -> Array:
    """1 in the middle of a window, 0 at those of its borders that lie inside of the picture."""
    height, width = shape
    far = np.float32(1e6)
    y, x = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    up, down, left, right = inside
    rows = np.minimum(y if up else far + y, y[::-1] if down else far + y)
    columns = np.minimum(x if left else far + x, x[::-1] if right else far + x)
    return smoothstep(0, 0.3 * u, np.minimum(rows[:, None], columns[None]))


def _paint_face(colours: Array, ink: Array, rgb: Array, face: Face, theirs: Array) -> Layers:
    """A window painted: hair, skin, features, glasses, and the contours that hold them together; `theirs` is
    what belongs to other people.
    """
    u = face.u
    raw = to_lab(rgb)
    gain = _exposure(raw[..., 0], face)
    lab = to_lab(cv2.bilateralFilter(rgb, 5, 0.06, 2))
    person = find_person(to_bytes(rgb)) * (1 - theirs)
    regions = find_regions(rgb, face, person)
    for picture in (raw, lab):
        picture[..., 0] = np.minimum(picture[..., 0] * gain, 100)
    colours = colours.copy()
    colours[..., 0] = np.minimum(colours[..., 0] * (1 + (gain - 1) * regions.person), 100)
    canvas = Canvas(*_without_halo(colours, ink, regions.person, u), {})
    hair, strands = paint_hair(lab, regions.hair, u)
    canvas.lay(regions.hair, hair)
    canvas.ink = canvas.ink * (1 - np.maximum(regions.hair, regions.skin)) + strands * regions.hair
    skin = paint_skin(lab, regions, u)
    canvas.lay(regions.skin * (1 - regions.hair), skin.colours)
    canvas.mark("skin", regions.skin)
    canvas.mark("hair", regions.hair)
    paint_features(canvas, lab, face, skin, regions.hair)
    paint_ears(canvas, face, regions, skin)
    glasses = find_glasses(raw[..., 0] / gain, face)
    canvas.draw(glasses * (1 - 0.8 * regions.hair))
    canvas.mark("glasses", glasses)
    inside = canvas.ink
    draw_outline(canvas, face, regions, skin)
    # Where one person's part ends and another's begins, nothing has an outline.
    canvas.ink = inside + (canvas.ink - inside) * (1 - dilated(theirs, BETWEEN * u))
    return Layers(canvas.colours, canvas.ink, _labels(canvas.masks, regions.person))


def _without_halo(colours: Array, ink: Array, person: Array, u: float) -> tuple[Array, Array]:
    """The background without wisps of hair and blurred edges around a person: as it is farther off."""
    outside = 1 - dilated(person, 0.12 * u)
    around = filled(colours, outside, 0.08 * u)
    # What is quite another colour is a thing, not a wisp.
    alike = smoothstep(32, 18, np.linalg.norm(around - colours, axis=-1))
    ring = (1 - outside) * (1 - person) * alike * (blur(outside, 0.08 * u) > 0.02)
    ring = blur(ring, 0.02 * u)
    return laid(colours, ring, around), ink * (1 - ring)


def _exposure(lightness: Array, face: Face) -> float:
    """By how much a face in dim light is brightened: eyes and teeth tell it from dark skin."""
    pen, p = Pen(lightness.shape), face.points
    eyes = np.maximum(*(pen.shape(ring(p[eye.upper], p[eye.lower])) for eye in EYES)) > 0.6
    teeth = pen.shape(ring(p[UPPER_MOUTH], p[LOWER_MOUTH])) > 0.6
    whites = [
        factor * np.percentile(lightness[place], 90)
        for place, factor in ((eyes, 1.25), (teeth, 1.0))
        if place.any()
    ]
    return float(np.clip((76 / max([*whites, 1.0])) ** 0.3, 1.0, 1.1)) if whites else 1.0


def _labels(masks: Mapping[str, Array], person: Array) -> Array:
    labels = np.where(person > 0.5, LABELS["clothes"], LABELS["background"]).astype(np.uint8)
    for name, number in LABELS.items():
        if name in masks:
            labels[masks[name] > 0.5] = number
    return labels
