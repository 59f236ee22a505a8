"""What killed processes leave is swept away by the next, and what living ones write is left alone."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from open_files import keep_open_files_in_place

from toonify.errors import ToonifyError
from toonify.storage import Part, held, in_turn, put_in_place, replacing, sweep
from toonify.storage.locks import Lock

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

WRITING = """
import sys, time
from pathlib import Path
from toonify.storage import replacing
with replacing(Path(sys.argv[1])) as part:
    part.write_text("half")
    print("writing", flush=True)
    time.sleep(600)
"""
SWAPPING = """
import os, sys, time
from pathlib import Path
from toonify.storage import put_in_place
replace = os.replace
def slow(source, target):
    if source == Path("new"):
        print("between", flush=True)
        time.sleep(600)
    replace(source, target)
os.replace = slow
put_in_place(Path("new"), Path(sys.argv[1]))
"""


COPYING = """
import errno, os, shutil, sys, time
from pathlib import Path
from toonify.storage import put_in_place
replace, path = os.replace, Path(sys.argv[1])
def refused(source, target):
    if source == path:
        raise OSError(errno.EXDEV, "Invalid cross-device link")
    replace(source, target)
def slow(folder):
    (folder / "style").unlink()
    print("half removed", flush=True)
    time.sleep(600)
