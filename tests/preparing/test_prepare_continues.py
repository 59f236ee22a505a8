"""A run that is killed continues, and ends with the bytes of one that was not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prepared import Both, contents, draw, draw_cartoons, draw_photos, leave_out_pictures, manifest

from toonify.plugins import SourceItem
from toonify.preparing import PrepareRequest, cropping, pipeline, shards, workplace
from toonify.preparing import prepare as prepare_dataset
from toonify.preparing.checked_source import CheckedSource
from toonify.preparing.image_stats import Seen
from toonify.preparing.report import Report
from toonify.preparing.scan import ScanLog
from toonify.preparing.shards import Shard, ShardWriter
from toonify.storage import DatasetFolder, DatasetManifest

REQUEST = ("photos", "cartoons", "--count", "26", "--val-fraction", "0.3")
PICTURES = 26 * 3
SHARD_BYTES = 3 * 32 * 32 * 3  # three pictures
PART = DatasetFolder(Path("dataset.part"))


def draw_folders(folder: Path) -> None:
    """Photos and cartoons, with some broken files among them."""
    for kind in (draw_photos(folder), draw_cartoons(folder)):
        for index in range(5):
            (kind / f"broken{index}.jpg").write_text("not a picture")


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_folders(tmp_path)
    monkeypatch.setattr(shards, "SHARD_BYTES", SHARD_BYTES)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What `REQUEST` gives when nothing happens."""
    folder = tmp_path_factory.mktemp("expected")
    draw_folders(folder)
    with pytest.MonkeyPatch.context() as patch:
        leave_out_pictures(patch)
        patch.setattr(shards, "SHARD_BYTES", SHARD_BYTES)
        request = PrepareRequest(
            folder / "photos",
            folder / "cartoons",
            folder / "dataset",
            size=32,
            count=26,
            val_fraction=0.3,
            workers=1,
        )
        prepare_dataset(request)
    return contents(folder / "dataset")


def finished(folder: Path = PART.path) -> dict[str, tuple[int, int]]:
    """The finished shards by name, and by what each differs from one that is made again."""
    found = [(path, path.stat()) for path in folder.glob("[tv]*/[a-z]*.npy")]
    return {str(path.relative_to(folder)): (state.st_ino, state.st_mtime_ns) for path, state in found}


@contextmanager
def dying_after(pictures: int) -> Iterator[None]:
    """Within, a run dies in the middle of writing a picture, and nothing is tidied up."""
    append, written = Shard.append, 0

    def dying(shard: Shard, picture: object) -> None:
        nonlocal written
        written += 1
        if written > pictures:
            shard._file.write(b"half a pict")
            shard._file.flush()
            raise RuntimeError("killed")
        append(shard, picture)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shard, "append", dying)
        patch.setattr(ShardWriter, "discard", lambda writer: None)
        yield


@contextmanager
def counting_opened_files() -> Iterator[list[str]]:
    opened: list[str] = []
    open_item = cropping.open_item

    def counting(source: CheckedSource, item: SourceItem, size: int) -> object:
        opened.append(item.identity)
        return open_item(source, item, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cropping, "open_item", counting)
        yield opened


@pytest.mark.parametrize(
    "pictures",
    [pytest.param(number, marks=[pytest.mark.slow] * (number % 20 > 0)) for number in range(0, PICTURES, 5)],
)
def test_killed_anywhere_it_keeps_its_work_and_ends_with_the_same_bytes(
    prepare, expected: dict[str, bytes], pictures: int
) -> None:
    with dying_after(pictures):
        assert prepare(*REQUEST).exit_code == 1
    assert not Path("dataset").exists()
    kept = finished()
    assert len(kept) >= pictures // 9
    assert prepare(*REQUEST).exit_code == 0
    assert contents(Path("dataset")) == expected
    assert kept.items() <= finished(Path("dataset")).items()
    assert not PART.path.exists()


@contextmanager
def dying_in_the_survey(batches: int) -> Iterator[None]:
    """Within, a run dies in the middle of noting what it saw, after so many batches of files."""
    append, noted = ScanLog.append, 0

    def dying(log: ScanLog, batch: list[Seen]) -> None:
        nonlocal noted
        noted += 1
        if noted > batches:
            with open(log._path, "a") as file:
                file.write("[60, 48, 93.")
            raise RuntimeError("killed")
        append(log, batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScanLog, "append", dying)
        yield


@contextmanager
def dying_at(owner: object, name: str) -> Iterator[None]:
    """Within, a run dies where it calls this."""

    def dying(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, dying)
        yield


