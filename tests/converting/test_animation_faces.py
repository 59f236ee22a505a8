"""Small faces of animations are drawn from closer by, too, and neither tremble nor flash."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_animations import animation, played

from toonify.converting import Converter
from toonify.converting.animation import drawn_frames
from toonify.faces import Face, find_faces
from toonify.media import AnimationFrame

SAMPLES = Path(__file__).parents[2] / "samples"
SIZE = 120, 90


def face(left: float) -> Face:
    return Face(left, 30.0, 20.0, 25.0, np.full((5, 2), left))


class Moving:
    """An animation of grey frames, each shown for so many seconds; `read` is how many were asked for."""

    size = SIZE

    def __init__(self, seconds: list[float]) -> None:
        self._seconds, self.read = seconds, 0

    def frames(self):
        for seconds in self._seconds:
            self.read += 1
            yield AnimationFrame(Image.new("RGB", SIZE, "grey"), Fraction(seconds))


class Noting:
    """What draws, in place of a style: notes the faces that it is to draw from closer by."""

    def __init__(self) -> None:
        self.faces: list[list[tuple[float, float]]] = []

    def close_up_in(self, _) -> int:
        return 128

    def drawing_size(self, size):
        return size

    def convert(self, image, strength, *, faces, in_place):
        assert image.size == SIZE and in_place
        self.faces.append([(round(each.left, 3), round(opacity, 3)) for each, opacity in faces])


@pytest.fixture
def closer(monkeypatch):
    """`closer([0.1, 0.1], [[face(3)], []])`: for each frame, which faces are drawn closer, how opaque."""

    def draw(seconds: list[float], found: list[list[Face]]) -> list[list[tuple[float, float]]]:
        left, converter = iter(found), Noting()
        monkeypatch.setattr("toonify.converting.animation.faces_of", lambda _: next(left))
        frames = list(drawn_frames(converter, Moving(seconds), 1.0))
        assert [float(frame.seconds) for frame in frames] == seconds
        return converter.faces

    return draw


def test_a_face_that_is_missed_in_one_frame_stays_and_stands(closer):
    found = [[face(40)], [face(42)], [], [face(40)], [face(42)]]
    (*_, (missed,), _, _) = closer([0.1] * 5, found)
    assert missed == (41, 1)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_frames_are_drawn_as_many(closer, count):
    assert closer([0.1] * count, [[face(40)]] * count) == [[(40, 1)]] * count


def test_pictures_that_are_shown_for_long_have_faces_of_their_own(closer):
    slides = closer([1.0, 2.0, 1.0], [[face(40)], [face(44)], []])
    assert slides == [[(40, 1)], [(44, 1)], []]


def test_what_moves_after_it_was_held_is_not_kept_back_by_it(closer):
    *_, moving = closer([3.0, 0.1, 0.1], [[face(40)], [face(50)], [face(50)]])
    assert moving == [(50, 1)]


def test_no_time_at_all_is_a_short_time(closer):
    (first, _) = closer([0.0, 0.0], [[face(40)], [face(42)]])
    assert first == [(pytest.approx(40.8), 1)]


def test_a_long_one_is_read_as_it_is_drawn(monkeypatch):
    monkeypatch.setattr("toonify.converting.animation.faces_of", lambda _: [face(40)])
    long = Moving([0.1] * 1000)
    for number, _ in enumerate(drawn_frames(Noting(), long, 1.0)):
        assert long.read <= number + 3
    assert long.read == 1000


@pytest.fixture(scope="module")
def person() -> Image.Image:
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        return image.convert("RGBA").resize((170, 170), Image.Resampling.LANCZOS)


@pytest.fixture
def walking(person) -> list[Image.Image]:
    """Somebody small who walks, before what is transparent at the top."""
    frames = []
    for number in range(3):
        frame = Image.new("RGBA", (640, 480), (150, 160, 150, 255))
        frame.paste((0, 0, 0, 0), (0, 0, 640, 60))
        frame.paste(person, (230 + 3 * number, 170))
        frames.append(frame)
    return frames


def test_somebody_small_in_an_animation_stays_somebody(run, walking):
    source = animation(Path("a.png"), walking, duration=[80, 90, 100])
    for target, painter in (("closer.png", []), ("plain.png", ["--no-painter"])):
        assert run("convert", source, target, *painter).exit_code == 0
    before, closer, plain = (played(Path(name)) for name in ("a.png", "closer.png", "plain.png"))
    assert [time for time, _ in closer] == [80, 90, 100]
    for (_, photo), (_, near), (_, far) in zip(before, closer, plain, strict=True):
        (there,) = find_faces(Image.fromarray(photo).convert("RGB"))
        changed = np.argwhere((np.abs(near[..., :3].astype(int) - far[..., :3]) > 48).any(-1))
        assert changed[:, 0].min() > there.top - 2 * there.height
        assert changed[:, 0].max() < there.top + 3 * there.height
        (again,) = find_faces(Image.fromarray(near).convert("RGB"))
        assert np.hypot(*(again.points - there.points).T).max() < 0.15 * there.width
        np.testing.assert_array_equal(near[..., 3], photo[..., 3])


def test_its_first_frame_alone_is_a_still(run, walking):
    animation(Path("a.png"), walking)
    assert run("convert", "a.png", "b.png", "--first-frame").exit_code == 0
    still = np.asarray(Converter("comic").convert(walking[0]))
    np.testing.assert_array_equal(np.asarray(Image.open("b.png")), still)


def test_it_says_that_its_small_faces_were_drawn_once_more(run, walking):
    animation(Path("a.webp"), [frame.resize((240, 135)) for frame in walking])
    assert run("convert", "a.webp", "b.webp").exit_code == 0
    assert "1 already there" in run("convert", "a.webp", "b.webp").stdout
    done = run("convert", "a.webp", "b.webp", "--no-painter")
    assert done.exit_code == 2 and "small faces drawn once more" in done.stderr
