"""Where `toonify convert` writes to when no output is named, and which names it takes for files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import toonify
from toonify.converting import ConvertRequest


def files(folder: str = ".") -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())


# No output


def test_a_photograph_alone_becomes_a_cartoon_beside_it(converted, picture_file):
    picture_file("in/photo.jpg")
    assert "1 picture converted" in converted("in/photo.jpg")
    assert files("in") == ["photo.cartoon.jpg", "photo.jpg"]


def test_a_folder_alone_becomes_a_folder_beside_it(converted, picture_file):
    picture_file("photos/a.jpg")
    picture_file("photos/deep/b.png")
    assert "see photos-cartoons" in converted("photos/")
    assert files("photos-cartoons") == ["a.jpg", "deep/b.png"]


def test_this_folder_has_a_name_too(converted, picture_file, tmp_path, monkeypatch):
    picture_file("photos/a.jpg")
    monkeypatch.chdir("photos")
    converted(".")
    assert files(str(tmp_path / "photos-cartoons")) == ["a.jpg"]
    assert files() == ["a.jpg"]


@pytest.mark.parametrize(
    ("photo", "options", "cartoon"),
    [
        ("a.JPEG", [], "a.cartoon.JPEG"),
        ("a.gif", [], "a.cartoon.png"),
        ("a.jpg", ["--format", "png"], "a.cartoon.png"),
        ("a.b.jpg", [], "a.b.cartoon.jpg"),
    ],
)
def test_the_cartoon_is_of_the_format_that_it_would_be_elsewhere(
    converted, picture_file, photo, options, cartoon
):
    picture_file(photo)
    told = converted(photo, *options)
    assert files() == sorted([photo, cartoon])
    assert ("written as PNG" in told) == photo.endswith("gif")
    with Image.open(cartoon) as image:
        assert image.format == ("PNG" if cartoon.endswith("png") else "JPEG")


def test_a_photograph_whose_name_has_no_ending(converted, picture_file):
    picture_file("photo.png").rename("photo")
    picture_file("photo.png", seed=1)
    before = Path("photo.png").read_bytes()
    converted("photo")
    assert files() == ["photo", "photo.cartoon.png", "photo.png"]
    assert Path("photo.png").read_bytes() == before


def test_a_comparison_lies_beside_it(converted, picture_file):
    converted(picture_file("a.png"), "--compare")
    assert files() == ["a.cartoon.compare.png", "a.cartoon.png", "a.png"]


def test_what_was_made_last_is_named(converted, picture_file):
    photo = picture_file("a.png").name
    assert "see a.cartoon.png" in converted(photo)
    assert "1 compared, in" in (told := converted(photo, "--compare"))
    assert told.rstrip().endswith("see a.cartoon.compare.png")
    report = json.loads(converted(photo, "--compare", "--overwrite", "--json"))
    assert report["output"] == report["pictures"][0]["target"] == "a.cartoon.png"
    assert report["pictures"][0]["comparison"] == "a.cartoon.compare.png"
    report = json.loads(converted(photo, "--json"))
    assert report["pictures"][0]["comparison"] is None
    converted(photo, "out")
    assert converted(photo, "out", "--compare").rstrip().endswith("see out")


def test_cartoons_among_the_photographs_are_not_drawn_again(converted, picture_file):
    picture_file("in/a.png")
    picture_file("in/b.cartoon.png")  # by somebody else
    converted("in/a.png", "--compare")
    told = converted("in", "out")
    assert files("in") == ["a.cartoon.compare.png", "a.cartoon.png", "a.png", "b.cartoon.png"]
    assert files("out") == ["a.png", "b.cartoon.png"]
    assert "2 files left aside: 2 made by toonify" in told
    converted("in/a.cartoon.png", "again.png")  # unless it is named


def test_what_lies_there_stays(run, style, picture_file):
    picture_file("a.jpg")
    Path("a.cartoon.jpg").write_text("something else")
    run("convert", "a.jpg", "--style", style)
    assert Path("a.cartoon.jpg").read_text() == "something else"


def test_several_inputs_of_a_request_need_an_output(picture_file, style):
    photos = [picture_file("a.jpg"), picture_file("b.jpg")]
    with pytest.raises(toonify.ToonifyError, match="several inputs need an `output`"):
        toonify.convert_all(ConvertRequest(photos, style=style))
    result = toonify.convert_all(ConvertRequest(photos[0], style=style))
    assert result.output == photos[0].with_name("a.cartoon.jpg")


def test_without_anything_the_missing_argument_is_named_with_an_example(run):
    done = run("convert")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "error: the argument INPUTS is missing",
        "       For example: toonify convert photo.jpg",
    ]


def test_other_commands_show_an_example_for_what_is_missing(run):
    assert run("export").stderr.splitlines() == [
        "error: the argument STYLE is missing",
        "       For example: toonify export runs/comic-1 --to onnx,saved-model",
    ]


# Names that are no folder's


@pytest.mark.parametrize("output", ["out.pdf", "out.heic", "out.gif", "out.xyz"])
def test_a_name_like_a_files_is_not_made_into_a_folder(refuses, picture_file, output):
    photo = picture_file("a.jpg")
    told = refuses(photo, output)
    assert f"{output}: pictures are not written as {Path(output).suffix}" in told
    assert "They are written as .jpg, .jpeg, .jpe, .jfif, .png, .apng, .webp, .bmp, .tif, .tiff" in told


@pytest.mark.parametrize("output", ["out.pdf", "out.heic"])
def test_nor_for_a_folder_of_photographs(refuses, picture_file, output):
    picture_file("in/a.jpg")
    assert f"{output}: pictures are not written as" in refuses("in", output)


@pytest.mark.parametrize("output", ["out.v2", "2024.05", "my.cartoons"])
def test_folders_may_have_dots_in_their_names(converted, picture_file, output):
    picture_file("in/a.jpg")
    converted("in", output)
    assert files(output) == ["a.jpg"]


def test_a_folder_that_is_there_may_end_as_it_likes(converted, picture_file):
    Path("out.pdf").mkdir()
    converted(picture_file("a.jpg"), "out.pdf")
    assert files("out.pdf") == ["a.jpg"]


@pytest.mark.parametrize("address", ["s3://", "memory://", "file:///"])
def test_an_address_whose_bucket_was_forgotten_is_no_folder(refuses, picture_file, address):
    picture_file("a.jpg")
    assert "names nothing" in refuses("a.jpg", address)
