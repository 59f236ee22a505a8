"""A style's painter: a plugin that paints over what the network draws, faces for one."""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawing import draw_discs
from films import film
from PIL import Image
from tiny_style import CONTROLS, controlled_network, make_style

import toonify
from toonify.converting import Converter, ConvertRequest
from toonify.datasets.painting.over import Faces
from toonify.errors import ToonifyError
from toonify.plugins import Painter
from toonify.styles import load_style

SAMPLES = Path(__file__).parents[2] / "samples"
CHEEK, BEHIND = np.s_[114:122, 121:129], np.s_[30:130, 240:300]

ACME = """
    from toonify.plugins import Painter

    class Corner(Painter):
        made = 0

        def __init__(self):
            Corner.made += 1

        def paint(self, photo, cartoon, controls):
            painted = cartoon.copy()
            painted[:8, :8] = 255 - photo[:8, :8] if not controls else [int(100 * controls["gain"]), 0, 0]
            return painted
"""


@pytest.fixture
def cornered(install, tmp_path) -> Path:
    """A style whose painter makes a corner of 8 pixels a negative of the photograph."""
    install("acme", {"painters": {"corner": "acme:Corner"}}, acme=ACME)
    return make_style(tmp_path / "cornered", painter="corner")


def test_a_painter_paints_over_what_the_network_drew(run, cornered, pixels):
    photo = draw_discs("photo", 48, 40)
    photo.save("a.png")
    plain, painted = (
        pixels(Path(f"{name}.png"))
        for name, options in (("plain", ["--no-painter"]), ("painted", []))
        if run("convert", "a.png", f"{name}.png", "--style", cornered, *options).exit_code == 0
    )
    assert (painted[:8, :8] == 255 - np.asarray(photo)[:8, :8]).all()
    painted[:8, :8] = plain[:8, :8]
    assert (painted == plain).all()


def test_strength_mixes_what_is_painted_and_transparency_stays(cornered):
    photo = np.asarray(draw_discs("photo", 48, 40).convert("RGBA")).copy()
    photo[:4, :4, 3] = 0
    half, whole = (toonify.convert(photo, load_style(cornered), strength) for strength in (0.5, 1.0))
    assert (whole[4:8, 4:8, :3] == 255 - photo[4:8, 4:8, :3]).all()
    assert np.abs(half[4:8, 4:8, :3].astype(int) - 127).max() <= 1
    assert (whole[:4, :4] == photo[:4, :4]).all()


def test_calls_for_the_same_style_share_a_painter(cornered):
    for _ in range(3):
        toonify.convert(np.asarray(draw_discs("photo", 48, 40)), cornered)
    assert sys.modules["acme"].Corner.made == 1


def test_a_painter_is_told_the_controls(cornered, tmp_path):
    style = make_style(tmp_path / "both", model=controlled_network(), controls=CONTROLS, painter="corner")
    image = Converter(load_style(style), controls={"gain": 2}).convert(draw_discs("photo", 48, 40))
    assert image.getpixel((3, 3)) == (200, 0, 0)


def test_a_drawing_that_is_too_large_to_be_held_whole_is_left_alone(cornered, monkeypatch):
    monkeypatch.setattr("toonify.converting.converter.MOST_PIXELS", 48 * 40 - 1)
    photo = draw_discs("photo", 48, 40)
    image = Converter(load_style(cornered)).convert(photo)
    plain = Converter(load_style(cornered), painter=False).convert(photo)
    assert image == plain


def test_a_painter_that_could_not_work_is_not_missed(run, cornered, monkeypatch):
    frames = [draw_discs("one", 48, 40), draw_discs("two", 48, 40)]
    frames[0].save("still.png")
    frames[0].save("moving.png", save_all=True, append_images=frames[1:])

    def again(name: str) -> str:
        run("convert", name, f"drawn-{name}", "--style", cornered)
        return run("convert", name, f"drawn-{name}", "--style", cornered, "--no-painter").output

    assert "painter corner, not none" in again("still.png")
    assert "1 already there" in again("moving.png")
    monkeypatch.setattr("toonify.converting.converter.MOST_PIXELS", 48 * 40 - 1)
    Path("still.png").rename("large.png")
    assert "1 already there" in again("large.png")


