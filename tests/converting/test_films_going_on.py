"""A film that is stopped at any moment goes on with what is finished, and becomes the same film."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from films import encode, film, packets, rich_film, scene, shown
from impatient import Impatient
from PIL import Image
from tiny_style import make_style

from toonify.converting import ConvertRequest, convert_all
from toonify.media.films import redraw

SAMPLES = Path(__file__).parents[2] / "samples"
SEGMENT = 20

DYING = """
import os, signal, sys

last, kind = int(sys.argv.pop(1)), sys.argv.pop(1)
changes = 0

def count():
    global changes
    changes += 1
    if changes == last:
        os.kill(os.getpid(), signal.SIGKILL)

def watch(event, arguments):  # of Python itself, before it does so, by whichever of its modules
    writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
    if writes or event in ("os.mkdir", "os.remove", "os.rename", "os.rmdir"):
        count()

from toonify.media.films import redraw
redraw.SEGMENT = 20
if kind == "frames":
    coded = redraw.Redrawing.coded
    def counted(*arguments, **options):
        count()
        return coded(*arguments, **options)
    redraw.Redrawing.coded = counted
else:
    sys.dont_write_bytecode = True
    sys.addaudithook(watch)

from toonify.cli import main
try:
    main()
finally:
    print("changes:", changes)
"""


@pytest.fixture(scope="module")
def ninety(tmp_path_factory) -> Path:
    """Ninety frames at times of their own, with sound: four segments and a half."""
    times = [number / 25 + (number % 3) / 200 for number in range(90)]
    path = tmp_path_factory.mktemp("films") / "a.mp4"
    return rich_film(path, scene("x", 90), times=times, sound="aac", codec="libx264")


@pytest.fixture
def source(ninety, tmp_path) -> Path:
    """Such a film that is the test's own."""
    return Path(shutil.copyfile(ninety, tmp_path / "a.mp4"))


@pytest.fixture(autouse=True)
def short_segments(monkeypatch):
    monkeypatch.setattr(redraw, "SEGMENT", SEGMENT)


def convert(style: Path, target: str, *, dying_at: int = 0, kind: str = "frames") -> int:
    """In a process that kills itself; how many changes it makes, if it does not."""
    Path("dying.py").write_text(DYING)
    command = [sys.executable, "dying.py", str(dying_at), kind, "convert", "a.mp4", target]
    done = subprocess.run([*command, "--style", str(style)], capture_output=True, text=True)
    assert done.returncode == (-signal.SIGKILL if dying_at else 0), done.stdout + done.stderr
    return 0 if dying_at else int(done.stdout.rpartition("changes:")[2])


def stop(style: Path, target: str, **options: object) -> None:
    """Convert, and press Ctrl-C after 45 frames."""
    result = convert_all(ConvertRequest([Path("a.mp4")], Path(target), style, **options), Impatient(45))
    assert result.exit_code == 130


def hidden() -> list[Path]:
    return sorted(path for path in Path().iterdir() if path.name.startswith("."))


def kept() -> list[str]:
    return [path.name for folder in hidden() for path in sorted(folder.glob("*.segment"))]


def same(path: str, other: str) -> bool:
    """Whether films are the same, frame by frame and bit for bit, at the same times and to the same sound.

    Not file by file: Matroska's begin with random numbers.
    """
    return packets(Path(path), "video") == packets(Path(other), "video") and sounds(path) == sounds(other)


def sounds(path: str) -> list[tuple[float, bytes]]:
    with av.open(path) as container:
        there = bool(container.streams.audio)
    return packets(Path(path), "audio") if there else []