os.replace, shutil.rmtree = refused, slow
put_in_place(Path("new"), path)
"""


@pytest.fixture
def begun() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`begun(WRITING, "a.png")`: a process that has come to its first line."""
    started = []

    def begin(code: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None and process.stdout.readline()
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def die(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def names(folder: Path = Path()) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_lock_whose_file_is_another_holders_by_now_is_let_go_without_it(tmp_path):
    mine = Lock.take(tmp_path / "lock")
    (tmp_path / "lock").unlink()
    others = Lock.take(tmp_path / "lock")
    assert mine and others
    mine.release()
    assert (tmp_path / "lock").exists()
    others.release()
    assert not (tmp_path / "lock").exists()


def test_what_a_process_was_writing_is_swept_once_it_is_dead_and_not_before(begun):
    process = begun(WRITING, "a.png")
    before = names()
    assert any(name.endswith(".part/a.png") for name in before)
    sweep(Path())
    assert names() == before
    die(process)
    sweep(Path())
    assert names() == []


def test_what_this_process_is_writing_is_left_alone(tmp_path):
    with Part(tmp_path / "a") as part:
        part.path.write_text("half")
        sweep(tmp_path)
        assert part.path.read_text() == "half"
    assert names(tmp_path) == []


def test_a_folder_that_was_being_replaced_is_put_back(begun):
    for name in ("style", "new"):
        Path(name).mkdir()
        Path(name, name).touch()
    process = begun(SWAPPING, "style")
    assert not Path("style").exists()
    sweep(Path())
    assert not Path("style").exists(), "it was taken from a living process"
    die(process)
    sweep(Path())
    assert names() == ["new", "new/new", "style", "style/style"]


@pytest.mark.parametrize("then", ["swept", "replaced"])
def test_one_of_which_some_was_removed_already_is_whole_again(begun, then):
    for name in ("style", "new"):
        Path(name).mkdir()
        Path(name, name).touch()
    Path("style", "more").touch()
    die(begun(COPYING, "style"))
    if then == "swept":
        sweep(Path())
        assert names() == ["new", "new/new", "style", "style/more", "style/style"]
    else:
        put_in_place(Path("new"), Path("style"))
        sweep(Path())
        assert names() == ["style", "style/new"]


def test_what_has_taken_its_place_meanwhile_stays(begun):
    for name in ("style", "new"):
        Path(name).mkdir()
        Path(name, name).touch()
    die(begun(SWAPPING, "style"))
    put_in_place(Path("new"), Path("style"))
    sweep(Path())
    assert names() == ["style", "style/new"]


def test_one_that_died_before_it_had_a_lock_is_swept(tmp_path):
    (tmp_path / ".toonify-0123.part").mkdir()
    sweep(tmp_path)
    assert names(tmp_path) == []


def test_a_part_that_is_swept_as_it_is_made_is_made_again(tmp_path, monkeypatch):
    take, swept = Lock.take.__func__, []

    def late(cls: type[Lock], path: Path, **options: bool) -> Lock | None:
        if not swept:
            swept.append(path)
            sweep(tmp_path)
        return take(cls, path, **options)

    monkeypatch.setattr(Lock, "take", classmethod(late))
    with Part(tmp_path / "a") as part:
        part.path.write_text("whole")
        put_in_place(part.path, tmp_path / "a")
    assert names(tmp_path) == ["a"]


@linux_only
@pytest.mark.parametrize("name", ["file", "folder"])
def test_nothing_is_left_where_nothing_that_is_open_can_be_removed(tmp_path, monkeypatch, name):
    keep_open_files_in_place(monkeypatch)
    for _ in range(2):
        with replacing(tmp_path / name) as part:
            part.mkdir() if name == "folder" else part.write_text("whole")
    assert names(tmp_path) == [name]


def test_where_the_file_system_knows_no_locks_nothing_is_swept(tmp_path, monkeypatch):
    def unknown(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("toonify.storage.locks._lock", unknown)
    with Part(tmp_path / "a") as part:
        part.path.write_text("half")
        sweep(tmp_path)
        assert part.path.exists()
        put_in_place(part.path, tmp_path / "a")
    assert names(tmp_path) == ["a"]


def test_only_the_folders_themselves_are_swept_and_only_of_what_is_ours(tmp_path, begun):
    (tmp_path / "deep").mkdir()
    die(begun(WRITING, "deep/b"))
    (tmp_path / "mine.part").mkdir()
    (tmp_path / ".toonify-notes").write_text("whole")
    sweep(tmp_path, tmp_path / "nowhere")
    assert [name for name in names(tmp_path) if "/" not in name] == [".toonify-notes", "deep", "mine.part"]
    assert len(names(tmp_path / "deep")) > 0
    sweep(tmp_path / "deep")
    assert names(tmp_path / "deep") == []


def test_a_link_to_somebody_elses_files_is_not_followed(tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis").touch()
    part = tmp_path / "out" / ".toonify-0123.part"
    part.mkdir(parents=True)
    (part / ".lock").touch()
    (part / ".old").symlink_to(tmp_path / "precious")
    sweep(tmp_path / "out")
    assert names(tmp_path) == ["out", "precious", "precious/thesis"]


@pytest.mark.parametrize("step", ["the first rename", "the second"])
def test_an_interrupt_in_the_middle_of_a_replacement_leaves_the_old(tmp_path, monkeypatch, step):
    for name in ("style", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    replace, seen = os.replace, []

    def interrupted(source: Path, target: Path) -> None:
        seen.append(source)
        if len(seen) == 1 and step == "the first rename":
            replace(source, target)
        if len(seen) == 1 + (step == "the second"):
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put_in_place(tmp_path / "new", tmp_path / "style")
    assert names(tmp_path) == ["new", "new/new", "style", "style/style"]


class TestAHeldFolder:
    BUSY = ToonifyError("it is in use")

    def test_is_refused_to_others_and_free_afterwards(self, tmp_path):
        folder = tmp_path / "a" / "b"
        with held(folder, folder / ".lock", self.BUSY):
            with pytest.raises(ToonifyError, match="it is in use"), held(folder, folder / ".lock", self.BUSY):
                raise AssertionError("held twice")
            (folder / "made").touch()
        assert names(tmp_path) == ["a", "a/b", "a/b/made"]
        with held(folder, folder / ".lock", self.BUSY):
            assert (folder / ".lock").exists()

    def test_in_which_nothing_was_left_is_gone(self, tmp_path):
        folder = tmp_path / "a" / "b"
        with held(folder, folder / ".lock", self.BUSY):
            pass
        assert names(tmp_path) == []

    def test_may_be_renamed_while_it_is_held(self, tmp_path):
        folder = tmp_path / "part"
        with held(folder, folder / ".lock", self.BUSY):
            folder.rename(tmp_path / "whole")
            with held(folder, folder / ".lock", self.BUSY):
                pass
        assert names(tmp_path) == ["whole", "whole/.lock"]

    @linux_only
    def test_is_free_afterwards_where_nothing_that_is_open_can_be_removed(self, tmp_path, monkeypatch):
        keep_open_files_in_place(monkeypatch)
        folder = tmp_path / "a"
        with held(folder, folder / ".lock", self.BUSY) as lock:
            with pytest.raises(PermissionError):
                folder.replace(tmp_path / "b")
            lock.release()
            folder.replace(tmp_path / "b")
        assert names(tmp_path) == ["b"]

    def test_whose_lock_was_removed_by_its_last_holder_is_locked_anew(self, tmp_path, monkeypatch):
        lock = tmp_path / ".lock"
        take, late = Lock.take.__func__, []

        def after_the_last(cls: type[Lock], path: Path, **options: bool) -> Lock | None:
            taken = take(cls, path, **options)
            if not late:
                late.append(taken)
                path.unlink()
            return taken

        monkeypatch.setattr(Lock, "take", classmethod(after_the_last))
        with held(tmp_path, lock, self.BUSY):
            assert lock.exists()
            with pytest.raises(ToonifyError, match="it is in use"), held(tmp_path, lock, self.BUSY):
                raise AssertionError("held twice")

    def test_whose_lock_is_a_link_is_told_in_a_line(self, tmp_path):
        (tmp_path / ".lock").symlink_to(tmp_path / "nowhere" / "else")
        with (
            pytest.raises(ToonifyError, match="cannot be made: too many levels of symbolic links"),
            held(tmp_path, tmp_path / ".lock", self.BUSY),
        ):
            raise AssertionError("a link was followed")


class TestInTurn:
    def test_whoever_comes_later_waits(self, tmp_path):
        lock, order = tmp_path / ".lock", []

        def come(name: str) -> None:
            with in_turn(lock):
                order.append(f"{name} in")
                time.sleep(0.02)
                order.append(f"{name} out")

        with ThreadPoolExecutor(4) as pool:
            [*pool.map(come, "abcd")]
        assert [word[0] for word in order[::2]] == [word[0] for word in order[1::2]]
        assert sorted(order[::2]) == ["a in", "b in", "c in", "d in"]
        assert names(tmp_path) == []

    def test_nobody_waits_for_ever(self, tmp_path, monkeypatch):
        monkeypatch.setattr("toonify.storage.locks.PATIENCE", 0.05)
        with in_turn(tmp_path / ".lock"), in_turn(tmp_path / ".lock"):
            assert names(tmp_path) == [".lock"]
        assert names(tmp_path) == []
