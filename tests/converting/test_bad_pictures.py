"""`toonify convert` on files and disks that fail: each problem is named, and costs only itself."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from drawing import png_of_nothing
from PIL import Image

# What is in the files


def test_bad_files_do_not_stop_good_ones(fails, picture_file):
    picture_file("in/good.jpg")
    picture_file("in/cut.jpg", (64, 64))
    Path("in/cut.jpg").write_bytes(Path("in/cut.jpg").read_bytes()[:-200])
    Path("in/text.jpg").write_text("dear diary")
    Path("in/bomb.png").write_bytes(png_of_nothing(30_000, 30_000))
    Path("in/nothing.png").touch()
    Path("in/loop.png").symlink_to("loop.png")
    output = fails("in", "out")
    assert "1 picture converted, 5 failed" in output
    assert "failed: in/cut.jpg: damaged or cut short" in output
    assert "failed: in/text.jpg: not a picture in a known format" in output
    assert "failed: in/bomb.png: too large: 30000 x 30000 is 900 megapixels" in output
    assert "failed: in/nothing.png: empty. The copy or download" in output
    assert "failed: in/loop.png: " in output
    assert [path.name for path in Path("out").iterdir()] == ["good.jpg"]


def test_a_file_that_may_not_be_opened(fails, picture_file, monkeypatch):
    picture_file("in/good.jpg")
    picture_file("in/secret.jpg")
    opening = Image.open

    def guarded(path, **options):
        if Path(path).name == "secret.jpg":
            raise PermissionError(13, "Permission denied", str(path))
        return opening(path, **options)

    monkeypatch.setattr("PIL.Image.open", guarded)
    output = fails("in", "out")
    assert "failed: in/secret.jpg: permission denied" in output
    assert "1 picture converted, 1 failed" in output


def test_one_that_may_not_be_read_among_those_that_are_named(converted, picture_file, monkeypatch):
    picture_file("bad.png"), picture_file("good.png")
    monkeypatch.setattr(os, "access", lambda path, mode: "bad" not in str(path))  # as root, all may be read
    assert "2 pictures converted" in converted("bad.png", "good.png", "out")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_an_unreadable_file_and_an_unreadable_folder(fails, picture_file):
    picture_file("in/good.jpg")
    picture_file("in/bad.jpg").chmod(0)
    picture_file("in/x/a.jpg").parent.chmod(0)
    output = fails("in", "out")
    Path("in/x").chmod(0o700)
    assert "failed: in/bad.jpg: permission denied" in output
    assert "failed: in/x: permission denied" in output
    assert "1 picture converted, 2 failed" in output


def test_a_folder_that_cannot_be_looked_into_is_a_failure(fails, picture_file, monkeypatch):
    picture_file("in/good.jpg")
    walk = os.walk

    def refusing(folder, onerror=None):
        if onerror:
            onerror(PermissionError(13, "Permission denied", "in/x"))
        yield from walk(folder)

    monkeypatch.setattr("os.walk", refusing)
    assert "failed: in/x: permission denied" in fails("in", "out")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_damaged_data_is_not_drawn(fails, picture_file, suffix):
    photo = picture_file(f"in/a{suffix}", (120, 90))
    data = bytearray(photo.read_bytes())
    middle = len(data) * 2 // 3
    data[middle : middle + 40] = bytes(255 - byte for byte in data[middle : middle + 40])
    photo.write_bytes(data)
    output = fails("in", "out")
    assert f"failed: in/a{suffix}: damaged" in output
    assert "left out" not in output  # the picture is to blame, not what was written beside it
    assert not list(Path().glob("out/*"))


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (33, 2)])
def test_a_picture_of_next_to_nothing(run, picture_file, style, size, pixels):
    photo = picture_file("a.png", size)
    assert run("convert", photo, "b.png", "--style", style).exit_code == 0
    assert pixels(Path("b.png")).shape == (*size[::-1], 3)


def test_transparency_into_a_format_without(run, picture_file, style):
    photo = picture_file("a.png", mode="RGBA")
    result = run("convert", photo, "b.jpg", "--style", style)
    assert result.exit_code == 0
    assert "transparency laid over white" in result.stdout


def test_a_picture_too_large_for_the_format(fails, picture_file):
    Image.new("RGB", (17_000, 2)).save("a.png")
    assert "failed: a.png: 17000 x 2 is too large for WEBP" in fails("a.png", "b.webp")


@pytest.mark.parametrize(
    ("whole", "advice"), [(True, "use a style that works in tiles"), (False, "use a lighter style")]
)
def test_a_picture_or_a_tile_too_large_for_the_memory(
    run, picture_file, style, whole_style, monkeypatch, whole, advice
):
    monkeypatch.setattr("toonify.converting.converter.available_memory", lambda: 100_000)
    result = run("convert", picture_file("a.png"), "b.png", "--style", whole_style if whole else style)
    assert result.exit_code == 1
    assert "64 x 48 pixels need about" in result.stdout and advice in result.stdout


# The disk


def test_a_full_disk(picture_file, style):
    for number in range(3):
        picture_file(f"in/{number}.png", (200, 200))
    picture_file("in/small.png", (16, 16))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    command = [sys.executable, "-m", "toonify", "convert", "in", "out", "--format", "webp", "--style"]
    done = subprocess.run([*command, style], capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 1, done.stderr
    assert "failed: in/0.png: cannot be written: file too large" in done.stdout
    assert "1 picture converted, 3 failed" in done.stdout
    assert [path.name for path in Path("out").iterdir()] == ["small.webp"]


def test_a_folder_that_cannot_be_made(fails, picture_file):
    picture_file("in/x/a.jpg")
    Path("out").mkdir()
    Path("out/x").touch()
    assert "failed: in/x/a.jpg: out/x cannot be made: " in fails("in", "out")


def test_a_comparison_that_cannot_be_written_is_named(fails, picture_file):
    picture_file("in/a.jpg")
    Path("out/a.compare.jpg").mkdir(parents=True)
    for _ in range(2):  # the second time, all but the comparison is there
        told = fails("in", "out", "--compare")
        assert "failed: in/a.jpg: out/a.compare.jpg cannot be written: is a directory" in told
    assert Path("out/a.jpg").is_file()