@pytest.mark.parametrize("batches", range(4))
def test_killed_in_the_survey_it_goes_on_with_the_next_file(
    prepare, expected: dict[str, bytes], batches: int
) -> None:
    with dying_in_the_survey(batches):
        assert prepare(*REQUEST).exit_code == 1
    looked: list[Seen] = []
    append = ScanLog.append

    def counting(log: ScanLog, batch: list[Seen]) -> None:
        looked.extend(batch)
        append(log, batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScanLog, "append", counting)
        assert prepare(*REQUEST).exit_code == 0
    assert len(looked) == 12 + 5 + 6 + 5 - min(8 * batches, 17) - max(0, 8 * (batches - 3))
    assert contents(Path("dataset")) == expected


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (pipeline, "filter_files"),
        (pipeline, "write_survey"),
        (Report, "write"),
        (pipeline, "write_contact_sheet"),
        (DatasetManifest, "write"),
        (workplace, "put_in_place"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_killed_at_any_step_it_ends_with_the_same_bytes(
    prepare, expected: dict[str, bytes], owner: object, name: str
) -> None:
    with dying_at(owner, name):
        assert prepare(*REQUEST).exit_code == 1
    assert not Path("dataset").exists()
    kept = finished()
    assert prepare(*REQUEST).exit_code == 0
    assert contents(Path("dataset")) == expected
    assert kept.items() <= finished(Path("dataset")).items()


def test_killed_when_the_dataset_is_in_place_it_leaves_nothing_to_be_done(
    prepare, expected: dict[str, bytes]
) -> None:
    with dying_at(workplace, "_remove_leftovers"):
        assert prepare(*REQUEST).exit_code == 1
    assert "dataset exists" in prepare(*REQUEST).stderr
    assert contents(Path("dataset")) == expected


def test_neither_kills_nor_the_number_of_workers_show(prepare, expected: dict[str, bytes]) -> None:
    """Killed in every part of the work, with one worker and with two, and continued by others."""
    kills = (dying_in_the_survey(2), dying_after(20), dying_at(Report, "write"))
    for number, kill in zip("121", kills, strict=True):
        with kill:
            assert prepare(*REQUEST, "--workers", number).exit_code == 1
    assert prepare(*REQUEST, "--workers", "2").exit_code == 0
    assert contents(Path("dataset")) == expected


def test_files_that_were_made_are_not_opened_again(prepare) -> None:
    with counting_opened_files() as whole:
        prepare(*REQUEST, "-o", "whole")
    with dying_after(60):
        prepare(*REQUEST)
    assert len(finished()) >= 15
    with counting_opened_files() as rest:
        prepare(*REQUEST)
    assert 0 < len(rest) < len(whole) / 2


class TestAnotherVersionOfASource:
    SOURCE = ("photos", "--source", "both")

    @pytest.fixture(autouse=True)
    def killed(self, prepare, offer, photos: Path) -> None:
        """A run by the first version of a source was killed when its photos were made."""
        for index in range(3):
            draw(photos / f"cartoon{index}.jpg")
        offer("both", Both, "1.0")
        with dying_after(8):
            prepare(*self.SOURCE)
        self.kept = finished()
        assert {"train/photo-00000.npy", "train/photo-00001.npy"} <= self.kept.keys()

    def test_starts_anew(self, prepare, offer) -> None:
        offer("both", Both, "2.0")
        assert prepare(*self.SOURCE).exit_code == 0
        assert manifest(Path("dataset"))["plugins"] == {"datasets/both": "acme 2.0"}
        assert self.kept.items().isdisjoint(finished(Path("dataset")).items())

    def test_the_same_goes_on(self, prepare) -> None:
        assert prepare(*self.SOURCE).exit_code == 0
        assert manifest(Path("dataset"))["plugins"] == {"datasets/both": "acme 1.0"}
        assert self.kept.items() <= finished(Path("dataset")).items()


@pytest.mark.parametrize("other", [("--seed", "1"), ("--size", "40"), ("--crop", "center")])
def test_another_request_starts_anew(prepare, other: tuple[str, str]) -> None:
    with dying_after(40):
        prepare(*REQUEST)
    prepare(*REQUEST, *other)
    prepare(*REQUEST, *other, "-o", "expected")
    assert contents(Path("dataset")) == contents(Path("expected"))


@pytest.mark.parametrize("change", ["added", "changed", "removed"])
def test_other_files_start_anew(prepare, photos: Path, change: str) -> None:
    with dying_after(40):
        prepare(*REQUEST)
    if change == "removed":
        (photos / "3.png").unlink()
    else:
        draw(photos / ("new.png" if change == "added" else "3.png"), 99, 50)
    prepare(*REQUEST)
    prepare(*REQUEST, "-o", "expected")
    assert contents(Path("dataset")) == contents(Path("expected"))


def test_other_drawings_of_the_same_photographs_start_anew(prepare, photos: Path) -> None:
    request = ("photos", "--source", "paired", "--source-option", "drawings=drawn", "--count", "26")
    for index in range(8):
        draw(Path("drawn", f"{index}.png"), width=60 + index)
    with dying_after(20):
        prepare(*request)
    assert finished()
    for index in range(8):
        draw(Path("drawn", f"{index}.png"), width=60 + index, name="another")
    prepare(*request)
    prepare(*request, "-o", "expected")
    assert contents(Path("dataset")) == contents(Path("expected"))


@pytest.mark.parametrize(
    "damage",
    [
        lambda part: DatasetFolder(part).journal.write_text("{"),
        lambda part: DatasetFolder(part).journal.write_text('{"fingerprint": {}, "streams": []}'),
        lambda part: next(part.glob("train/*.npy")).unlink(),
    ],
)
def test_a_damaged_workplace_starts_anew(prepare, damage: Callable[[Path], object]) -> None:
    with dying_after(40):
        prepare(*REQUEST)
    damage(Path("dataset.part"))
    assert prepare(*REQUEST).exit_code == 0
    prepare(*REQUEST, "-o", "expected")
    assert contents(Path("dataset")) == contents(Path("expected"))


SCRIPT = """
import toonify.preparing.shards as shards
shards.SHARD_BYTES = 4 * 32 * 32 * 7
from toonify.cli import main
if __name__ == "__main__":
    main()
"""
COMIC = ("photos", "--source", "comic", "--count", "150", "--size", "32", "--workers", "2")


@pytest.fixture
def toonify() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `toonify …` with small shards, in a process group of its own."""
    Path("start.py").write_text(SCRIPT)
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "start.py", *arguments],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        for pid in living(process.pid):
            os.kill(pid, signal.SIGKILL)


def living(group: int) -> list[int]:
    """Processes of a group that run, those that only wait to be reaped left out."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, process_group = entry.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # gone in between
            continue
        if int(process_group) == group and state != "Z":
            found.append(int(entry.parent.name))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_a_shard(process: subprocess.Popen[str]) -> dict[str, tuple[int, int]]:
    """Let it finish some shards; those that it knows to be finished."""
    wait_until(lambda: len(list(Path("dataset.part").glob("train/paired-0000[0-3].npy"))) == 4)
    assert process.poll() is None
    assert len(living(process.pid)) >= 3, "no worker processes"
    recorded = json.loads(PART.journal.read_text())["streams"]["train/paired"]["shards"]
    there = finished()
    return {entry["file"]: there[entry["file"]] for entry in recorded["paired"]}


linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@linux_only
@pytest.mark.slow
def test_a_process_that_is_killed_leaves_nobody_behind_and_continues(toonify) -> None:
    process = toonify("prepare", *COMIC)
    kept = wait_for_a_shard(process)
    process.kill()
    process.wait()
    wait_until(lambda: not living(process.pid))
    assert not Path("dataset").exists()
    assert toonify("prepare", *COMIC).wait() == 0
    assert toonify("prepare", *COMIC, "-o", "expected").wait() == 0
    assert contents(Path("dataset")) == contents(Path("expected"))
    assert kept.items() <= finished(Path("dataset")).items()


@linux_only
@pytest.mark.parametrize(
    ("send", "number"),
    [(os.killpg, signal.SIGINT), (os.killpg, signal.SIGTERM), (os.kill, signal.SIGTERM)],
    ids=["ctrl-c", "sigterm to all of them", "sigterm to the first"],
)
def test_being_asked_to_end_stops_everyone_without_a_traceback(
    toonify, send: Callable[[int, int], None], number: int
) -> None:
    process = toonify("prepare", *COMIC)
    wait_for_a_shard(process)
    send(process.pid, number)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "The same command continues from here." in complaint
    assert "Traceback" not in complaint and len(complaint.splitlines()) == 2
    wait_until(lambda: not living(process.pid))


@linux_only
def test_a_worker_that_dies_is_an_error_that_says_what_to_do(toonify) -> None:
    process = toonify("prepare", *COMIC)
    wait_for_a_shard(process)
    workers = [pid for pid in living(process.pid) if b"spawn_main" in cmdline(pid)]
    os.kill(workers[0], signal.SIGKILL)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "a worker process died" in complaint and "fewer --workers" in complaint
    assert "Traceback" not in complaint
    wait_until(lambda: not living(process.pid))


def cmdline(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()
