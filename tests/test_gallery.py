"""The gallery shows every bundled style, on photographs that it names, and is made by a command."""

from __future__ import annotations

import re
from pathlib import Path

import make_pictures
import pytest
from drawing import draw_picture
from PIL import Image

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")
MOST = 2e6  # bytes of all its pictures


def test_each_bundled_style_has_its_sheet_and_its_words():
    sheets = re.findall(r"\]\(images/gallery/(\w+)\.jpg\)", PAGE)
    assert sheets == ["photographs", *make_pictures.bundled_styles()]
    assert re.findall(r"^## (.+)$", PAGE, re.MULTILINE)[1:] == make_pictures.bundled_styles()
    sizes = {Image.open(DOCS / "images" / "gallery" / f"{name}.jpg").size for name in sheets}
    assert len(sizes) == 1


def test_nothing_lies_there_that_is_not_shown():
    pictures = list((DOCS / "images" / "gallery").iterdir())
    assert all(f"images/gallery/{picture.name}" in PAGE for picture in pictures)
    assert sum(picture.stat().st_size for picture in pictures) < MOST


def test_each_photograph_is_named_with_its_author_and_its_licence():
    rows = [line.split("|")[1:-1] for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == 12
    assert all(cell.strip() for row in rows for cell in row)
    for _, place in make_pictures.PACKAGED.values():
        assert place.removeprefix("mpl-data/") in PAGE


def test_the_command_makes_a_sheet_for_each_style(tmp_path):
    photos = [draw_picture((64, 48), number) for number in range(4)]
    make_pictures.gallery(tmp_path / "gallery", photos)
    names = sorted(path.stem for path in (tmp_path / "gallery").iterdir())
    assert names == sorted(["photographs", *make_pictures.bundled_styles()])
    with Image.open(tmp_path / "gallery" / "photographs.jpg") as sheet:
        assert sheet.size == (3 * 360 + 2 * 6, 2 * 270 + 6)


def test_a_package_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(make_pictures.PACKAGED, "china", ("no_such_package", "china.jpg"))
    with pytest.raises(SystemExit, match="china comes with no_such_package, which is not installed"):
        make_pictures.packaged("china")
