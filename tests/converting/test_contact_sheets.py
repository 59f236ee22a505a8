"""`toonify convert --style a,b --compare`: a photograph and what each style makes of it, on one sheet."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from films import film
from PIL import Image
from tiny_style import CONTROLS, controlled_network, make_style
from typer.testing import CliRunner

from toonify.cli.app import app
from toonify.converting.sheet import CELL

GAP = 8


@pytest.fixture
def styles(tmp_path) -> str:
    """Two, one of which has controls."""
    make_style(tmp_path / "one", name="one")
    make_style(tmp_path / "two", name="two", model=controlled_network(), controls=CONTROLS)
    return f"{tmp_path / 'one'},{tmp_path / 'two'}"


def files(folder: str = ".") -> list[str]:
    names = (path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file())
    return sorted(name for name in names if not name.startswith(("one/", "two/")))


def test_a_sheet_holds_the_photograph_and_every_drawing(run, converted, picture_file, styles, pixels):
    photo = picture_file("a.png", (64, 48))
    result = run("convert", photo, "--style", styles, "--compare")
    assert result.exit_code == 0, result.output
    assert files() == ["a.png", "a.styles.png"]
    sheet = pixels(Path("a.styles.png"))
    cells = [pixels(photo)]
    for name in ("one", "two"):
        run("convert", photo, f"{name}.png", "--style", f"./{name}")
        cells.append(pixels(Path(f"{name}.png")))
    columns = (sheet.shape[1] - GAP) // (64 + GAP)
    rows = -(-3 // columns)
    high = (sheet.shape[0] - GAP) // rows
    for number, cell in enumerate(cells):
        left, top = GAP + number % columns * (64 + GAP), GAP + number // columns * high
        np.testing.assert_array_equal(sheet[top : top + 48, left : left + 64], cell)
        label = sheet[top + 48 : top + high, left : left + 64]
        assert (label == 255).any() and (label < 128).any(), "a name stands below it"


def test_a_large_photograph_makes_no_huge_sheet(run, picture_file, styles):
    picture_file("a.jpg", (2600, 1300))
    assert run("convert", "a.jpg", "--style", styles, "--compare").exit_code == 0
    with Image.open("a.styles.jpg") as sheet:
        assert CELL < sheet.width <= 3 * (CELL + GAP) + GAP and sheet.height < 2000


def test_sheets_of_a_folder_and_what_is_there_stays(run, picture_file, styles):
    picture_file("photos/a.png", mode="RGBA")
    picture_file("photos/deep/b.jpg")
    Image.new("RGB", (30, 30)).save("photos/c.gif")
    command = ("convert", "photos", "--style", styles, "--compare")
    assert "3 pictures converted" in run(*command).stdout
    assert files("photos-styles") == ["a.png", "c.png", "deep/b.jpg"]
    again = run(*command).stdout
    assert "3 already there" in again and "not as you ask" not in again
    other = run(*command, "--strength", "0.5")
    assert "3 made differently: strength 1, not 0.5" in other.stdout


@pytest.mark.parametrize(
    "change", [{"enlarge": 2.0}, {"keeps_grey": True}, {"detail": 64}, {"close_up": 64}], ids=str
)
def test_a_card_of_any_of_the_styles_that_changed_is_told(run, picture_file, styles, tmp_path, change):
    picture_file("photos/a.png")
    command = ("convert", "photos", "--style", styles, "--compare")
    run(*command)
    card = tmp_path / "two" / "style.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | change))
    assert "1 made differently: the style one,two as it was then" in run(*command).stdout


def test_a_sheet_beside_its_photograph_is_no_photograph(run, picture_file, styles, converted):
    picture_file("photos/a.png")
    run("convert", "photos/a.png", "--style", styles, "--compare")
    assert "1 made by toonify" in converted("photos", "out")
    assert files("out") == ["a.png"]


def test_a_sheet_in_a_pipe(picture_file, styles):
    data = picture_file("a.png").read_bytes()
    result = CliRunner().invoke(app, ["convert", "-", "-", "--style", styles, "--compare"], input=data)
    assert result.exit_code == 0, result.stderr
    with Image.open(io.BytesIO(result.stdout_bytes)) as sheet:
        assert sheet.width > 2 * 64


def test_an_animation_shows_its_first_frame_and_a_film_fails(run, tmp_path, styles):
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green")]
    Path("in").mkdir()
    frames[0].save("in/a.gif", save_all=True, append_images=frames[1:])
    film(tmp_path / "in/b.mkv", 1)
    result = run("convert", "in", "out", "--style", styles, "--compare")
    assert result.exit_code == 1
    assert "failed: in/b.mkv: a film: contact sheets are made of pictures" in result.stdout
    assert files("out") == ["a.png"]
    with Image.open("out/a.png") as sheet:
        assert sheet.getpixel((GAP + 5, GAP + 5)) == (255, 0, 0)


def test_styles_of_one_name_are_told_apart(run, picture_file, tmp_path):
    for folder in ("this", "that"):
        make_style(tmp_path / folder, name="same")
    run("convert", picture_file("a.png"), "sheet.png", "--style", "./this,./that", "--compare")
    with Image.open("sheet.png") as sheet:
        assert sheet.width > 2 * 64


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "several styles make a contact sheet"),
        (("--compare", "--set", "gain=1"), "--set belong to one style"),
        (("--compare", "--report", "page.html"), "--report shows what one style made"),
    ],
)
def test_what_makes_no_sense_is_refused(run, picture_file, styles, options, told):
    result = run("convert", picture_file("a.png"), "--style", styles, *options)
    assert result.exit_code == 2
    assert told in result.stderr
    assert files() == ["a.png"]


def test_a_style_that_is_not_there_is_named(run, picture_file):
    result = run("convert", picture_file("a.png"), "--style", "comic,drwan", "--compare")
    assert result.exit_code == 2
    assert "there is no style 'drwan'. Did you mean 'drawn'?" in result.stderr


@pytest.mark.parametrize("names", [" ", ",", " , "])
@pytest.mark.parametrize("output", ["out", "memory://bucket/out"])
def test_a_list_that_names_no_style_is_refused(run, picture_file, names, output):
    result = run("convert", picture_file("a.png"), output, "--style", names)
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "error: --style names no style",
        "       Give a style's name, its folder or file, or a run's folder.",
    ]


def test_a_name_with_a_comma_that_is_there_is_one_style(run, picture_file, tmp_path):
    make_style(tmp_path / "a,b")
    assert run("convert", picture_file("a.png"), "out", "--style", "a,b").exit_code == 0


def test_empty_text_is_no_style(run, picture_file):
    result = run("convert", picture_file("a.png"), "out", "--style=")
    assert result.exit_code == 2
    assert result.stderr == "error: --style should be a style, its name or its path, not ''\n"