@pytest.fixture
def face(tmp_path) -> Path:
    """As many frames of somebody who walks, small, through the picture."""
    with Image.open(SAMPLES / "astronaut.jpg") as photo:
        wide = np.asarray(photo.convert("RGB").resize((128, 128)))
    frames = [np.roll(wide, number // 3, axis=1)[:96, :112] for number in range(90)]
    return encode(tmp_path / "a.mp4", frames, codec="libx264")


@pytest.mark.parametrize("steady", [True, False])
@pytest.mark.parametrize("kind", ["source", "face"])
def test_every_frame_is_given_to_the_encoder_as_it_would_have_been(
    request, tmp_path, monkeypatch, kind, steady
):
    source = request.getfixturevalue(kind)
    style = make_style(tmp_path / "closer", detail=100, close_up=48)
    given: dict[int, bytes] = {}
    coded = redraw.Redrawing.coded

    def noted(self, frame, picture):
        given[frame.pts] = picture.tobytes()
        return coded(self, frame, picture)

    monkeypatch.setattr(redraw.Redrawing, "coded", noted)
    wanted = ConvertRequest([source], Path("straight.mp4"), style, steady=steady)
    assert convert_all(wanted).exit_code == 0
    straight = dict(given)
    given.clear()
    stop(style, "b.mp4", steady=steady)
    first = set(sorted(given)[: 2 * SEGMENT])
    assert all(given[pts] == straight[pts] for pts in first)
    given.clear()
    assert convert_all(replace(wanted, output=Path("b.mp4"))).exit_code == 0
    assert given.keys() == straight.keys() - first
    assert all(given[pts] == straight[pts] for pts in given)


def test_a_film_that_is_killed_goes_on_and_is_the_same(converted, source, style):
    converted(source, "straight.mp4")
    convert(style, "killed.mp4", dying_at=70)
    assert not Path("killed.mp4").exists()
    begun = kept()
    assert begun in (["00000000.segment", "00000001.segment"], [*begun[:2], "00000002.segment"])
    assert frames_drawn(style, "killed.mp4") == 90 - len(begun) * SEGMENT
    assert same("killed.mp4", "straight.mp4")
    assert hidden() == []


def frames_drawn(style: Path, target: str) -> int:
    """How many the rest of a film is made of."""
    drawn = []
    coded = redraw.Redrawing.coded

    def counted(self, frame, picture):
        drawn.append(frame)
        return coded(self, frame, picture)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redraw.Redrawing, "coded", counted)
        assert convert_all(ConvertRequest([Path("a.mp4")], Path(target), style)).exit_code == 0
    return len(drawn)


def test_the_film_in_segments_has_every_frame_at_its_time_and_the_sound(converted, source):
    converted(source, "b.mp4")
    assert [time for time, _ in shown(Path("b.mp4"))] == pytest.approx([time for time, _ in shown(source)])
    assert packets(Path("b.mp4"), "audio") == packets(source, "audio")
    with av.open("b.mp4") as container:
        times = [packet.dts for packet in container.demux(video=0) if packet.size]
        assert all(one < other for one, other in itertools.pairwise(times))
    with av.open("b.mp4") as container:
        keys = [number for number, packet in enumerate(container.demux(video=0)) if packet.is_keyframe]
    assert {*range(0, 90, SEGMENT)} <= {*keys}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("b.mkv", {}),
        ("b.webm", {}),
        ("b.avi", {}),
        ("b.mov", {"codec": "hevc"}),
        ("b.mp4", {"start": 0.5, "end": 3.0}),
    ],
)
def test_it_is_the_same_in_every_container(source, style, name, options):
    request = ConvertRequest([source], Path(f"straight-{name}"), style, **options)
    assert convert_all(request).exit_code == 0
    stop(style, name, **options)
    assert len(kept()) == 2
    assert convert_all(replace(request, output=Path(name))).exit_code == 0
    assert same(name, f"straight-{name}")


@pytest.mark.parametrize("change", ["setting", "style's option", "film"])
def test_what_is_asked_for_differently_begins_anew(converted, source, style, change):
    stop(style, "b.mp4")
    assert len(kept()) == 2
    options = {"setting": ("--video-quality", 60), "style's option": ("--strength", 0.5), "film": ()}[change]
    if change == "film":
        os.utime(source, (1, 1))
    converted(source, "b.mp4", *options)
    converted(source, "straight.mp4", *options)
    assert same("b.mp4", "straight.mp4")
    assert hidden() == []


