"""Files and folders: written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from pathlib import Path

import pytest

from toonify.errors import ToonifyError
from toonify.storage import Part, is_inside, put_in_place, replacing, write_bytes


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "style.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, step, full_disk)
    with pytest.raises(ToonifyError) as raised:
        write_bytes(path, b"new")
    assert raised.value.message == f"{path} cannot be written: no space left on device"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path], "something was left behind"


def test_a_folder_that_could_not_be_copied_is_told_in_a_line(tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "weights").touch()
    path = tmp_path / "style.mlpackage"
    with pytest.raises(ToonifyError) as raised, replacing(path) as part:
        shutil.copytree(tmp_path / "made", part, copy_function=full_disk)
    assert raised.value.message == f"{path} cannot be written: no space left on device"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_full_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "style.json"
    path.write_bytes(b"old")
    beside = tmp_path / "full"
    beside.symlink_to("/dev/full")
    monkeypatch.setattr(Part, "path", beside)
    with pytest.raises(ToonifyError, match="no space left on device"):
        write_bytes(path, b"new" * 100_000)
    assert path.read_bytes() == b"old"
    assert set(tmp_path.iterdir()) == {path, beside}


def test_an_interrupt_leaves_the_old_file(tmp_path, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "style.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_none_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    for folder, reason in (("nowhere", "no such file or directory"), ("file", "not a directory")):
        with pytest.raises(ToonifyError, match=rf"{folder}/style\.json cannot be written: {reason}"):
            write_bytes(tmp_path / folder / "style.json", b"new")


def test_two_writers_do_not_mix(tmp_path):
    path = tmp_path / "a.json"
    documents = [bytes([65 + number]) * 200_000 for number in range(4)]
    writers = [threading.Thread(target=write_bytes, args=(path, data)) for data in documents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in documents
    assert list(tmp_path.iterdir()) == [path]


@pytest.fixture
def places(tmp_path) -> tuple[Path, Path]:
    """A folder that is ready, and a full one in whose place it is to come."""
    part, path = tmp_path / "style.part", tmp_path / "style"
    for folder, text in ((part, "new"), (path, "old")):
        folder.mkdir()
        (folder / text).write_text(text)
    return part, path


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_folder_takes_the_place_of_a_full_one(places, tmp_path):
    put_in_place(*places)
    assert names(tmp_path) == ["style", "style/new"]


def test_a_link_is_replaced_and_what_it_leads_to_stays(places, tmp_path):
    part, path = places
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    put_in_place(part, path)
    assert not path.is_symlink()
    assert names(tmp_path) == ["elsewhere", "elsewhere/old", "style", "style/new"]


@pytest.mark.parametrize("problem", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()], ids=repr)
def test_when_it_fails_the_old_folder_is_there_again(places, tmp_path, monkeypatch, problem):
    part, path = places
    replace = os.replace

    def fail(source: Path, target: Path) -> None:
        if source == part:
            raise problem
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(problem)):
        put_in_place(part, path)
    assert names(tmp_path) == ["style", "style.part", "style.part/new", "style/old"]


@pytest.mark.parametrize(("refusals", "written"), [(2, True), (3, False)])
def test_what_a_virus_scanner_holds_for_a_moment_is_renamed_on_windows(
    places, monkeypatch, refusals, written
):
    part, path = places
    replace, held = os.replace, [PermissionError(errno.EACCES, "Access is denied")] * refusals

    def scanned(source: Path, target: Path) -> None:
        if source == part and held:
            raise held.pop()
        replace(source, target)

    monkeypatch.setattr("toonify.storage.files._PAUSES", (0.0, 0.0))
    monkeypatch.setattr(os, "replace", scanned)
    with contextlib.nullcontext() if written else pytest.raises(PermissionError):
        put_in_place(part, path)
    assert (path / "new").exists() == written and (path / "old").exists() != written


def test_a_folder_is_written_beside_and_takes_its_place_at_the_end(tmp_path):
    path = tmp_path / "style"
    with replacing(path) as part:
        part.mkdir()
        (part / "style.json").write_text("{}")
        assert not path.exists()
    assert names(tmp_path) == ["style", "style/style.json"]


def test_what_fails_half_way_leaves_the_old_folder_and_nothing_beside_it(tmp_path):
    path = tmp_path / "style"
    path.mkdir()
    with pytest.raises(ValueError, match="no good"), replacing(path) as part:
        part.mkdir()
        raise ValueError("no good")
    assert names(tmp_path) == ["style"]


def test_names_of_any_length_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    write_bytes(path, b"whole")
    assert path.read_bytes() == b"whole"


def test_links_and_dots_out_of_a_folder_are_seen_through(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    assert is_inside(folder / "a", folder)
    assert is_inside(folder / "loop", folder)
    assert not is_inside(folder / "link" / "a", folder)
    assert not is_inside(folder / ".." / "a", folder)


def test_a_folder_of_a_containers_image_is_replaced(tmp_path, monkeypatch):
    """An overlay file system renames none that lies in a lower layer (`EXDEV`)."""
    part, path, rename = tmp_path / "new", tmp_path / "dataset", os.replace
    for folder, text in (part, "new"), (path, "old"):
        folder.mkdir()
        (folder / "file").write_text(text)

    def replace(old: Path, new: Path) -> None:
        if old == path:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(old, new)

    monkeypatch.setattr(os, "replace", replace)
    put_in_place(part, path)
    assert (path / "file").read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["dataset"]


@pytest.mark.parametrize("left", ["some of it", "nothing"])
def test_one_of_which_only_some_could_be_removed_is_whole_again(places, tmp_path, monkeypatch, left):
    part, path = places
    (path / "deep").mkdir()
    (path / "deep" / "a").write_text("a")
    (path / "deep" / "b").write_text("b")
    rename, rmtree = os.replace, shutil.rmtree

    def replace(old: Path, new: Path) -> None:
        if old == path:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(old, new)

    def interrupted(folder: Path, **options: bool) -> None:
        if folder != path:
            return rmtree(folder, **options)
        (path / "old").unlink()
        (path / "deep" / "a").unlink()
        if left == "nothing":
            rmtree(path)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(shutil, "rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put_in_place(part, path)
    whole = ["style/deep", "style/deep/a", "style/deep/b", "style/old"]
    assert names(tmp_path) == ["style", "style.part", "style.part/new", *whole]
