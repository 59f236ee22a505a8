"""What is there already of films and animations, of painted faces, and where metadata was left out."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from drawing import draw_discs
from films import film, rich_film, scene
from PIL import ExifTags, Image
from tiny_style import make_style

from toonify.media import read_made_by

CORNER = """
    from toonify.plugins import Painter

    class Corner(Painter):
        def paint(self, photo, cartoon, controls):
            return cartoon // 2
"""


@pytest.fixture
def again(run, style):
    """`again("a.png", "b.png")`: what a command says that must leave what is there as it is."""

    def convert(*arguments: object, code: int = 0, style: Path = style) -> str:
        before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
        done = run("convert", *arguments, "--style", style)
        assert done.exit_code == code, done.output
        assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
        return done.stderr if code else done.stdout

    return convert


@pytest.fixture
def first(run, style):
    """`first("a.png", "b.png")` converts what is not there yet."""

    def convert(*arguments: object, style: Path = style) -> None:
        done = run("convert", *arguments, "--style", style)
        assert done.exit_code == 0, done.output

    return convert


def animation(path: Path) -> Path:
    frames = [draw_discs(f"frame {number}", 40, 32) for number in range(3)]
    path.parent.mkdir(parents=True, exist_ok=True)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80)
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".png", ".webp"])
def test_what_moves_and_is_there_stays(first, again, suffix):
    moving = film(Path("a.mp4"), scenes=1) if suffix == ".mp4" else animation(Path(f"a{suffix}"))
    first(moving)
    told = again(moving)
    assert "1 already there" in told and "not as you ask" not in told


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_animations_say_how_they_were_made(first, again, suffix):
    moving = animation(Path(f"a{suffix}"))
    first(moving, "--strength", 0.5)
    assert '"strength":0.5' in read_made_by(Path(f"a.cartoon{suffix}"))
    assert "strength 0.5, not 1" in again(moving, code=2)
    with Image.open(f"a.cartoon{suffix}") as image:
        assert image.n_frames == 3


def test_a_gif_and_its_comparison_are_there(first, again):
    first(animation(Path("a.gif")), "--compare")
    told = again("a.gif", "--compare")
    assert "1 already there" in told and "not as you ask" not in told


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_what_cannot_say_that_it_is_a_cartoon_is_one_beside_what_it_was_made_from(first, run, style, suffix):
    make = (lambda path: film(path, scenes=1)) if suffix == ".mp4" else animation
    first(make(Path(f"in/a{suffix}")))
    make(Path(f"in/b.cartoon{suffix}"))  # by somebody else
    done = run("convert", "in", "out", "--style", style)
    assert "1 made by toonify" in done.stdout
    assert sorted(path.name for path in Path("out").iterdir()) == [f"a{suffix}", f"b.cartoon{suffix}"]


def test_what_was_painted_is_told_from_what_was_not(install, first, again, picture_file, tmp_path):
    install("acme", {"painters": {"corner": "acme:Corner"}}, acme=CORNER)
    cornered = make_style(tmp_path / "cornered", painter="corner")
    first(picture_file("a.png"), "b.png", style=cornered)
    assert "1 already there" in again("a.png", "b.png", style=cornered)
    told = again("a.png", "b.png", "--no-painter", style=cornered, code=2)
    assert "made differently: painter corner, not none" in told


def test_without_a_painter_there_is_nothing_to_leave_out(first, again, picture_file):
    first(picture_file("a.png"), "b.png")
    assert "1 already there" in again("a.png", "b.png", "--no-painter")


def test_where_every_pixel_is_drawn_no_face_is_drawn_from_closer_by(first, again, picture_file, tmp_path):
    closer = make_style(tmp_path / "closer", detail=64, close_up=32)
    first(picture_file("a.png"), "b.png", "--detail", 0, style=closer)
    assert "1 already there" in again("a.png", "b.png", "--detail", 0, "--no-painter", style=closer)
    first("a.png", "c.png", style=closer)
    told = again("a.png", "c.png", "--no-painter", style=closer, code=2)
    assert "made differently: small faces drawn once more" in told


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif"])
def test_stripped_of_everything_it_says_nothing_of_itself_and_is_there(first, again, picture_file, suffix):
    first(picture_file(f"a{suffix}"), "--strip-metadata")
    assert read_made_by(Path(f"a.cartoon{suffix}")) == ""
    told = again(f"a{suffix}", "--strip-metadata")
    assert "1 already there" in told and "not as you ask" not in told


@pytest.mark.parametrize("kind", ["location", "metadata"])
def test_what_tells_too_much_is_not_taken_for_stripped(first, again, picture_file, kind):
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (1.0, 2.0, 3.0)}
    first(picture_file("a.jpg", exif=exif), "b.jpg")
    assert f"nothing stripped, not {kind}" in again("a.jpg", "b.jpg", f"--strip-{kind}", code=2)


def test_stripped_of_its_place_it_still_says_how_it_was_made(first, again):
    exif = Image.Exif()
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (1.0, 2.0, 3.0)}
    draw_discs("photo", 40, 32).save("a.jpg", exif=exif)
    first("a.jpg", "b.jpg", "--strip-location")
    assert "1 already there" in again("a.jpg", "b.jpg", "--strip-location")
    with Image.open("b.jpg") as image:
        assert not image.getexif().get_ifd(ExifTags.IFD.GPSInfo)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".avi"])
def test_a_film_is_there_only_if_it_would_be_the_same(first, again, suffix):
    film(Path("a.mkv"), scenes=1)
    name = f"b{suffix}"
    first("a.mkv", name, "--end", 0.4, "--no-steady")
    assert "1 already there" in again("a.mkv", name, "--end", 0.4, "--no-steady")
    told = again("a.mkv", name, "--video-quality", 60, "--start", 0.2, "--steady", code=2)
    assert "quality 80, not 60" in told
    assert "0 to 0.4 seconds, not from 0.2 seconds on" in told
    assert "not steadied" in told
    assert "0 to 0.4 seconds, not all of it" in again("a.mkv", name, "--no-steady", code=2)


def test_a_film_of_another_codec_is_another(first, again):
    film(Path("a.mp4"), scenes=1)
    first("a.mp4", "b.mp4")
    assert "codec h264, not hevc" in again("a.mp4", "b.mp4", "--codec", "hevc", code=2)
    assert "1 already there" in again("a.mp4", "b.mp4", "--codec", "h264")


def test_a_place_that_no_film_tells_makes_no_difference(first, again):
    first(film(Path("a.mp4"), scenes=1))
    assert "1 already there" in again("a.mp4", "--strip-location")
    assert "nothing stripped, not metadata" in again("a.mp4", "--strip-metadata", code=2)


def test_what_a_film_says_itself_stays_beside_how_it_was_made(first):
    pictures = scene("x", 5)
    rich_film(Path("a.mkv"), pictures, metadata={"comment": "By the sea"})
    first("a.mkv", "b.mkv")
    first("b.mkv", "c.mkv", "--strength", 0.5)
    with av.open("c.mkv") as container:
        comment = next(value for key, value in container.metadata.items() if key.lower() == "comment")
    theirs, ours = comment.splitlines()
    assert theirs == "By the sea" and '"strength":0.5' in ours
