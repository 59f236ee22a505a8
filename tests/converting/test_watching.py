"""`toonify convert --watch`: what appears in a folder, or changes, is converted; nothing there ends it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from films import film

import toonify
from toonify.converting import ConvertRequest, Outcome, WatchResult, watching, workshop


class Steps(threading.Event):
    """What happens in the folder, a step between two looks; then there are two looks more, and the end."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        super().__init__()
        self.steps = [*steps, nothing, nothing]

    def wait(self, timeout: float | None = None) -> bool:
        self.steps.pop(0)()
        if not self.steps:
            self.set()
        return self.is_set()


def nothing() -> None:
    """So that what is there can settle."""


@pytest.fixture
def watched(style) -> Callable[..., tuple[WatchResult, list[str]]]:
    """`watched(step, step)`: the folder `in`, watched while the steps are taken; with what was told."""
    Path("in").mkdir()

    def watch(*steps: Callable[[], object], **options: object) -> tuple[WatchResult, list[str]]:
        told: list[str] = []

        def tell(outcome: Outcome) -> None:
            told.append(f"{outcome.source.name} {outcome.result}")

        request = ConvertRequest(["in"], "out", style, **options)
        return toonify.watch(request, tell=tell, stop=Steps(*steps)), told

    return watch


def files(folder: str = "out") -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


def test_what_is_there_and_what_appears(watched, picture_file):
    picture_file("in/a.png")
    result, told = watched(
        lambda: picture_file("in/b.png"), nothing, lambda: picture_file("in/deep/er/c.jpg"), nothing
    )
    assert told == ["a.png converted", "b.png converted", "c.jpg converted"]
    assert files() == ["a.png", "b.png", "deep/er/c.jpg"]
    assert result.exit_code == 0
    assert result.summary.startswith("3 pictures converted, in ")


def test_a_film_that_appears(watched, tmp_path):
    result, _ = watched(lambda: film(tmp_path / "in/a.mkv", 1))
    assert files() == ["a.mkv"]
    assert "1 film converted" in result.summary


def test_a_file_is_taken_when_it_is_whole(watched, picture_file):
    data = picture_file("photo.png", (200, 200)).read_bytes()

    def written(share: float) -> Callable[[], object]:
        return lambda: Path("in/a.png").write_bytes(data[: int(len(data) * share)])

    result, told = watched(lambda: Path("in/a.png").touch(), nothing, written(0.3), written(0.6), written(1))
    assert told == ["a.png converted"]
    assert result.exit_code == 0


def test_one_that_was_taken_too_early_is_taken_again(watched, picture_file):
    data = picture_file("photo.png", (200, 200)).read_bytes()
    result, told = watched(
        lambda: Path("in/a.png").write_bytes(data[:-200]), nothing, lambda: Path("in/a.png").write_bytes(data)
    )
    assert told == ["a.png failed", "a.png converted"]
    assert (result.exit_code, result.failures) == (0, {})


def test_one_that_changes_is_drawn_again_in_place_of_its_cartoon(watched, picture_file, pixels):
    picture_file("in/a.png")
    before = []

    def change() -> None:
        before.append(pixels(Path("out/a.png")))
        picture_file("in/a.png", seed=9)

    _, told = watched(nothing, change)
    assert told == ["a.png converted", "a.png converted"]
    assert (pixels(Path("out/a.png")) != before[0]).any()


def test_what_was_there_before_is_not_replaced_unless_that_is_asked_for(watched, picture_file):
    picture_file("in/a.png")
    mine = picture_file("out/a.png", seed=5).read_bytes()
    result, told = watched(nothing, lambda: picture_file("in/a.png", (70, 50)))
    assert told == ["a.png skipped", "a.png skipped"]
    assert "2 made differently: how it was made is not known" in result.summary
    assert Path("out/a.png").read_bytes() == mine
    watched(overwrite=True)
    assert Path("out/a.png").read_bytes() != mine


def test_what_another_photograph_became_is_not_replaced(watched, picture_file):
    picture_file("in/a.png")
    result, told = watched(nothing, lambda: picture_file("in/a.webp", seed=3), format="png")
    assert told == ["a.png converted", "a.webp skipped"]
    assert result.counts["converted"] == 1


def test_two_that_would_become_one_file_are_told(watched, picture_file):
    result, told = watched(
        lambda: [picture_file("in/a.jpg"), picture_file("in/a.png"), picture_file("in/b.jpg")], format="png"
    )
    assert sorted(told) == ["a.jpg failed", "a.png failed", "b.jpg converted"]
    assert result.exit_code == 1
    assert result.summary.count("would become the same file") == 2


def test_renames_and_deletions(watched, picture_file):
    picture_file("in/a.png")
    picture_file("in/b.png")
    _, told = watched(
        nothing, lambda: Path("in/a.png").rename("in/c.png"), nothing, lambda: Path("in/b.png").unlink()
    )
    assert sorted(told) == ["a.png converted", "b.png converted", "c.png converted"]
    assert files() == ["a.png", "b.png", "c.png"]


def test_what_goes_before_its_turn_is_nothing_to_tell_of(watched, picture_file, monkeypatch):
    planning = watching.plan_for

    def and_then(*arguments: object) -> object:
        made = planning(*arguments)
        Path("in/a.png").unlink(missing_ok=True)
        return made

    monkeypatch.setattr(watching, "plan_for", and_then)
    picture_file("in/a.png")
    picture_file("in/b.png")
    result, told = watched()
    assert told == ["b.png converted"]
    assert result.exit_code == 0


