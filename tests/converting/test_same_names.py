"""Pictures that would become the same file are left as they are and named; the others are converted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from toonify.storage import names

ADVICE = "rename one, or convert them into different folders"
FORMAT = "rename one, convert them into different folders, or use --format keep"


def failures(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("failed: ")]


def written(folder: str = "out") -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def folding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that takes names for one that differ in case or in Unicode form alone."""
    make = names._make

    def fold(folder: Path, name: Path) -> object:
        return make(folder, Path(unicodedata.normalize("NFC", str(name)).casefold()))

    monkeypatch.setattr(names, "_make", fold)


def folds(folder: Path) -> bool:
    """Whether the tests themselves run on such a file system."""
    (folder / "probe").touch()
    return (folder / "PROBE").exists()


def test_two_pictures_of_one_name(fails, picture_file):
    for name in ("in/a.jpg", "in/a.png", "in/b.png", "more/b.png", "more/c.jpg"):
        picture_file(name)
    output = fails("in", "more", "out", "--format", "png")
    assert failures(output) == [
        f"failed: in/a.jpg: would become the same file as in/a.png (out/a.png); {FORMAT}",
        f"failed: in/a.png: would become the same file as in/a.jpg (out/a.png); {FORMAT}",
        f"failed: in/b.png: would become the same file as more/b.png (out/b.png); {ADVICE}",
        f"failed: more/b.png: would become the same file as in/b.png (out/b.png); {ADVICE}",
    ]
    assert "1 picture converted, 4 failed" in output
    assert written() == ["c.png"]


def test_a_picture_that_is_given_twice_is_converted_once(converted, picture_file, tmp_path):
    picture_file("in/a.jpg")
    picture_file("more/c.jpg")
    Path("linked").symlink_to("more", target_is_directory=True)
    told = converted("in", tmp_path / "in/a.jpg", "more", "linked", "in/../more/c.jpg", "out")
    assert written() == ["a.jpg", "c.jpg"]
    assert "2 pictures converted, in" in told and "made by toonify" not in told


def test_a_picture_that_is_given_twice_may_become_one_file(converted, picture_file, tmp_path):
    picture_file("in/a.png")
    Path("link.png").symlink_to("in/a.png")  # which is another picture by its name
    assert "1 picture converted" in converted("in/a.png", tmp_path / "in/a.png", "out.png")
    assert "2 pictures converted" in converted("in/a.png", "link.png", tmp_path / "link.png", "out")


def test_two_pictures_of_one_name_whose_cartoon_is_there_already(fails, converted, picture_file):
    picture_file("in/a.png")
    converted("in", "out")
    picture_file("in/a.jpg")
    assert len(failures(fails("in", "out", "--format", "png"))) == 2


def test_a_comparison_that_would_be_another_pictures_cartoon(fails, picture_file):
    for name in ("in/a.jpg", "in/a.compare.jpg", "in/b.jpg"):
        picture_file(name)
    output = fails("in", "out", "--compare")
    assert "in/a.jpg: would become the same file as in/a.compare.jpg (out/a.compare.jpg)" in output
    assert written() == ["b.compare.jpg", "b.jpg"]


ALIKE = [
    ("a.png", "A.png"),
    ("a.png", "a.PNG"),
    ("Caf\N{LATIN SMALL LETTER E WITH ACUTE}.png", "Cafe\N{COMBINING ACUTE ACCENT}.png"),
    ("\N{LATIN SMALL LETTER E WITH ACUTE}.png", "E\N{COMBINING ACUTE ACCENT}.png"),
    ("x/a.png", "X/a.png"),
    ("X/deep/a.png", "x/deep/A.png"),
]


@pytest.mark.usefixtures("folding")
@pytest.mark.parametrize("pair", ALIKE, ids=ascii)
def test_names_that_the_disk_takes_for_one(
    fails: Callable[..., str], picture_file: Callable[..., Path], tmp_path: Path, pair: tuple[str, str]
) -> None:
    for folder, name in zip(("one", "two"), pair, strict=True):
        picture_file(Path(folder, name))
        picture_file(Path(folder, f"{folder}.png"))
    before = {path for path in tmp_path.rglob("*") if "out" not in path.parts}
    output = fails("one", "two", "out")
    assert failures(output) == [
        f"failed: one/{pair[0]}: would become the same file as two/{pair[1]} (out/{pair[1]}); {ADVICE}",
        f"failed: two/{pair[1]}: would become the same file as one/{pair[0]} (out/{pair[0]}); {ADVICE}",
    ]
    assert written() == ["one.png", "two.png"]
    assert {path for path in tmp_path.rglob("*") if "out" not in path.parts} == before


@pytest.mark.parametrize("pair", ALIKE, ids=ascii)
def test_names_that_the_disk_keeps_apart(run, style, picture_file, tmp_path, pair):
    if folds(tmp_path):
        pytest.skip("this file system takes them for one")
    for folder, name in zip(("one", "two"), pair, strict=True):
        picture_file(Path(folder, name))
    assert run("convert", "one", "two", "out", "--style", style).exit_code == 0
    assert written() == sorted(str(Path(name)) for name in pair)


def test_names_that_this_disk_takes_for_one(fails, picture_file, tmp_path):
    if not folds(tmp_path):
        pytest.skip("this file system keeps them apart")
    for path in ("one/a.png", "two/A.png", "two/b.png"):
        picture_file(path)
    assert len(failures(fails("one", "two", "out"))) == 2
    assert written() == ["b.png"]


def test_where_nothing_can_be_tried_each_picture_says_so(fails, picture_file):
    for path in ("one/a.png", "two/A.png"):
        picture_file(path)
    Path("file").touch()
    output = fails("one", "two", "file/out")
    assert len(failures(output)) == 2 and "not a directory" in output


def test_a_name_that_becomes_too_long_costs_only_its_own_picture(fails, converted, picture_file):
    name = "b" * 251
    for path in ("in/a.jpg", f"in/{name}.jpg"):
        picture_file(path)
    for _ in range(2):  # the second time the folder is there to look into
        told = fails("in", "out", "--format", "webp", "--overwrite")
        assert f"{name}.jpg: cannot be written: file name too long" in told and "1 picture converted" in told
        told = fails("in", "out", "--format", "webp")
        assert f"{name}.jpg: cannot be written: file name too long" in told and "1 already there" in told
    converted("in", "kept")
    assert "1 compared, 1 failed" in fails("in", "kept", "--compare")
    assert f"{name}.jpg: cannot be written: file name too long" in fails(f"in/{name}.jpg")
