"""Quoted patterns, and those of shells that expand none: `toonify convert 'photos/*.jpg' out/`."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def photos(picture_file):
    for name in ("a.jpg", "b.jpg", "c.png", ".hidden.jpg", "x/d.jpg", "x/y/e.jpg", ".cache/f.jpg"):
        picture_file(f"photos/{name}")


def files(folder: str) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("photos/*.jpg", ["a.jpg", "b.jpg"]),
        ("photos/?.*", ["a.jpg", "b.jpg", "c.png"]),
        ("photos/[bc].*", ["b.jpg", "c.png"]),
        ("photos/.h*", [".hidden.jpg"]),
        ("photos/**/*.jpg", ["a.jpg", "b.jpg", "x/d.jpg", "x/y/e.jpg"]),
        ("photos/**", ["a.jpg", "b.jpg", "c.png", "x/d.jpg", "x/y/e.jpg"]),
        ("photos/**.jpg", ["a.jpg", "b.jpg"]),
        ("photos/*/*.jpg", ["x/d.jpg"]),
        ("phot*/a.jpg", ["photos/a.jpg"]),
    ],
)
def test_a_pattern_stands_for_what_it_matches(converted, pattern, found):
    converted(pattern, "out")
    assert files("out") == found


@pytest.mark.usefixtures("photos")
def test_a_folder_that_matches_is_a_folder_as_in_a_shell(converted):
    converted("photos/*", "out")
    assert files("out") == ["a.jpg", "b.jpg", "c.png", "d.jpg", "y/e.jpg"]


@pytest.mark.usefixtures("photos")
def test_several_patterns_and_what_they_both_match(converted):
    assert "3 pictures converted" in converted("photos/*.jpg", "photos/[a-c].*", "photos/a.jpg", "out")


@pytest.mark.usefixtures("photos")
def test_one_match_is_one_file(converted):
    converted("photos/a*", "cartoon.png")
    assert Path("cartoon.png").is_file()
    converted("photos/b*")
    assert Path("photos/b.cartoon.jpg").is_file()


def test_a_name_that_is_there_is_no_pattern(converted, picture_file):
    picture_file("in/a[1].jpg")
    picture_file("in/a1.jpg")
    converted("in/a[1].jpg", "out")
    assert files("out") == ["a[1].jpg"]


def test_a_folder_that_is_there_is_no_pattern(converted, refuses, picture_file):
    picture_file("Trip [2026]/x/a.jpg")
    converted("Trip [2026]/*/*.jpg", "out")
    assert files("out") == ["x/a.jpg"]
    assert "nothing matches Trip [2026]/x/b.jpg" in refuses("Trip [2026]/x/b.jpg", "out")


@pytest.mark.usefixtures("photos")
@pytest.mark.parametrize("pattern", ["photos/*.tif", "nowhere/*.jpg", "photos/**/*.tif", "photos/[.jpg"])
def test_a_pattern_that_matches_nothing_says_so(refuses, pattern):
    assert f"nothing matches {pattern}" in refuses(pattern, "out")


@pytest.mark.usefixtures("photos")
def test_links_to_folders_are_not_walked_through(converted):
    Path("photos/x/loop").symlink_to(Path("photos").resolve(), target_is_directory=True)
    converted("photos/**/*.jpg", "out")
    assert files("out") == ["a.jpg", "b.jpg", "x/d.jpg", "x/y/e.jpg"]


@pytest.mark.usefixtures("photos")
def test_a_photograph_is_not_overwritten_through_a_pattern(refuses):
    assert "would be overwritten" in refuses("photos/*.jpg", "photos", "--overwrite")


def test_many_names_are_not_each_compared_with_all_others(fails, monkeypatch):
    count, compared, equal = 300, [0], Path.__eq__

    def counting(path: Path, other: object) -> bool:
        compared[0] += 1
        return equal(path, other)

    Path("photos").mkdir()
    for number in range(count):
        Path(f"photos/{number}.jpg").touch()
    monkeypatch.setattr("pathlib.PurePath.__eq__", counting)
    assert f"{count} failed" in fails("photos/*.jpg", "out")
    assert compared[0] < 10 * count
