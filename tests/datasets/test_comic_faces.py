"""The comic-faces source: comic's drawing, but skin in few tones and a contour where there is a head."""

from __future__ import annotations

import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from toonify.datasets.comic import Comic
from toonify.datasets.comic_faces import ComicFaces
from toonify.datasets.filters import INK, laid, to_lab, to_rgb
from toonify.datasets.likeness import MOVED, faces_of
from toonify.datasets.painting.face import CHIN, JAW
from toonify.datasets.painting.finding import find_faces
from toonify.datasets.painting.heads import Head, find_heads, with_heads
from toonify.plugins import create, find_plugin

ASTRONAUT = Path(__file__).parents[2] / "samples" / "astronaut.jpg"
OPTIONS = {"tint": 0, "wear": 0}


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return np.asarray(Image.open(ASTRONAUT).convert("RGB").crop((80, 0, 380, 300)))


@pytest.fixture(scope="module")
def plain(astronaut) -> np.ndarray:
    return Comic(**OPTIONS).pair(astronaut)


@pytest.fixture(scope="module")
def painted(astronaut) -> np.ndarray:
    return ComicFaces(**OPTIONS).pair(astronaut)


@pytest.fixture(scope="module")
def head(astronaut) -> Head:
    (head,) = find_heads(astronaut.astype(np.float32) / 255)
    return head


def lightness(pair: np.ndarray) -> np.ndarray:
    return to_lab(pair[..., 3:6].astype(np.float32) / 255)[..., 0]


def test_her_skin_is_flatter_and_of_the_same_tone(head, plain, painted):
    skin = np.zeros(plain.shape[:2], bool)
    skin[head.place] = (head.skin > 0.9) & (cv2.erode(1 - head.features, np.ones((9, 9))) > 0.9)
    assert skin.sum() > 3000

    def slope(pair):
        return np.abs(cv2.Laplacian(lightness(pair), cv2.CV_32F)[skin]).mean()

    assert slope(painted) < 0.7 * slope(plain)
    assert np.median(lightness(painted)[skin]) == pytest.approx(np.median(lightness(plain)[skin]), abs=5)


def test_her_jaw_is_drawn(astronaut, plain, painted):
    (face,) = find_faces(astronaut)
    chin = JAW.index(CHIN)
    places = np.rint(face.points[JAW[chin - 3 : chin + 4]]).astype(int)

    def inked(pair):
        near = cv2.dilate(pair[..., 6], np.ones((5, 5)))
        return (near[places[:, 1], places[:, 0]] > 100).mean()

    assert inked(painted) == 1 > inked(plain)


def test_she_is_known_again(astronaut, painted):
    (photo,) = faces_of(astronaut.astype(np.float32) / 255)
    layers = painted.astype(np.float32) / 255
    (drawn,) = faces_of(laid(layers[..., 3:6], layers[..., 6], INK))
    assert np.linalg.norm(drawn.points - photo.points, axis=1).max() < MOVED * photo.width


def test_all_but_her_head_and_outline_stays_as_drawn(head, plain):
    layers = plain.astype(np.float32) / 255
    colours, ink = with_heads(layers[..., 3:6], layers[..., 6], [head], np.zeros(plain.shape[:2]))
    elsewhere = np.ones(plain.shape[:2], bool)
    elsewhere[head.place] = head.skin + head.contour == 0
    assert elsewhere.mean() > 0.3
    assert colours[elsewhere] == pytest.approx(layers[..., 3:6][elsewhere], abs=0.003)
    assert np.array_equal(ink[elsewhere], layers[..., 6][elsewhere])


def test_where_there_is_no_face_it_is_comic(astronaut):
    scene = astronaut[200:, :100]
    assert np.array_equal(ComicFaces(**OPTIONS).pair(scene), Comic(**OPTIONS).pair(scene))


def test_a_small_face_is_left_to_comic(astronaut):
    small = cv2.resize(astronaut, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert len(find_faces(small)) == 1
    assert np.array_equal(ComicFaces(**OPTIONS).pair(small), Comic(**OPTIONS).pair(small))


def test_in_grey_she_stays_grey(astronaut):
    grey = np.repeat(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[..., None], 3, -1)
    colours = ComicFaces(**OPTIONS).pair(grey)[..., 3:6].astype(int)
    assert np.ptp(colours, axis=-1).max() <= 3


def skin_of(level: np.ndarray) -> Head:
    """A head that is all skin, lit but for its right quarter."""
    ones, none = np.ones((64, 64), np.float32), np.zeros((64, 64), np.float32)
    shadow = none.copy()
    shadow[:, 48:] = 1
    return Head((slice(64), slice(64)), ones, shadow, none, none, none, level, 20.0)


def grey(level: np.ndarray) -> np.ndarray:
    """RGB of a lightness, L* / 100."""
    return to_rgb(np.stack([100 * level, 0 * level, 0 * level], -1))


@pytest.mark.parametrize(("lit", "lifted"), [(0.25, 0), (0.8, 0.04)], ids=["dark", "light"])
def test_skin_is_as_light_as_it_was_but_for_a_lift_and_what_gleams_does_not_bleach_it(lit, lifted):
    level = np.full((64, 64), lit, np.float32)
    level[:, 48:] = 0.3 * lit
    level[8:16, 8:24] = lit + 0.15  # on the forehead
    head, none = skin_of(level), 0 * level
    drawn = to_lab(with_heads(grey(level), none, [head], none)[0])[..., 0] / 100
    assert drawn[:, :48] == pytest.approx(lit + lifted, abs=0.005)
    assert drawn[:, 48:] == pytest.approx(0.3 * lit, abs=0.005)


def test_a_feature_stays_and_what_hardly_differs_from_skin_goes():
    level = np.full((64, 64), 0.7, np.float32)
    level[20:24, 10:20] -= 0.3
    level[40:44, 10:20] -= 0.01
    drawn = to_lab(with_heads(grey(level), 0 * level, [skin_of(level)], np.ones_like(level))[0])[..., 0]
    assert drawn[22, 15] < drawn[30, 15] - 15
    assert drawn[42, 15] == pytest.approx(drawn[30, 15], abs=0.5)


def test_it_is_named_given_whole_pictures_and_sent_to_workers():
    source = pickle.loads(pickle.dumps(create("datasets", "comic-faces", {"wear": 0.2})))
    assert find_plugin("datasets", "comic-faces") is not None
    assert (source.wear, source.whole, source.chroma) == (0.2, True, 1.25)


def test_a_large_picture_is_opened_and_drawn_no_longer_than_asked_so_crops_hold_no_fewer_pixels(tmp_path):
    Image.new("RGB", (256, 100), (90, 90, 90)).save(tmp_path / "large.png")
    source = ComicFaces(**OPTIONS, longest=128)
    (item,) = source.items("paired", tmp_path)
    photo = np.asarray(source.open(item))
    assert photo.shape == (50, 128, 3)
    assert source.pair(photo).shape == (50, 128, 7)
    assert source.derive("paired", photo)["facial"].shape == (50, 128, 1)
