"""What lies in a folder of toonify's and would go with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from toonify.storage import Part, strangers

OWN = ("page.json", "styles/*.gz", "drawing/deep/worker.js")


def make(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_nothing_where_all_is_its_own(tmp_path):
    make(tmp_path, "page.json", "styles/0.gz", "styles/12.gz", "drawing/deep/worker.js")
    assert strangers(tmp_path, OWN) == []


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ("notes.txt", "notes.txt"),
        (".htaccess", ".htaccess"),
        (".git/HEAD", ".git"),
        ("styles/mine.png", "styles/mine.png"),
        ("styles/more/0.gz", "styles/more"),
        ("styles/0.gz/notes.txt", "styles/0.gz"),
        ("page.json/notes.txt", "page.json"),
        ("drawing/deep/notes.txt", "drawing/deep/notes.txt"),
        ("Page.json", "Page.json"),
    ],
)
def test_what_is_not_its_own_is_told_at_any_depth(tmp_path, there, told):
    assert strangers(make(tmp_path, there), OWN) == [told]


def test_an_empty_folder_and_a_link_are_told_and_the_link_not_followed(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "styles").symlink_to(tmp_path)
    assert strangers(tmp_path, OWN) == ["empty", "styles"]


def test_a_folder_of_its_own_may_be_empty(tmp_path):
    make(tmp_path, "assets/notes.txt")
    assert strangers(tmp_path, ["assets/"]) == ["assets/notes.txt"]
    (tmp_path / "assets" / "notes.txt").unlink()
    assert strangers(tmp_path, ["assets/"]) == []


def test_what_desktops_leave_and_what_is_half_written_is_not(tmp_path):
    make(tmp_path, ".DS_Store", "styles/Thumbs.db", "drawing/deep/._worker.js")
    with Part(tmp_path / "page.json"):
        assert strangers(tmp_path, OWN) == []
