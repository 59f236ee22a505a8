"""In a group, nobody's hair is painted over another's clothes, and nobody's mouth over another's hair."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from toonify.datasets.painting.crowd import of_others
from toonify.datasets.painting.face import BETWEEN_EYES, Face
from toonify.datasets.painting.finding import find_faces
from toonify.datasets.painting.over import Faces

ASTRONAUT = Path(__file__).parents[2] / "samples" / "astronaut.jpg"
SHAPE = 400, 400


@pytest.fixture(scope="module")
def person() -> Image.Image:
    """Head and shoulders."""
    with Image.open(ASTRONAUT) as photo:
        return photo.convert("RGB").crop((100, 0, 420, 320)).resize((160, 160))


@pytest.fixture(scope="module")
def face(person) -> Face:
    """With 40 pixels between the pupils, between whose eyes is (200, 200)."""
    (found,) = find_faces(np.asarray(person))
    scale = 40 / found.u
    middle = 200 - scale * found.points[BETWEEN_EYES]
    return found.moved(np.array([[scale, 0, middle[0]], [0, scale, middle[1]]]))


def beside(face: Face, right: float, down: float) -> Face:
    return face.moved(np.array([[1, 0, right], [0, 1, down]]))


def at(values: np.ndarray, right: float, down: float) -> float:
    """At a place in pixels from between the eyes."""
    return float(values[200 + round(down), 200 + round(right)])


def test_who_is_alone_has_everything(face):
    assert not of_others(SHAPE, face, [], []).any()


def test_the_clothes_behind_a_head_are_of_whom_they_are_below(face):
    theirs = of_others(SHAPE, face, [], [beside(face, 10, -150)])
    for right, down in ((0, 0), (0, -45), (38, 0), (0, 75)):  # face, hair, cheek and neck
        assert at(theirs, right, down) == 0
    for right, down in ((0, -75), (60, -20), (-50, -60), (0, -150)):  # chest, shoulders, face
        assert at(theirs, right, down) == 1
    assert at(theirs, 95, -190) == 0  # beside that head


def test_what_a_head_in_front_covers_is_its_own(face):
    theirs = of_others(SHAPE, face, [beside(face, 15, 60)], [])
    assert at(theirs, 0, 0) == 0
    assert at(theirs, 15, 50) == 1  # where the mouth would be


@pytest.mark.parametrize("distance", [50, 60])
def test_heads_side_by_side_share_nothing_and_leave_nothing(face, distance):
    other = beside(face, distance, 5)
    here = of_others(SHAPE, face, [other], [])
    there = of_others(SHAPE, other, [], [face])
    between = (slice(185, 225), slice(200, 200 + distance))
    assert np.all(np.abs(here + there - 1)[between] < 0.01)


def test_nothing_is_painted_over_the_clothes_of_whom_stands_behind(person):
    photo = Image.new("RGB", (220, 260), (120, 130, 140))
    photo.paste(person, (50, 0))
    cut_out = Image.new("L", person.size)
    draw = ImageDraw.Draw(cut_out)
    draw.ellipse((25, 0, 125, 135), fill=255)  # with some of what was behind her
    draw.rectangle((25, 110, 130, 160), fill=255)
    photo.paste(person, (0, 100), cut_out)
    pixels = np.asarray(photo)
    back, front = sorted(find_faces(pixels), key=lambda each: each.points[BETWEEN_EYES, 1])
    painted = (Faces().paint(pixels, pixels, {}) != pixels).any(-1)
    for face in (back, front):
        x, y = face.points[BETWEEN_EYES].round().astype(int)
        assert painted[y + 5, x]
    x, y = front.points[BETWEEN_EYES] + (1.5 * front.u, -0.2 * front.u)
    beside = np.s_[round(y - 0.2 * front.u) : round(y + 0.2 * front.u), round(x) : round(x + 0.3 * front.u)]
    assert not painted[beside].any()
