"""The same command with other settings: what is there already is not passed off as what was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from PIL import ExifTags, Image
from tiny_style import CONTROLS, controlled_network, make_style, tiny_network

from toonify.media import Picture, read_made_by, save_picture

MADE_BY = ExifTags.Base.ProcessingSoftware


@pytest.fixture(scope="module")
def controlled(tmp_path_factory) -> Path:
    """A style called `controlled`, with the controls `gain` and `shift`."""
    folder = tmp_path_factory.mktemp("styles") / "controlled"
    return make_style(folder, model=controlled_network(), controls=CONTROLS, name="controlled")


@pytest.fixture
def folder(run, style, picture_file):
    """`folder("--strength", 0.5)`: the report of converting `in`, a folder of three, into `out`."""
    for name in ("a.png", "b.jpg", "c.webp"):
        picture_file(f"in/{name}")

    def convert(*options: object, style: Path = style) -> str:
        done = run("convert", "in", "out", "--style", style, *options)
        assert done.exit_code == 0, done.output
        return done.stdout

    return convert


# One file


@pytest.fixture
def one(run, picture_file, controlled):
    """`one("--strength", 0.5)`: what converting `a.png` into `b.png` once more says; both are left alone."""
    photo = picture_file("a.png", (160, 120))
    assert run("convert", photo, "b.png", "--style", controlled).exit_code == 0

    def convert(*options: object, name: str = "a.png", style: Path = controlled, code: int = 2) -> str:
        before = Path("b.png").read_bytes()
        done = run("convert", name, "b.png", "--style", style, *options)
        assert done.exit_code == code, done.output
        assert Path("b.png").read_bytes() == before
        return done.stderr if code else done.stdout

    return convert


def test_the_same_command_again_has_nothing_to_do(one):
    assert "0 pictures converted, 1 already there" in one(code=0)
    assert "1 already there" in one("--set", "gain=1", "--strength", "1.0", "--detail", 0, code=0)


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        (["--strength", "0.5"], "strength 1, not 0.5"),
        (["--detail", "64"], "detail 0, not 64"),
        (["--set", "gain=0.25"], "gain 1, not 0.25"),
        (["--set", "gain=2", "--strength", "0"], "strength 1, not 0; gain 1, not 2"),
    ],
)
def test_other_settings_are_told_apart(one, options, difference):
    assert one(*options).splitlines() == [
        f"error: b.png exists already, but was made differently: {difference}",
        "       Give --overwrite to replace it, or another OUTPUT.",
    ]


def test_another_style_is_told_apart(one, style):
    assert "style controlled, not tiny\n" in one(style=style)


def test_another_photograph_is_told_apart(one, picture_file):
    other = picture_file("other.png", (80, 60), seed=5)
    assert "another photograph, or one that has changed since" in one(name=other)


def test_a_style_that_was_trained_anew_is_told_apart(run, picture_file, tmp_path):
    photo, mine = picture_file("a.png"), make_style(tmp_path / "mine")
    run("convert", photo, "b.png", "--style", mine)
    make_style(mine, model=tiny_network(instance_norm=True))
    assert "the style tiny as it was then" in run("convert", photo, "b.png", "--style", mine).stderr


@pytest.mark.parametrize("change", [{"enlarge": 2.0}, {"keeps_grey": True}], ids=str)
def test_a_style_whose_card_changed_is_told_apart(run, picture_file, tmp_path, change):
    photo, mine = picture_file("a.png"), make_style(tmp_path / "mine", detail=99)
    run("convert", photo, "b.png", "--style", mine)
    card = json.loads((mine / "style.json").read_text())
    (mine / "style.json").write_text(json.dumps(card | change))
    assert "the style tiny as it was then" in run("convert", photo, "b.png", "--style", mine).stderr


def test_a_picture_that_is_no_cartoon_is_never_taken_for_one(one, picture_file):
    picture_file("b.png", seed=3)
    assert "b.png exists already, but was made differently: how it was made is not known" in one()


def test_of_a_format_that_cannot_say_it_what_is_there_stays(run, style, picture_file):
    photo = picture_file("a.png")
    for _ in range(2):
        done = run("convert", photo, "b.bmp", "--style", style)
        assert done.exit_code == 0
    assert "1 already there" in done.stdout and "not as you ask" not in done.stdout


def test_a_place_that_was_not_there_is_not_missed(run, style, picture_file, tmp_path):
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (48.0, 12.0, 3.0)}
    for name, place in (("plain", {}), ("placed", {"exif": exif})):
        photo = picture_file(f"{name}.jpg", **place)
        for first, second in (((), ("--strip-location",)), (("--strip-location",), ())):
            cartoon = tmp_path / f"{name}{len(first)}.jpg"
            run("convert", photo, cartoon, "--style", style, *first)
            again = run("convert", photo, cartoon, "--style", style, *second)
            assert again.exit_code == (2 if place else 0), again.output
            assert ("stripped, not" in again.stderr) == bool(place)


def test_the_first_frame_alone_is_told_from_all_of_them(run, style, picture_file):
    moving = [draw_picture((40, 30), seed) for seed in range(2)]
    moving[0].save("a.png", save_all=True, append_images=moving[1:], duration=50)
    for options, others, told in (
        ((), ("--first-frame",), "each frame, not the first alone"),
        (("--first-frame",), (), "the first frame alone, not each"),
    ):
        name = f"b{len(options)}.png"
        for asked, difference in ((options, ""), (options, ""), (others, told)):
            done = run("convert", "a.png", name, "--style", style, *asked)
            assert (done.exit_code, difference in done.stderr) == (2 if difference else 0, True)
    still = picture_file("still.png")
    run("convert", still, "c.png", "--style", style)
    assert run("convert", still, "c.png", "--style", style, "--first-frame").exit_code == 0


def test_overwrite_makes_it_anew(run, one, controlled, pixels):
    one("--set", "gain=0")
    done = run("convert", "a.png", "b.png", "--style", controlled, "--set", "gain=0", "--overwrite")
    assert done.exit_code == 0
    assert np.all(pixels(Path("b.png")) == 128)
    assert "1 already there" in one("--set", "gain=0", code=0)


def test_a_comparison_that_is_missing_is_written(run, one, controlled):
    assert "0 pictures converted, 1 compared" in one("--compare", code=0)
    assert "1 already there" in one("--compare", code=0)
    run("convert", "a.png", "b.png", "--style", controlled, "--strength", 0.5, "--overwrite")
    told = run("convert", "a.png", "b.png", "--style", controlled, "--strength", 0.5, "--compare").stderr
    assert "strength 1, not 0.5" in told, "the comparison shows another cartoon"


# Folders


def test_a_folder_again_has_nothing_to_do(folder):
    folder()
    told = folder()
    assert "3 already there" in told and "not as you ask" not in told


def test_what_was_made_otherwise_is_counted_and_left(folder):
    folder()
    before = {path: path.read_bytes() for path in Path("out").iterdir()}
    told = folder("--strength", 0.5).splitlines()
    assert told[0].startswith("0 pictures converted, 3 already there")
    assert told[1:] == [
        "3 made differently: strength 1, not 0.5",
        "What is already there is left as it is; --overwrite replaces it.",
    ]
    assert {path: path.read_bytes() for path in Path("out").iterdir()} == before


def test_only_those_are_counted_that_differ(folder, run, style, picture_file):
    folder()
    run("convert", "in/b.jpg", "out", "--style", style, "--strength", 0.25, "--overwrite")
    picture_file("in/c.webp", (60, 60), seed=9)
    picture_file("out/d.png")
    picture_file("in/d.png")
    told = folder()
    assert "4 already there" in told
    assert "1 made differently: strength 0.25, not 1\n" in told
    assert "1 made differently: another photograph, or one that has changed since\n" in told
    assert "1 made differently: how it was made is not known\n" in told


def test_many_ways_are_not_all_told(folder, run, style, picture_file):
    for number in range(7):
        picture_file(f"in/{number}.png")
        options = ("--strength", number / 10, "--style", style)
        run("convert", f"in/{number}.png", "out", *options)
    told = folder()
    assert told.count("made differently: strength") == 4
    assert "3 made differently in other ways\n" in told


def test_json_tells_of_each(folder):
    folder()
    report = json.loads(folder("--strength", 0.5, "--compare", "--json"))
    assert [one["result"] for one in report["pictures"]] == ["compared"] * 3
    assert [one["differs"] for one in report["pictures"]] == [["strength 1, not 0.5"]] * 3


# In the files


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_a_cartoon_says_how_it_was_made(run, style, picture_file, suffix):
    run("convert", picture_file(f"a.{suffix}"), "out", "--style", style, "--strength", 0.5, "--compare")
    program, _, settings = read_made_by(Path(f"out/a.{suffix}")).partition(" {")
    assert program.startswith("toonify ")
    told = json.loads("{" + settings)
    assert (told["style"], told["strength"], told["detail"]) == ("tiny", 0.5, 0)
    assert read_made_by(Path(f"out/a.compare.{suffix}")) == read_made_by(Path(f"out/a.{suffix}"))


def test_the_camera_loses_no_word_to_it(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "Camera 1.0"
    exif[ExifTags.IFD.Exif] = {0x829A: 0.004}
    picture = Picture(draw_picture((24, 16)), exif=exif.tobytes(), made_by="toonify 1")
    save_picture(picture, tmp_path / "a.jpg", "JPEG")
    with Image.open(tmp_path / "a.jpg") as image:
        written = image.getexif()
        assert written[ExifTags.Base.Software] == "Camera 1.0"
        assert float(written.get_ifd(ExifTags.IFD.Exif)[0x829A]) == pytest.approx(0.004)
        assert written[MADE_BY] == "toonify 1"


def test_where_a_jpeg_has_no_room_the_camera_goes_first(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.IFD.Exif] = {0x927C: b"x" * 65_450}
    picture = Picture(draw_picture((24, 16)), exif=exif.tobytes(), made_by="toonify 1" + 200 * " ")
    save_picture(picture, tmp_path / "a.jpg", "JPEG")
    assert read_made_by(tmp_path / "a.jpg") == ""
    with Image.open(tmp_path / "a.jpg") as image:
        assert len(image.getexif().get_ifd(ExifTags.IFD.Exif)[0x927C]) == 65_450


@pytest.mark.parametrize(
    "made_by",
    [
        "toonify",
        "toonify 1 ",
        "toonify 1 null",
        'toonify 1 {"style": 7}',
        "toonify 1 " + "[" * 20_000,
        'toonify 1 {"strength": ' + "9" * 5_000 + "}",
        "Gimp 2.10",
    ],
)
def test_what_strangers_write_there_is_no_harm(run, style, picture_file, made_by):
    exif = Image.Exif()
    exif[MADE_BY] = made_by
    picture_file("b.png", exif=exif)
    done = run("convert", picture_file("a.png"), "b.png", "--style", style)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 2)
    assert "how it was made is not known" in done.stderr