@pytest.fixture
def parts(run, cornered, pixels) -> dict[str, np.ndarray]:
    """The photograph, and what becomes of it, by option."""
    draw_discs("photo", 48, 40).save("a.png")
    found = {"photo": pixels(Path("a.png"))}
    for name in ("painter", "faces-only", "background-only"):
        done = run("convert", "a.png", f"{name}.png", "--style", cornered, f"--{name}")
        assert done.exit_code == 0, done.output
        found[name] = pixels(Path(f"{name}.png"))
    return found


def test_what_the_painter_touches_is_drawn_alone_or_left_alone(parts):
    corner, rest = np.s_[1:7, 1:7], np.s_[10:, 10:]
    for part, same in ((corner, "painter"), (rest, "photo")):
        assert (parts["faces-only"][part] == parts[same][part]).all()
    for part, same in ((corner, "photo"), (rest, "painter")):
        assert (parts["background-only"][part] == parts[same][part]).all()
    assert (parts["painter"][rest] != parts["photo"][rest]).any()


class Cleaning(Painter):
    """Paints a face but for a spot, and hardly visibly what lies around it."""

    def paint(self, photo, cartoon, controls):
        painted = cartoon.copy()
        painted[12:38, 12:48] ^= 4
        painted[14:36, 14:46] = 255 - cartoon[14:36, 14:46]
        painted[24:26, 28:30] = cartoon[24:26, 28:30]
        return painted


def test_no_halo_of_the_photograph_stays_around_a_face(style):
    photo = draw_discs("photo", 64, 48)
    drawn, made = (
        np.asarray(Converter(style, painter=painter, only=only).convert(photo)).astype(int)
        for painter, only in ((False, ""), (Cleaning(), "background"))
    )
    assert (made[15:35, 15:45] == np.asarray(photo)[15:35, 15:45]).all()
    made[14:36, 14:46] = drawn[14:36, 14:46]
    assert np.abs(made - drawn).max() <= 4


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--faces-only"], "the style 'tiny' has no painter to tell faces from the rest"),
        (["--faces-only", "--no-painter"], "--faces-only needs the style's painter"),
        (["--faces-only", "--background-only"], "--faces-only and --background-only exclude each other"),
    ],
)
def test_without_a_painter_faces_are_not_told_from_the_rest(run, style, picture_file, options, told):
    done = run("convert", picture_file("a.png"), "b.png", "--style", style, *options)
    assert done.exit_code == 2
    assert told in done.stderr
    assert not Path("b.png").exists()


def test_in_python_errors_name_the_fields(style):
    with pytest.raises(ToonifyError) as raised:
        ConvertRequest("a.png", only="faces", painter=False)
    assert str(raised.value).splitlines() == [
        "`only` faces needs the style's painter to tell faces from the rest",
        "Leave `painter` False out.",
    ]
    with pytest.raises(ToonifyError, match="or leave `only` background out"):
        Converter(style, only="background")


def test_of_frames_no_part_is_drawn_alone(run, cornered):
    draw_discs("one", 48, 40).save("a.png", save_all=True, append_images=[draw_discs("two", 48, 40)])
    done = run("convert", "a.png", "b.png", "--style", cornered, "--faces-only")
    assert done.exit_code == 1
    assert "faces are not looked for in it: it is animated" in done.output
    assert "--faces-only out, or draw no more than the first frame (--first-frame)" in " ".join(
        done.output.split()
    )


def test_of_films_no_part_is_drawn_alone(run, cornered, tmp_path):
    source = film(tmp_path / "a.mkv", 1)
    done = run("convert", source, "b.mkv", "--style", cornered, "--faces-only")
    assert done.exit_code == 1
    assert "--faces-only is for pictures, not for films. Leave --faces-only out." in " ".join(
        done.output.split()
    )