def test_a_folder_that_goes_and_comes_back(watched, picture_file):
    picture_file("in/a.png")
    result, told = watched(
        nothing, lambda: Path("in").rename("away"), nothing, lambda: Path("away").rename("in"), nothing
    )
    assert told == ["a.png converted", "in failed"]
    assert result.exit_code == 0, "it is there again"
    shutil.rmtree("out")
    result, told = watched(nothing, lambda: Path("in").rename("away"))
    assert "failed: in: not there any more" in result.summary


def test_a_folder_that_goes_while_its_pictures_are_converted_and_comes_back(
    watched, picture_file, monkeypatch
):
    planning = watching.plan_for

    def and_then(*arguments: object) -> object:
        monkeypatch.setattr(watching, "plan_for", planning)
        made = planning(*arguments)
        Path("in").rename("away")
        return made

    monkeypatch.setattr(watching, "plan_for", and_then)
    picture_file("in/a.png")
    result, told = watched(nothing, nothing, lambda: Path("away").rename("in"), nothing)
    assert told == ["in failed", "a.png converted"]
    assert result.exit_code == 0


def test_bad_files_end_nothing(watched, picture_file):
    def spoil() -> None:
        Path("in/a.png").write_text("dear diary")
        Path("in/b.png").mkdir()
        Path("in/c.png").symlink_to("c.png")

    result, told = watched(spoil, nothing, lambda: picture_file("in/d.png"))
    assert told == ["a.png failed", "d.png converted"]
    assert result.exit_code == 1
    assert "failed: in/a.png: not a picture in a known format" in result.summary


def test_a_photograph_is_not_overwritten(watched, picture_file):
    Path("in/x").mkdir()
    Path("out").mkdir()
    Path("out/x").symlink_to(Path("in/x").resolve())
    photo = picture_file("in/x/a.png").read_bytes()
    result, told = watched(nothing, lambda: picture_file("in/b.png"), overwrite=True)
    assert told == ["a.png failed", "b.png converted"]
    assert "would be overwritten" in result.summary
    assert Path("in/x/a.png").read_bytes() == photo


def test_style_and_network_are_loaded_once(watched, picture_file, monkeypatch):
    loaded = []
    for owner, name in ((workshop, "load_style"), (workshop.Converter, "asked_for")):
        load = getattr(owner, name)

        def counted(*arguments: object, load: Callable = load, **options: object) -> object:
            loaded.append(load.__name__)
            return load(*arguments, **options)

        monkeypatch.setattr(owner, name, counted)
    steps = [lambda number=number: picture_file(f"in/{number}.png") for number in range(5)]
    _, told = watched(*steps)
    assert len(told) == 5
    assert sorted(loaded) == ["asked_for", "load_style"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("a.png", "out"), "a.png is a file, and --watch is for folders"),
        (("in", "out.png"), "out.png names one picture"),
        (("in", "in/out"), "is inside the input folder"),
        (("nowhere", "out"), "no file or folder nowhere"),
        (("in", "out", "--report", "page.html"), "--report is written at the end"),
        (("-", "-"), "no file or folder -"),
    ],
)
def test_what_makes_no_sense_is_refused(run, picture_file, arguments, told):
    picture_file("a.png")
    Path("in").mkdir()
    result = run("convert", *arguments, "--watch")
    assert result.exit_code == 2
    assert told in result.stderr and "Watching" not in result.stderr


def begun(style: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "toonify", "convert", "in", "out", "--watch", "--style", str(style)]
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_sigterm_is_its_end_as_ctrl_c_is(style, picture_file):
    picture_file("in/a.png")
    process = begun(style)
    assert process.stderr is not None
    assert process.stderr.readline() == "Watching in, until Ctrl-C.\n"
    assert process.stderr.readline() == "in/a.png: converted\n"
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert output.startswith("1 picture converted, in ") and output.endswith("s: see out\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals or names there")
def test_each_file_is_told_in_one_line_also_what_stays(style, picture_file):
    picture_file("in/a.png")
    picture_file("out/a.png", seed=5)
    picture_file("in/b.png").rename("in/b\nfailed: forged.png")
    process = begun(style)
    assert process.stderr is not None
    told = [process.stderr.readline() for _ in range(3)][1:]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert told == [
        "in/a.png: out/a.png stays, but was made differently: how it was made is not known\n",
        "in/b\N{REPLACEMENT CHARACTER}failed: forged.png: converted\n",
    ]
    assert (process.returncode, errors) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_line_for_scripts_and_the_report_last(style, picture_file):
    picture_file("in/a.png")
    Path("in/b.png").write_text("dear diary")
    process = begun(style, "--json-lines")
    assert process.stdout is not None
    assert {json.loads(process.stdout.readline())["result"] for _ in range(2)} == {"converted", "failed"}
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    report = json.loads(output)
    assert (process.returncode, errors) == (1, "")
    assert (report["kind"], report["converted"], report["failed"]) == ("report", 1, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_ctrl_c_in_the_middle_of_work_says_so(style, picture_file):
    photo = picture_file("in/00.png", (1000, 1000))
    for copy in range(1, 60):
        shutil.copyfile(photo, f"in/{copy:02}.png")
    process = begun(style)
    assert process.stderr is not None
    process.stderr.readline(), process.stderr.readline()
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output.startswith("Stopped: ")
    assert not list(Path("out").glob(".*"))
