"""Requests to `toonify convert` that make no sense are refused before anything is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_style import make_style

from toonify import ConvertRequest
from toonify.errors import USAGE, ToonifyError

# Where from, where to


def test_no_such_folder(refuses):
    assert "there is no file or folder photos" in refuses("photos", "out")
    assert "there is no file or folder a.jpg" in refuses("a.jpg", "b.jpg")


def test_an_empty_folder(fails):
    Path("in").mkdir()
    output = fails("in", "out")
    assert "there are no pictures in in\n" in output
    assert "JPEG, PNG" in output


LONG = "n" * 300


@pytest.mark.parametrize("folder", ["", "missing/"])
def test_a_name_that_is_too_long_is_told_by_what_is_called_so(refuses, picture_file, folder):
    photo, said = picture_file("a.jpg"), "is no name for a file: file name too long"
    assert f"OUTPUT {said}" in refuses(photo, f"{folder}{LONG}")
    assert f"OUTPUT {said}" in refuses(photo, f"{folder}{LONG}.jpg")
    assert f"OUTPUT {said}" in refuses(photo, f"{folder}{LONG}/b.jpg")
    assert f"--report {said}" in refuses(photo, "out", "--report", f"{folder}{LONG}.html")
    assert f"INPUTS {said}" in refuses(f"{folder}{LONG}.jpg", "out")


@pytest.mark.parametrize("field", ["output", "report"])
@pytest.mark.parametrize(
    ("name", "why"),
    [("a\0", "a null character"), ("\ud83d", "half of a character"), ("a/" * 2500, "too long")],
    ids=["null", "surrogate", "path"],
)
def test_a_name_that_no_file_can_have_is_told_as_the_request_is_made(field, name, why):
    with pytest.raises(ToonifyError, match=f"`{field}` is no name for a file: .*{why}") as raised:
        ConvertRequest("a.jpg", **{field: f"{name}.html"})
    assert raised.value.exit_code == USAGE


def test_an_address_may_have_a_long_name():
    ConvertRequest(f"https://example.com/{LONG}.jpg", f"s3://bucket/{LONG}")


def test_an_output_folder_that_is_the_input_folder(refuses, picture_file):
    picture_file("in/a.jpg")
    assert "is the input folder" in refuses("in", "in")
    assert "is the input folder" in refuses("in", "./in/../in")
    Path("out").symlink_to("in")
    assert "is the input folder" in refuses("in", "out")


def test_an_output_folder_inside_the_input_folder(refuses, picture_file):
    picture_file("in/a.jpg")
    assert "is inside the input folder" in refuses("in", "in/cartoons")


def test_a_photograph_is_never_overwritten(refuses, picture_file):
    photo = picture_file("a.jpg")
    assert "would be overwritten" in refuses(photo, photo, "--overwrite")
    assert "would be overwritten" in refuses(photo, ".", "--overwrite")
    Path("link.jpg").symlink_to(photo)
    assert "would be overwritten" in refuses(photo, "link.jpg", "--overwrite")
    assert "would be overwritten" in refuses("link.jpg", photo, "--overwrite")


def test_a_photograph_is_never_overwritten_through_a_linked_sub_folder(refuses, picture_file):
    picture_file("in/x/a.jpg")
    Path("out").mkdir()
    Path("out/x").symlink_to(Path("in/x").resolve())
    assert "would be overwritten" in refuses("in", "out", "--overwrite")


@pytest.mark.skipif(os.name == "nt", reason="no pipes in folders there")
def test_a_link_to_nowhere_and_a_pipe_stay_unless_told(fails, converted, picture_file):
    picture_file("in/a.jpg")
    picture_file("in/b.jpg")
    Path("out").mkdir()
    Path("out/a.jpg").symlink_to("/mnt/not-there/a.jpg")
    os.mkfifo("out/b.jpg")
    assert fails("in", "out").count("is there already, and is no file") == 2
    assert Path("out/a.jpg").is_symlink()
    assert Path("out/b.jpg").is_fifo()
    converted("in", "out", "--overwrite")
    assert Path("out/a.jpg").is_file()


def test_several_pictures_into_one_file(refuses, picture_file):
    picture_file("in/a.jpg")
    assert "b.jpg names one picture" in refuses("in", "b.jpg")


def test_a_file_where_the_folder_should_be(refuses, picture_file):
    picture_file("in/a.jpg")
    Path("out").touch()
    assert "out is a file, not a folder" in refuses("in", "out")


def test_an_output_that_is_a_loop_of_links(refuses, picture_file):
    photo = picture_file("in/a.jpg")
    Path("loop").symlink_to("loop")
    assert "loop is a file, not a folder" in refuses("in", "loop")
    assert "loop is a file, not a folder" in refuses(photo, "loop")


def test_an_output_below_a_loop_of_links(fails, picture_file):
    picture_file("in/a.jpg")
    Path("loop").symlink_to("loop")
    assert "failed: in/a.jpg: loop/out cannot be made: " in fails("in", "loop/out")


def test_a_name_that_does_not_go_with_the_format(refuses, picture_file):
    photo = picture_file("a.png")
    assert "b.jpg contradicts --format png" in refuses(photo, "b.jpg", "--format", "png")
    assert "not written as .gif" in refuses(photo, "b.gif")


# What is asked for


@pytest.mark.parametrize("strength", ["-0.1", "1.5", "nan"])
def test_a_strength_that_makes_no_sense(refuses, picture_file, strength):
    photo = picture_file("a.jpg")
    assert "--strength should be between 0" in refuses(photo, "b.jpg", f"--strength={strength}")


def test_an_unknown_format(refuses, picture_file):
    assert "Did you mean 'jpeg'?" in refuses(picture_file("a.jpg"), "out", "--format", "jpg")


def test_a_style_that_does_not_exist(run, picture_file):
    result = run("convert", picture_file("a.jpg"), "b.jpg", "--style", "comics")
    assert result.exit_code == 2
    assert "there is no style 'comics'. Did you mean 'comic'?" in result.stderr
    assert not Path("b.jpg").exists()


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_style(run, picture_file, tmp_path, damage):
    folder = make_style(tmp_path / "mine")
    generator = folder / "generator.onnx"
    whole = generator.read_bytes()
    # `None`: still a sound protobuf, but a convolution's weights have lost their end.
    generator.write_bytes(whole.replace(b"a.kernel", b"z.kernel", 1) if damage is None else damage)
    result = run("convert", picture_file("a.jpg"), "b.jpg", "--style", folder)
    assert result.exit_code == 1
    assert str(generator) in result.stderr
    assert len(result.stderr.strip().splitlines()) <= 2
    assert not Path("b.jpg").exists()


def test_a_style_of_another_schema_version(run, picture_file, tmp_path):
    card = make_style(tmp_path / "mine") / "style.json"
    card.write_text(card.read_text().replace('"schema": 1', '"schema": 7'))
    result = run("convert", picture_file("a.jpg"), "b.jpg", "--style", tmp_path / "mine")
    assert result.exit_code == 1
    assert "has schema version 7" in result.stderr


def test_a_folder_of_other_files(fails):
    Path("in").mkdir()
    Path("in/a.psd").touch()
    assert "there are no pictures in in (1 file left aside: 1 .psd)\n" in fails("in", "out")