def test_frames_of_an_animation_are_left_alone(run, cornered):
    first, second = draw_discs("one", 48, 40), draw_discs("two", 48, 40)
    first.save("a.png", save_all=True, append_images=[second])
    first.save("b.png")
    for name, options in (("a.png", ["--first-frame"]), ("b.png", ["--no-painter"]), ("moving.png", [])):
        if name == "moving.png":
            Path("a.png").rename(name)
        assert run("convert", name, f"drawn-{name}", "--style", cornered, *options).exit_code == 0
    painted, plain, moving = (
        Image.open(f"drawn-{name}.png").convert("RGB").tobytes() for name in ("a", "b", "moving")
    )
    assert moving == plain != painted


def test_a_painter_that_is_not_installed_is_named(run, tmp_path, picture_file):
    style = make_style(tmp_path / "alone", painter="nobody")
    done = run("convert", picture_file("a.png"), "cartoon.png", "--style", style)
    assert done.exit_code != 0
    assert "there is no painter 'nobody'" in done.stderr
    assert "Choices: faces" in done.stderr


def test_who_exports_is_told_what_stays_behind(run, cornered):
    assert "the painter 'corner' works over" in run("export", cornered, "--to", "onnx").stdout
    told = run("export", cornered, "--to", "onnx", "--overwrite", "--json").stdout
    assert json.loads(told)["painter"] == "corner"
    assert "corner, over what the generator draws" in run("styles", cornered).stdout


class TestFaces:
    @pytest.fixture(scope="class")
    def photo(self) -> np.ndarray:
        return np.asarray(Image.open(SAMPLES / "astronaut.jpg").convert("RGB"))[:300, 80:380]

    @pytest.fixture(scope="class")
    def drawn(self, photo) -> np.ndarray:
        return np.clip(photo.astype(int) // 2 + 60, 0, 255).astype(np.uint8)

    @pytest.fixture(scope="class")
    def painted(self, photo, drawn) -> np.ndarray:
        return Faces().paint(photo, drawn, {})

    def test_her_cheek_is_flat_and_what_is_far_from_her_face_is_as_it_was_drawn(self, drawn, painted):
        assert painted[CHEEK].std((0, 1)).max() < 0.5 < drawn[CHEEK].std((0, 1)).max()
        assert (painted[BEHIND] == drawn[BEHIND]).all()

    def test_ink_and_colour_are_hers_to_choose(self, photo, drawn, painted):
        no_ink = Faces().paint(photo, drawn, {"ink": 0.0})
        assert (no_ink.min(-1) < 30).sum() < (painted.min(-1) < 30).sum()
        grey = Faces().paint(photo, drawn, {"colour": 0.0})[CHEEK].astype(int)
        assert np.ptp(grey, axis=-1).max() <= 1

    def test_a_grey_photograph_stays_grey(self, photo):
        grey = np.repeat(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
        assert np.ptp(Faces().paint(grey, grey, {}).astype(int), axis=-1).max() <= 8  # ink's own

    def test_of_a_grey_photograph_faces_are_grey_and_the_rest_is_as_it_was_drawn(self, photo, drawn):
        grey = np.repeat(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
        painted = Faces().paint(grey, drawn, {}).astype(int)
        assert (painted[BEHIND] == drawn[BEHIND]).all()
        assert np.ptp(painted[CHEEK], axis=-1).max() <= 1 < np.ptp(drawn[CHEEK].astype(int), axis=-1).max()

    def test_where_there_is_no_face_the_drawing_is_as_it_was(self, photo, drawn):
        assert Faces().paint(photo[::-1], drawn, {}) is drawn


class Red(Painter):
    def paint(self, photo, cartoon, controls):
        return np.full_like(cartoon, (255, 0, 0))


def test_a_converter_keeps_a_painter_of_ones_own_when_it_is_pickled(cornered):
    again = pickle.loads(pickle.dumps(Converter(cornered, painter=Red())))
    assert again.convert(draw_discs("photo", 48, 40)).getpixel((20, 20)) == (255, 0, 0)


def test_a_converter_keeps_its_painter_when_it_is_pickled(cornered):
    photo = draw_discs("photo", 48, 40)
    for painter in (True, False):
        converter = Converter(cornered, painter=painter)
        again = pickle.loads(pickle.dumps(converter))
        assert again.convert(photo) == converter.convert(photo)
        assert (again.painter is not None) == painter