def test_a_damaged_segment_is_drawn_again(converted, source, style):
    stop(style, "b.mp4")
    first = next(Path().rglob("00000001.segment"))
    first.write_bytes(first.read_bytes()[:-9])
    converted(source, "b.mp4")
    converted(source, "straight.mp4")
    assert same("b.mp4", "straight.mp4")


def test_ctrl_c_keeps_what_is_finished_and_says_so(run, source, style):
    result = convert_all(ConvertRequest([Path("a.mp4")], Path("b.mp4"), style), Impatient(50))
    assert result.exit_code == 130
    assert result.kept == {Path("a.mp4"): 40}
    assert "a.mp4: 40 frames are kept; the same command continues from there" in result.summary
    assert result.as_json()["kept"] == {"a.mp4": 40}
    assert len(kept()) == 2
    again = run("convert", source, "b.mp4", "--style", style)
    assert again.exit_code == 0
    assert len(shown(Path("b.mp4"))) == 90
    assert hidden() == []


def test_a_film_that_another_process_is_making_is_left_alone(source, style):
    class Meddling(Impatient):
        def task(self, *arguments, **options):
            self.other = convert_all(ConvertRequest([Path("a.mp4")], Path("b.mp4"), style))
            return super().task(*arguments, **options)

    meddling = Meddling(1000)
    assert convert_all(ConvertRequest([Path("a.mp4")], Path("b.mp4"), style), meddling).exit_code == 0
    assert meddling.other.exit_code == 1
    assert "b.mp4 is being made by another process" in meddling.other.outcomes[0].reason


def test_what_is_begun_replaces_a_film_only_when_it_is_whole(converted, source, style):
    converted(source, "b.mp4")
    before = Path("b.mp4").read_bytes()
    stop(style, "b.mp4", overwrite=True, strength=0.5)
    assert Path("b.mp4").read_bytes() == before
    assert kept()
    converted(source, "b.mp4", "--overwrite", "--strength", 0.5)
    assert Path("b.mp4").read_bytes() != before
    assert hidden() == []


def survives(style: Path, moments: list[int], kind: str) -> None:
    for moment in moments:
        convert(style, "killed.mp4", dying_at=moment, kind=kind)
        if Path("killed.mp4").exists():  # it came into its place before the kill
            assert same("killed.mp4", "straight.mp4")
        request = ConvertRequest([Path("a.mp4")], Path("killed.mp4"), style, overwrite=True)
        assert convert_all(request).exit_code == 0
        assert same("killed.mp4", "straight.mp4"), f"killed at {moment} of the {kind}"
        assert hidden() == []
        Path("killed.mp4").unlink()


def test_killed_while_it_changes_the_disk_it_is_the_same(source, style):
    changes = convert(style, "straight.mp4", kind="changes")
    assert changes > 40
    survives(style, [changes * 2 // 3], "changes")


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["frames", "changes"])
def test_killed_at_ten_moments_it_is_the_same(source, style, kind):
    changes = convert(style, "straight.mp4", kind=kind)
    moments = sorted(random.Random(0).sample(range(2, changes), 10))
    survives(style, moments, kind)


def test_a_film_of_a_folder_goes_on_too(converted, style, tmp_path):
    source = film(tmp_path / "in/a.mp4", 2)
    shutil.copyfile(source, tmp_path / "in/b.mp4")
    result = convert_all(ConvertRequest([Path("in")], Path("out"), style), Impatient(30))
    assert result.stopped
    assert [path.name for path in Path("out").iterdir() if not path.name.startswith(".")] == []
    assert "2 films converted" in converted("in", "out")
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.mp4", "b.mp4"]
