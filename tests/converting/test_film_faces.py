"""Small faces of films are drawn from closer by, too, and neither tremble nor flash."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from films import encode, shown
from PIL import Image

from toonify.converting import convert_film
from toonify.converting.film_faces import draw_close_ups, laid_over, steady_faces
from toonify.faces import Face, find_faces

SAMPLES = Path(__file__).parents[2] / "samples"
WIDTH = 128


def face(left: float = 60.0, width: float = 30.0) -> Face:
    return Face(left, 50.0, width, 1.25 * width, np.full((5, 2), left))


def test_a_face_stands_where_it_is_on_average():
    around = [[face(left)] for left in (60.9, 59.4, 60.6, 60.3, 59.1)]
    ((steady, opacity),) = steady_faces(around, WIDTH)
    assert steady.left == pytest.approx(60 + (0.9 - 2 * 0.6 + 3 * 0.6 + 2 * 0.3 - 0.9) / 9)
    assert (steady.width, opacity) == (pytest.approx(30), 1)


def test_a_face_that_walks_is_where_it_is():
    ((walking, _),) = steady_faces([[face(60 + 4 * number)] for number in range(5)], WIDTH)
    assert walking.left == pytest.approx(68)


@pytest.mark.parametrize(
    ("around", "opacity"),
    [
        ([[face()], [face()], [], [face()], [face()]], 1),  # missed once
        ([[], [], [face()], [], []], 0.5),  # a mistake, most likely
        ([[], [], [], [], [face()]], 1 / 6),  # on its way in
        ([None, None, [face()], [face()], [face()]], 1),  # the film begins with it
        ([[face()], [face()], [face()], [], []], 1),  # a cut follows
        ([[], [], [face()], None, None], 0.75),
    ],
)
def test_a_face_comes_and_goes_softly(around, opacity):
    ((_, found),) = steady_faces(around, WIDTH)
    assert found == pytest.approx(opacity)


def test_two_people_are_two():
    around = [[face(20 + step), face(200 - step)] for step in range(5)]
    assert {round(each.left) for each, _ in steady_faces(around, WIDTH)} == {22, 198}


def test_a_face_that_comes_nearer_takes_leave_of_its_close_up():
    opacities = [
        sum(opacity for _, opacity in steady_faces([[face(width=width)]] * 5, WIDTH))
        for width in (80, 83.2, 89.6, 94.7, 97)
    ]
    assert opacities == pytest.approx([1, 1, 0.5, 0.1, 0], abs=0.01)


def test_of_a_crowd_the_nearest_are_drawn():
    crowd = [face(100.0 * number, 20 + number) for number in range(20)]
    assert [round(each.width) for each, _ in steady_faces([crowd] * 5, WIDTH)] == [*range(39, 31, -1)]


def test_close_ups_of_one_person_are_mixed_and_of_others_not():
    photo = Image.new("RGB", (320, 240), "grey")

    def close_ups(left: float, colour: int):
        return draw_close_ups(photo, [(face(left), 1.0)], (160, 120), WIDTH, lambda seen: seen * 0 + colour)

    (one,) = close_ups(40.0, 100)
    beside = [*close_ups(41.0, 160), *close_ups(0.0, 255)]  # the last is cut by the border, too
    assert np.all(one.steadied(beside).drawn.drawing == 130)
    drawn = laid_over(np.zeros((120, 160, 3), np.uint8), [one])
    assert drawn.shape == (240, 320, 3)
    assert drawn[132, 110].tolist() == [100, 100, 100] and not drawn[:, 200:].any()


def test_somebody_small_in_a_film_stays_somebody(tmp_path):
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        person = image.convert("RGB").resize((170, 170), Image.Resampling.LANCZOS)
    frames = []
    for number in range(4):
        frame = Image.new("RGB", (960, 540), (150, 160, 150))
        frame.paste(person, (400 + 3 * number, 200))
        frames.append(np.asarray(frame))
    source = encode(tmp_path / "a.mkv", frames, codec="ffv1")
    films = []
    for name, painter in (("closer.mp4", True), ("plain.mp4", False)):
        convert_film(source, tmp_path / name, painter=painter, steady=False, video_quality=100)
        films.append([pixels for _, pixels in shown(tmp_path / name)])
    for photo, closer, plain in zip(frames, *films, strict=True):
        (there,) = find_faces(Image.fromarray(photo))
        changed = np.argwhere((np.abs(closer.astype(int) - plain) > 48).any(-1))
        assert changed[:, 0].min() > there.top - 2 * there.height
        assert changed[:, 0].max() < there.top + 3 * there.height
        (again,) = find_faces(Image.fromarray(closer))
        assert np.hypot(*(again.points - there.points).T).max() < 0.15 * there.width
