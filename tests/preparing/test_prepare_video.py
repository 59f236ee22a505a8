"""`--source video`: one frame a scene, found again exactly."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from films import decoded, encode, film, scene, sound
from prepared import contents, draw, manifest, reasons, sizes

from toonify.datasets.shot_detection import without_bars
from toonify.plugins import create


@pytest.fixture
def source():
    return create("datasets", "video", {})


def names(source, root: Path) -> list[str]:
    return [item.identity for item in source.items("cartoon", root)]


def test_photographs_and_a_film_of_cartoons(prepare, photos: Path) -> None:
    film(Path("film.mkv"))
    result = prepare(photos, "film.mkv", "--source", "video")
    assert result.exit_code == 0, result.output
    assert sizes(Path("dataset")) == {"photo": 12, "cartoon": 4, "smoothed": 4}


def test_a_film_of_photographs_and_a_folder_of_cartoons(prepare, cartoons: Path) -> None:
    film(Path("holiday.mp4"))
    assert prepare("holiday.mp4", cartoons, "--source", "video").exit_code == 0
    assert sizes(Path("dataset")) == {"photo": 4, "cartoon": 6, "smoothed": 6}


def test_a_folder_of_several_films_with_scenes_of_the_same_time(prepare, photos: Path) -> None:
    for index, name in enumerate(("one.mkv", "two.mp4", "more/one.mkv")):
        film(Path("films") / name, 3, first=10 * index)
    draw(Path("films/still.png"))
    assert prepare(photos, "films", "--source", "video").exit_code == 0
    assert sizes(Path("dataset"))["cartoon"] == 10


def test_a_film_alone_is_not_both_photos_and_cartoons(prepare) -> None:
    result = prepare(film(Path("film.mkv")), "--source", "video")
    assert result.exit_code == 2
    assert "the source 'video' needs a folder of cartoons beside the photos" in result.stderr


def test_workers_make_the_same_dataset(prepare, photos: Path) -> None:
    film(Path("film.mkv"), 8)
    arguments = (photos, "film.mkv", "--source", "video", "--count", "20")
    prepare(*arguments, "-o", "one")
    prepare(*arguments, "-o", "two", "--workers", "2")
    assert contents(Path("one")) == contents(Path("two"))


def test_frames_are_named_by_the_time_at_which_they_are_shown(source, tmp_path: Path) -> None:
    film(tmp_path / "films" / "a.mkv")
    found = names(source, tmp_path / "films")
    assert len(found) == 4
    for index, name in enumerate(found):
        seconds = float(re.fullmatch(r"a\.mkv@00:00:(\d\d\.\d\d0)", name)[1])
        assert 1.2 * index <= seconds < 1.2 * (index + 1)
    (tmp_path / "films").rename(tmp_path / "moved")
    assert names(source, tmp_path / "moved") == found


@pytest.mark.parametrize("every_frame", [False, True])
def test_exactly_the_listed_frame_is_opened(tmp_path: Path, every_frame: bool) -> None:
    path = film(tmp_path / "a.mkv")
    source, frames = create("datasets", "video", {"every_frame": every_frame}), decoded(path)
    items = list(source.items("cartoon", path))
    assert len(items) == 4
    for item in reversed(items):
        np.testing.assert_array_equal(np.asarray(source.open(item)), without_bars(frames[item.pts]))


def test_scenes_without_a_key_frame_are_found_when_asked_for(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", 5, gop=300, cuts=False)
    assert len(names(create("datasets", "video", {}), path)) == 1
    assert len(names(create("datasets", "video", {"every_frame": "yes"}), path)) == 5


def test_a_still_camera_gives_one_frame_the_sharpest(source, tmp_path: Path) -> None:
    import cv2

    frames = scene("still", 18)
    soft = [cv2.GaussianBlur(frame, (0, 0), 1.5) for frame in frames]
    path = encode(tmp_path / "a.mkv", [*soft[:6], *frames[6:12], *soft[6:]], gop=1)
    (item,) = source.items("photo", path)
    assert 240 <= item.pts < 480


def test_near_black_and_blurred_frames_are_left_out(prepare, photos: Path) -> None:
    import cv2

    dark = [frame // 16 for frame in scene("night")]
    blurred = [cv2.GaussianBlur(frame, (0, 0), 6) for frame in scene("fog")]
    encode(Path("film.mkv"), [*scene("day"), *dark, *scene("noon"), *blurred])
    assert prepare(photos, "film.mkv", "--source", "video").exit_code == 0
    assert sizes(Path("dataset"))["cartoon"] == 2
    assert sorted(reasons(Path("dataset")).values()) == ["blurred frame", "near-black frame"]


def test_a_film_without_a_usable_frame_says_why(prepare, photos: Path) -> None:
    encode(Path("night.mkv"), [frame // 16 for frame in scene("night")])
    result = prepare(photos, "night.mkv", "--source", "video")
    assert result.exit_code == 1
    assert "the only picture in night.mkv cannot be used: near-black frame" in result.stderr


def test_what_is_no_film_costs_only_itself(prepare, photos: Path) -> None:
    film(Path("films/good.mkv"))
    sound(Path("films/sound.mkv"))
    Path("films/empty.mp4").touch()
    Path("films/text.mov").write_text("not a film")
    whole = film(Path("whole.mp4")).read_bytes()
    Path("films/cut.mp4").write_bytes(whole[: len(whole) // 2])
    assert prepare(photos, "films", "--source", "video").exit_code == 0
    assert sizes(Path("dataset"))["cartoon"] == 4
    found = reasons(Path("dataset"))
    assert set(found) == {"sound.mkv", "empty.mp4", "text.mov", "cut.mp4"}
    assert found["sound.mkv"] == "holds no video"
    assert found["text.mov"].startswith("not a video that can be read: ")


def test_a_film_that_breaks_off_is_taken_as_far_as_it_goes(prepare, photos: Path) -> None:
    whole = film(Path("whole.mkv"), 6).read_bytes()
    Path("film.mkv").write_bytes(whole[: len(whole) // 2])
    assert prepare(photos, "film.mkv", "--source", "video").exit_code == 0
    assert 1 <= sizes(Path("dataset"))["cartoon"] < 6


def test_black_bars_are_cut_off(source, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", [np.pad(frame, ((16, 16), (0, 0), (0, 0))) for frame in scene("wide")])
    (item,) = source.items("photo", path)
    width, height = source.open(item).size
    assert width == 64 and 46 <= height <= 50


def test_a_folder_without_films_and_pictures_says_what_was_looked_for(prepare, photos: Path) -> None:
    Path("films").mkdir()
    result = prepare(photos, "films", "--source", "video")
    assert result.exit_code == 2
    assert "films holds neither videos nor pictures" in result.stderr
    assert "*.mkv" in result.stderr


def test_without_pyav_the_extra_is_named(prepare, photos: Path, cartoons: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    result = prepare(photos, cartoons, "--source", "video")
    assert result.exit_code == 2
    assert 'pip install "toonify-gan[video]"' in result.stderr


def test_a_film_that_changed_starts_anew_and_one_that_did_not_goes_on(prepare, photos: Path) -> None:
    film(Path("film.mkv"), 3)
    prepare(photos, "film.mkv", "--source", "video", "-o", "first")
    prepare(photos, "film.mkv", "--source", "video", "-o", "second")
    assert manifest(Path("first"))["content_hash"] == manifest(Path("second"))["content_hash"]
