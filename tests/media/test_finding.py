"""Finding pictures, and telling of everything else."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from toonify.media import find_pictures, left_aside, tell_left_aside


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_pictures_are_found_in_order_without_hidden_ones(tmp_path):
    touch(tmp_path, "b.JPG", "a/z.png", "a/.hidden.png", ".trash/c.png", "notes.txt")
    assert [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path)] == ["b.JPG", "a/z.png"]
    assert [path.name for path in find_pictures(tmp_path, recursive=False)] == ["b.JPG"]


def test_links_in_a_circle_end(tmp_path):
    (tmp_path / "a.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [path.name for path in find_pictures(tmp_path)] == ["a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="no sockets and pipes in folders")
def test_everything_else_is_counted_by_kind(tmp_path, monkeypatch):
    touch(tmp_path, "a.jpg", "b/c.PNG", "b/d.PSD", "e.mp4", "f.mp4", "README", ".g.bmp", ".git/config", "h.")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.raw").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.raw")
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("x.sock")
        kinds = left_aside(tmp_path, set(find_pictures(tmp_path)))
    assert kinds == {
        ".psd": 1,
        ".mp4": 2,
        ".raw": 1,
        "hidden": 1,
        "hidden folder": 1,
        "linked folder": 1,
        "pipe": 1,
        "socket": 1,
        "without a suffix": 2,
    }


def test_what_desktops_leave_in_folders_is_not(tmp_path):
    touch(tmp_path, ".DS_Store", "Thumbs.db", "desktop.ini", "._a.jpg")
    assert left_aside(tmp_path, ()) == {}


def test_sub_folders_that_were_not_asked_for_are_not(tmp_path):
    touch(tmp_path, "a.mp4", "b/c.mp4", ".d/e.mp4")
    assert left_aside(tmp_path, (), recursive=False) == {".mp4": 1}


def test_kinds_are_told_the_most_frequent_first():
    assert tell_left_aside({}) == ""
    assert tell_left_aside({".mp4": 1}) == "1 file left aside: 1 .mp4"
    assert tell_left_aside({".a": 1, ".psd": 1, ".mp4": 3}) == "5 files left aside: 3 .mp4, 1 .a, 1 .psd"
    many = {f".{letter}": 1 for letter in "abcdefghij"}
    assert tell_left_aside(many).endswith("1 .g, 1 .h, 2 of other kinds")


@pytest.mark.skipif(sys.platform != "linux", reason="paths have another limit")
def test_folders_deeper_than_any_path_stop_nothing(tmp_path, monkeypatch):
    touch(tmp_path, "a.jpg", "b.psd")
    monkeypatch.chdir(tmp_path)
    for _ in range(25):
        Path("x" * 200).mkdir()
        os.chdir("x" * 200)
    os.chdir(tmp_path)
    too_deep: list[OSError] = []
    assert [path.name for path in find_pictures(tmp_path, on_error=too_deep.append)] == ["a.jpg"]
    assert len(too_deep) == 1
    assert left_aside(tmp_path, {tmp_path / "a.jpg"}) == {".psd": 1}
    shutil.rmtree("x" * 200)
