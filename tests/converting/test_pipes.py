"""`-`: pictures through standard input and output, and nothing but the picture there."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from films import film
from PIL import Image
from typer.testing import CliRunner, Result

from toonify.cli.app import app
from toonify.converting import streams

TOONIFY = [sys.executable, "-m", "toonify"]


@pytest.fixture
def pipe(style) -> Callable[..., Result]:
    """`pipe(b"…", "-", "-")`: a conversion with this on its standard input."""

    def convert(data: bytes, *arguments: object) -> Result:
        given = ["convert", *map(str, arguments), "--style", str(style)]
        return CliRunner().invoke(app, given, input=data)

    return convert


def opened(data: bytes) -> tuple[str | None, np.ndarray]:
    with Image.open(io.BytesIO(data)) as image:
        return image.format, np.asarray(image)


@pytest.mark.parametrize("arguments", [("-", "-"), ("-",)])
@pytest.mark.parametrize(
    ("name", "kind"), [("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP"), ("a.ppm", "PNG")]
)
def test_a_picture_goes_through_as_it_goes_from_file_to_file(
    pipe, converted, picture_file, arguments, name, kind
):
    photo = picture_file(name)
    converted(photo, "named" if kind == "PNG" else f"named{photo.suffix}")
    named = Path("named", "a.png") if kind == "PNG" else Path(f"named{photo.suffix}")
    result = pipe(photo.read_bytes(), *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    written, pixels = opened(result.stdout_bytes)
    assert written == kind
    np.testing.assert_array_equal(pixels, opened(named.read_bytes())[1])


def test_a_file_to_standard_output_and_a_pipe_to_a_file(pipe, picture_file):
    photo = picture_file("a.png")
    result = pipe(b"", photo, "-", "--format", "jpeg")
    assert opened(result.stdout_bytes)[0] == "JPEG"
    assert "1 picture converted" in pipe(photo.read_bytes(), "-", "b.webp").stdout
    assert opened(Path("b.webp").read_bytes())[0] == "WEBP"
    assert pipe(photo.read_bytes(), "-", "b.webp", "--strength", 0.5).exit_code == 2, "made in another way"


def test_a_real_pipe_holds_nothing_but_the_picture(style, picture_file):
    photo = picture_file("a.png", icc_profile=b"of nobody")
    command = [*TOONIFY, "convert", "-", "-", "--format", "jpeg", "--style", str(style)]
    done = subprocess.run(command, input=photo.read_bytes(), capture_output=True)
    assert done.returncode == 0
    assert done.stdout.startswith(b"\xff\xd8") and done.stdout.endswith(b"\xff\xd9")
    assert sorted(path.name for path in Path().iterdir()) == ["a.png"]


def test_an_animation_goes_through(pipe):
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:], duration=100)
    result = pipe(Path("a.gif").read_bytes(), "-", "-")
    with Image.open(io.BytesIO(result.stdout_bytes)) as image:
        assert (image.format, image.n_frames) == ("GIF", 3)


def test_what_is_lost_is_told_on_standard_error(pipe, picture_file):
    photo = picture_file("a.png", mode="RGBA")
    result = pipe(photo.read_bytes(), "-", "-", "--format", "jpeg")
    assert result.exit_code == 0
    assert opened(result.stdout_bytes)[0] == "JPEG"
    assert result.stderr == "-: transparency laid over white\n"


@pytest.mark.parametrize("data", [b"dear diary", b"\xff\xd8\xff\xe0 and no more"])
def test_what_is_no_picture_fails_with_the_reason_and_nothing_is_written(pipe, data):
    result = pipe(data, "-", "-")
    assert result.exit_code == 1
    assert result.stdout_bytes == b""
    assert result.stderr.startswith("failed: -: ") and len(result.stderr.splitlines()) == 1


def test_an_empty_pipe_and_one_without_end(pipe, monkeypatch):
    assert "nothing came through standard input" in pipe(b"", "-", "-").stderr
    monkeypatch.setattr(streams, "MOST", 5 * 2**20)
    told = pipe(bytes(6 * 2**20), "-", "-")
    assert told.exit_code == 1 and "standard input holds more than" in told.stderr


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.avi", "a.ts", "a.mpg", "a.wmv"])
def test_a_film_is_refused_with_words(pipe, tmp_path, name):
    codec = {"a.webm": "libvpx-vp9", "a.mpg": "mpeg2video", "a.wmv": "wmv2"}.get(name, "mpeg4")
    data = film(tmp_path / name, 1, codec=codec).read_bytes()
    result = pipe(data, "-", "-")
    assert result.exit_code == 2
    assert "films cannot be read from standard input" in result.stderr
    assert result.stdout_bytes == b""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-", "a.png", "out"), "are for one picture"),
        (("a.png", "a.png", "-"), "are for one picture"),
        (("-", "out"), "out is none for a picture"),
        (("-", "out.mp4"), "films cannot be read from standard input"),
        (("film.mp4", "-"), "film.mp4 is a film"),
        ((".", "-"), ". is a folder"),
        (("nothing.png", "-"), "no file or folder nothing.png"),
        (("a.png", "-", "--compare"), "--compare needs a picture with a name"),
        (("a.png", "-", "--report", "page.html"), "--report needs a picture with a name"),
        (("a.png", "-", "--json"), "cannot both go"),
        (("a.png", "-", "--json-lines"), "cannot both go"),
    ],
)
def test_what_makes_no_sense_is_refused(pipe, picture_file, arguments, told):
    data = picture_file("a.png").read_bytes()
    result = pipe(data, *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert [path.name for path in Path().iterdir()] == ["a.png"]


def test_a_report_for_scripts_of_what_goes_into_a_file(pipe, picture_file):
    result = pipe(picture_file("a.png").read_bytes(), "-", "c.png", "--json-lines")
    told, report = (json.loads(line) for line in result.stdout.splitlines())
    assert (told["kind"], told["source"], told["result"]) == ("picture", "-", "converted")
    assert (report["kind"], report["converted"]) == ("report", 1)
    result = pipe(picture_file("a.png").read_bytes(), "-", "b.png", "--json")
    (told,) = json.loads(result.stdout)["pictures"]
    assert (told["source"], told["target"], told["result"]) == ("-", "b.png", "converted")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_an_output_that_is_full(style, picture_file):
    command = [*TOONIFY, "convert", str(picture_file("a.png")), "-", "--style", str(style)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "error: standard output cannot be written: no space left on device\n"


@pytest.mark.skipif(os.name == "nt", reason="no such terminals there")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("a.png", "-"), "a picture cannot be written to a terminal"), (("-", "b.png"), "cannot be typed")],
)
def test_a_terminal_is_neither_shown_nor_asked_for_a_picture(picture_file, arguments, told):
    picture_file("a.png")
    ours, theirs = os.openpty()
    done = subprocess.run(
        [*TOONIFY, "convert", *arguments], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert told in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a shell closes them")
@pytest.mark.parametrize(
    ("arguments", "closed", "told"),
    [
        ("- b.png", "<&-", "error: standard input is closed"),
        ("a.png -", ">&-", "error: standard output is closed"),
    ],
)
def test_a_stream_that_is_closed_from_the_beginning(style, picture_file, arguments, closed, told):
    picture_file("a.png")
    command = f"exec {shlex.join(TOONIFY)} convert {arguments} --style {shlex.quote(str(style))} {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith(told) and "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a shell closes them")
@pytest.mark.parametrize(("arguments", "closed"), [("a.png - > b.png", "<&-"), ("- b.png < a.png", ">&-")])
def test_a_stream_that_is_closed_and_not_needed(style, picture_file, arguments, closed):
    picture_file("a.png")
    command = f"exec {shlex.join(TOONIFY)} convert --style {shlex.quote(str(style))} {arguments} {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert opened(Path("b.png").read_bytes())[0] == "PNG"
