"""People stay who they are: the comic source draws eyes, noses and mouths in finer areas than the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toonify.datasets import comic, likeness
from toonify.datasets.comic import Comic
from toonify.datasets.filters import INK, laid
from toonify.datasets.likeness import MOVED, as_known, faces_of, facial_features, finer_areas
from toonify.datasets.paired import Paired
from toonify.faces import find_faces

ASTRONAUT = Path(__file__).parents[2] / "samples" / "astronaut.jpg"
PLAIN = Comic(tint=0, wear=0)


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return np.asarray(Image.open(ASTRONAUT).convert("RGB").crop((80, 0, 380, 300)))


@pytest.mark.parametrize("source", [PLAIN, Paired(ASTRONAUT.parent)], ids=["comic", "paired"])
def test_her_eyes_nose_and_mouth_are_features_and_her_cheeks_and_hair_are_not(astronaut, source):
    facial = source.derive("paired", astronaut)["facial"]
    assert facial.shape == (300, 300, 1)
    assert facial.dtype == np.uint8
    (face,) = find_faces(Image.fromarray(astronaut))
    columns, rows = np.rint(face.points).astype(int).T
    assert facial[rows, columns, 0].tolist() == [1] * 5
    cheek = round(face.points[2, 1]), round(face.left + 0.1 * face.width)
    assert facial[cheek][0] == 0
    assert not facial[: round(face.top)].any()
    assert 0.1 < facial.sum() / (face.width * face.height) < 0.5


def test_features_lie_aslant_where_a_face_does():
    turned = Image.open(ASTRONAUT).convert("RGB").crop((80, 0, 380, 300)).rotate(20, Image.Resampling.BICUBIC)
    (face,) = find_faces(turned)
    mask = facial_features((turned.height, turned.width), [face])
    left, right = face.points[:2]
    out = (right - left) / np.linalg.norm(right - left) * 0.12 * face.width
    beside, below = np.rint(left - out).astype(int), np.rint(left + out[::-1] * (-1, 1)).astype(int)
    assert mask[beside[1], beside[0]] > 0.8
    assert mask[below[1], below[0]] < 0.5


def test_her_likeness_is_kept_and_the_rest_is_drawn_as_ever(astronaut, monkeypatch):
    drawn = PLAIN.pair(astronaut).astype(float)
    taken = []

    def coarsely(faces, shape, draw, seen):
        taken.append(as_known(faces, shape, lambda finer: finer, lambda finer: seen(draw(finer))))
        return draw(taken[0] * 0)

    monkeypatch.setattr(comic, "as_known", coarsely)
    coarse = PLAIN.pair(astronaut).astype(float)
    inside = taken[0] > 0.9
    fine, large = (np.abs(pair[..., 3:6] - pair[..., :3])[inside].mean() for pair in (drawn, coarse))
    assert fine < 0.9 * large  # farther from the photograph
    assert drawn[..., 6][inside].sum() < 0.6 * coarse[..., 6][inside].sum()
    assert np.array_equal(drawn[taken[0] == 0], coarse[taken[0] == 0])


def gone(face, drawing: np.ndarray) -> float:
    (found,) = faces_of(drawing)
    return np.linalg.norm(found.points - face.points, axis=1).max() / face.width


def test_a_drawn_face_is_known_again_for_which_finer_features_are_not_enough(astronaut, monkeypatch):
    (face,) = find_faces(Image.fromarray(astronaut))

    def drawing() -> np.ndarray:
        pair = PLAIN.pair(astronaut).astype(np.float32) / 255
        return laid(pair[..., 3:6], pair[..., 6], INK)

    assert gone(face, drawing()) < MOVED
    monkeypatch.setattr(likeness, "LARGER", (1.0,))
    assert gone(face, drawing()) > MOVED


def taken_for(photo, drawn_by) -> np.ndarray:
    """The mask by which the faces of a photograph are known again in what is drawn by it."""
    return as_known(faces_of(photo), photo.shape, lambda finer: finer, drawn_by)


def test_as_much_of_a_face_is_finer_as_it_takes_and_no_more(astronaut):
    photo = astronaut.astype(np.float32) / 255
    faces = faces_of(photo)
    smallest, cheek = (
        facial_features(photo.shape, faces),
        np.rint(faces[0].points[[0, 3]].mean(0)).astype(int),
    )
    assert np.array_equal(taken_for(photo, lambda finer: photo), smallest)

    def with_cheeks(finer: np.ndarray) -> np.ndarray:
        return photo if finer[cheek[1], cheek[0]] > 0.9 else photo * 0

    taken = taken_for(photo, with_cheeks)
    assert taken[cheek[1], cheek[0]] > 0.9
    most = taken_for(photo, lambda finer: photo * 0)  # never known: it ends all the same
    assert smallest.sum() < taken.sum() < most.sum()


def test_one_face_that_is_lost_makes_no_other_finer(astronaut):
    two = np.concatenate([astronaut, astronaut[:, ::-1]], 1).astype(np.float32) / 255
    faces = faces_of(two)
    assert len(faces) == 2

    def without_the_left(finer: np.ndarray) -> np.ndarray:
        drawing = two.copy()
        drawing[:, :300] = 0
        return drawing

    smallest = facial_features(two.shape, faces)
    taken = taken_for(two, without_the_left)
    assert taken[:, :300].sum() > smallest[:, :300].sum()
    assert np.array_equal(taken[:, 450:], smallest[:, 450:])


def test_without_a_face_there_are_no_features(astronaut):
    scene = np.ascontiguousarray(astronaut[:64, :64])
    assert not PLAIN.derive("paired", scene)["facial"].any()
    areas = np.full((64, 64, 3), 0.5, np.float32)
    assert finer_areas(scene / np.float32(255), areas, np.zeros((64, 64), np.float32)) is areas
