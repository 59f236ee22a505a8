"""`--steady`: frames that show the same are drawn the same, and nothing is smeared."""

from __future__ import annotations

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_discs
from films import encode, scene, shown

from toonify.converting.steadying import DrawnFrame, one_thread_each, reduced, steadied, surroundings

WIDTH, HEIGHT = 96, 64


def noisy(picture: np.ndarray, frames: int) -> list[np.ndarray]:
    random = np.random.default_rng(3)
    return [
        np.clip(picture + random.normal(0, 10, picture.shape), 0, 255).astype(np.uint8) for _ in range(frames)
    ]


def flicker(path: str) -> float:
    """Of a film in which nothing moves."""
    frames = [pixels.astype(int) for _, pixels in shown(Path(path))]
    return float(np.mean([np.abs(one - other).mean() for one, other in itertools.pairwise(frames)]))


def test_what_stands_still_flickers_less(converted, tmp_path):
    still = np.asarray(draw_discs("still", WIDTH, HEIGHT))
    source = encode(tmp_path / "a.mkv", noisy(still, 10), codec="ffv1")
    for option in ("--steady", "--no-steady"):
        converted(source, f"{option[2:]}.mkv", option, "--video-quality", 100)
    assert flicker("steady.mkv") < 0.8 * flicker("no-steady.mkv")
    converted(source, "unless-told-otherwise.mkv", "--video-quality", 100)
    assert flicker("unless-told-otherwise.mkv") == pytest.approx(flicker("steady.mkv"), rel=0.05)


def test_frames_beside_a_cut_are_as_they_are_drawn(converted, tmp_path):
    frames = [picture for name in ("one", "two") for picture in [scene(name, 1, WIDTH, HEIGHT)[0]] * 2]
    source = encode(tmp_path / "a.mkv", frames, codec="ffv1")
    for option in ("--steady", "--no-steady"):
        converted(source, f"{option[2:]}.mkv", option, "--video-quality", 100)
    steady, drawn = (shown(Path(f"{option[2:]}.mkv")) for option in ("--steady", "--no-steady"))
    for (time, one), (other_time, other) in zip(steady, drawn, strict=True):
        assert time == other_time
        assert (
            np.abs(one.astype(int) - other).mean() < 3
        )  # a mixture of the two scenes differs by 20 and more


def frame(left: int, drawn: int) -> DrawnFrame:
    """A square on a texture, at `left`, of which the drawing is of one colour, and the square white."""
    photo = np.asarray(draw_discs("backdrop", WIDTH, HEIGHT)).copy()
    drawing = np.full((2 * HEIGHT, 2 * WIDTH, 3), drawn, np.uint8)
    photo[20:44, left : left + 20] = np.random.default_rng(0).integers(0, 256, (24, 20, 3))
    drawing[40:88, 2 * left : 2 * left + 40] = 255
    return DrawnFrame(photo, drawing)


def test_what_moves_stays_where_it_is_drawn_and_leaves_no_ghost():
    before, this, after = frame(20, 90), frame(40, 100), frame(60, 110)
    mixed = steadied(this, [before, after]).astype(int)
    square = mixed[48:80, 88:112]
    assert np.abs(square - 255).max() <= 2
    uncovered = mixed[48:80, 48:72], mixed[48:80, 128:152]  # where the square is a frame before and after
    assert max(np.abs(part - 100).max() for part in uncovered) <= 12
    assert np.abs(mixed[:, 168:] - 100).max() <= 2  # the mean of the three


def test_a_camera_that_pans_is_followed():
    wide = np.asarray(draw_discs("pan", WIDTH + 8, HEIGHT))
    random = np.random.default_rng(1)

    def seen(step: int) -> DrawnFrame:
        photo = wide[:, 2 * step : 2 * step + WIDTH]
        drawing = photo + random.integers(-20, 21, photo.shape)
        return DrawnFrame(photo, np.clip(drawing, 0, 255).astype(np.uint8))

    before, this, after = seen(0), seen(1), seen(2)
    inside = np.s_[8:-8, 8:-8]
    away = [
        np.abs(each.astype(int) - this.photo)[inside].mean()
        for each in (steadied(this, [before, after]), this.drawing)
    ]
    assert away[0] < 0.75 * away[1]


def crossed(side: int, step: float) -> DrawnFrame:
    """Seen by a camera that pans by parts of pixels: waves, and in the drawing lines of three pixels."""
    down, across = np.mgrid[:side, :side].astype(np.float32)
    waves = 128 + 50 * np.sin((across + step) / 9) + 50 * np.sin(down / 7)
    lines = 128 + 100 * np.sin(2 * np.pi * (across + step) / 3)
    drawing, photo = (
        np.repeat(each[..., np.newaxis], 3, axis=-1).astype(np.uint8) for each in (lines, waves)
    )
    return DrawnFrame(reduced(photo), drawing)


@pytest.mark.parametrize("side", [96, 760])  # a large one is not enlarged to be moved
def test_lines_stay_sharp_where_a_camera_pans_by_parts_of_pixels(side):
    before, this, after = (crossed(side, step) for step in (-1.5, 0, 1.5))
    contrast = [
        np.ptp(each[16:-16, 16:-16].astype(int), axis=1).mean()
        for each in (steadied(this, [before, after]), this.drawing)
    ]
    assert (this.finer is this.drawing) == (side == 760)
    assert contrast[0] > 0.78 * contrast[1]


@pytest.mark.parametrize("side", [1, 2, 8, 24])
def test_tiny_frames_are_steadied_too(side):
    frames = [
        DrawnFrame(np.full((side, side, 3), 9, np.uint8), np.full((side, side, 3), n, np.uint8))
        for n in (8, 11)
    ]
    assert (steadied(frames[0], [frames[1]]) == 10).all() or (steadied(frames[0], [frames[1]]) == 9).all()


def test_a_film_that_changes_its_size_is_not_mixed_there():
    one, other = frame(20, 90), DrawnFrame(np.zeros((9, 9, 3), np.uint8), np.zeros((18, 18, 3), np.uint8))
    assert steadied(one, [other]) is one.drawing


def test_side_by_side_they_are_the_same_as_alone():
    wide = np.asarray(draw_discs("wide", 420, 320))
    seen = [np.ascontiguousarray(wide[step : step + 300, step : step + 400]) for step in (0, 3, 7)]
    frames = [DrawnFrame(picture, picture) for picture in seen]
    with one_thread_each(), ThreadPoolExecutor(4) as pool:
        alone = steadied(frames[1], [frames[0], frames[2]])
        for mixed in pool.map(lambda _: steadied(frames[1], [frames[0], frames[2]]), range(40)):
            assert (mixed == alone).all()


def test_each_frame_comes_with_its_neighbours():
    assert [*surroundings("abc", 1)] == [(None, "a", "b"), ("a", "b", "c"), ("b", "c", None)]
    assert [*surroundings("ab", 2)] == [(None, None, "a", "b", None), (None, "a", "b", None, None)]
    assert [*surroundings("a", 1)] == [(None, "a", None)]
    assert [*surroundings("", 2)] == []


def test_without_opencv_it_is_left_out_or_refused(converted, run, style, tmp_path, monkeypatch):
    source = encode(tmp_path / "a.mkv", noisy(np.asarray(draw_discs("x", 64, 48)), 3), codec="ffv1")
    monkeypatch.setitem(sys.modules, "cv2", None)
    converted(source, "b.mkv")
    result = run("convert", source, "c.mkv", "--steady", "--style", style)
    assert result.exit_code == 2
    assert "steadying films needs OpenCV" in result.stderr
    assert not Path("c.mkv").exists()
