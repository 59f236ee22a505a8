"""The `folder` source: pictures of a folder and its sub-folders, in an order that stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from prepared import draw, drawing

from toonify.datasets.folder import Folder
from toonify.errors import ToonifyError
from toonify.plugins import create


def identities(root: Path) -> list[str]:
    return [item.identity for item in Folder().items("photo", root)]


def test_identities_are_paths_inside_the_folder(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "sub/deep/c.webp", "sub/d.tiff"):
        draw(tmp_path / name)
    for name in ("notes.txt", ".hidden.png", "sub/.hidden/e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert identities(tmp_path) == ["a.JPG", "b.png", "sub/d.tiff", "sub/deep/c.webp"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    (tmp_path / "again").symlink_to(tmp_path)
    assert identities(tmp_path) == ["a.png"]


def test_opens_what_it_lists(tmp_path: Path) -> None:
    draw(tmp_path / "a.png")
    source = create("datasets", "folder", {})
    (item,) = source.items("cartoon", tmp_path)
    np.testing.assert_array_equal(np.asarray(source.open(item)), np.asarray(drawing("a.png")))


def test_refuses_what_is_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ToonifyError, match=r"a\.png is not a folder"):
        identities(draw(tmp_path / "a.png"))
