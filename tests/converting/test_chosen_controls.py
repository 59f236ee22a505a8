"""`toonify convert --set`, and the same from Python."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drawing import draw_picture
from tiny_style import CONTROLS, controlled_network, make_style

import toonify
from toonify.converting import Converter, tiled
from toonify.inference import tiles


@pytest.fixture(scope="module")
def controlled(tmp_path_factory) -> Path:
    """A style whose drawing is multiplied by `gain`, 0 to 2, and moved by `shift`, -1 to 1."""
    folder = tmp_path_factory.mktemp("styles") / "controlled"
    return make_style(folder, model=controlled_network(), controls=CONTROLS)


@pytest.fixture
def converted(run, controlled, pixels):
    """`converted("photo.png", "--set", "gain=0")`: the cartoon's pixels."""

    def convert(photo: Path, *options: object) -> np.ndarray:
        done = run("convert", photo, "cartoon.png", "--style", controlled, "--overwrite", *options)
        assert done.exit_code == 0, done.output
        return pixels(Path("cartoon.png"))

    return convert


def test_a_control_does_what_it_says(converted, picture_file):
    photo = picture_file("a.png")
    assert np.all(converted(photo, "--set", "gain=0") == 128)
    assert np.all(converted(photo, "--set", "gain=0", "--set", "shift=-1") == 0)
    drawn, half = converted(photo).astype(int), converted(photo, "--set", "gain=0.5").astype(int)
    assert np.abs((half - 127.5) * 2 - (drawn - 127.5)).max() <= 2


def test_at_their_defaults_nothing_changes(converted, picture_file):
    photo = picture_file("a.png")
    assert np.array_equal(converted(photo), converted(photo, "--set", "gain=1", "--set", "shift=0"))


def test_tiles_equal_the_whole(controlled, monkeypatch):
    photo = draw_picture((200, 168))
    whole = toonify.convert(photo, controlled, controls={"gain": 0.3, "shift": 0.2})
    monkeypatch.setattr(tiles, "WHOLE", 0)
    monkeypatch.setattr(tiles, "WINDOW", 96)
    monkeypatch.setattr(tiled, "usable_memory", lambda: 0)  # or windows are longer
    assert toonify.convert(photo, controlled, controls={"gain": 0.3, "shift": 0.2}) == whole


def test_strength_and_detail_go_with_it(converted, picture_file, pixels):
    photo = picture_file("a.png", (160, 120))
    grey = ("--set", "gain=0")
    half = converted(photo, *grey, "--strength", 0.5).astype(int)
    assert np.abs(half - (pixels(photo).astype(int) + 128) / 2).max() <= 1
    assert np.all(converted(photo, *grey, "--detail", 64) == 128)
    assert np.array_equal(converted(photo, *grey, "--strength", 0), pixels(photo))


def test_a_comparison_shows_it(converted, picture_file, pixels):
    converted(picture_file("a.png"), "--set", "gain=0", "--compare")
    assert np.all(pixels(Path("cartoon.compare.png"))[:, -64:] == 128)


def test_transparency_stays(converted, picture_file, pixels):
    photo = picture_file("a.png", mode="RGBA")
    made = converted(photo, "--set", "gain=0")
    assert np.array_equal(made[..., 3], pixels(photo)[..., 3])


def test_the_report_tells_every_number(run, controlled, picture_file):
    done = run(
        "convert", picture_file("a.png"), "b.png", "--style", controlled, "--set", "gain=0.5", "--json"
    )
    assert json.loads(done.stdout)["controls"] == {"gain": 0.5, "shift": 0.0}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (["gian=1"], "there is no control of the style 'tiny' called 'gian'. Did you mean 'gain'?"),
        (["gain=3"], "the control gain of the style 'tiny' should be 0 to 2, not 3.0"),
        (["gain=nan"], "should be 0 to 2, not nan"),
        (["gain"], "--set gain: give it as KEY=VALUE"),
        (["gain=much"], "--set gain=much: give a number"),
        (["gain=1", "gain=2"], "--set gain is given twice"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    run, controlled, picture_file, given, complaint
):
    options = [word for text in given for word in ("--set", text)]
    done = run("convert", picture_file("a.png"), "b.png", "--style", controlled, *options)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert not Path("b.png").exists()


def test_it_is_refused_also_where_all_is_there_already(run, controlled, picture_file):
    picture_file("b.png")
    done = run("convert", picture_file("a.png"), "b.png", "--style", controlled, "--set", "gain=9")
    assert done.exit_code == 2


def test_a_style_without_controls_says_so(run, style, picture_file):
    done = run("convert", picture_file("a.png"), "b.png", "--style", style, "--set", "ink=0.5")
    assert done.exit_code == 2
    assert "the style 'tiny' has no controls: --set cannot choose ink" in done.stderr


def test_a_converter_holds_its_numbers(controlled):
    grey = Converter(controlled, controls={"gain": 0}).convert(draw_picture((64, 48)))
    drawn = Converter(controlled).convert(draw_picture((64, 48)))
    assert np.all(np.asarray(grey) == 128)
    assert toonify.convert(draw_picture((64, 48)), controlled) == drawn
    assert toonify.convert(draw_picture((64, 48)), controlled, controls={"gain": 0}) == grey
    with pytest.raises(toonify.ToonifyError, match="no control of the style 'tiny' called 'ink'"):
        Converter(controlled, controls={"ink": 1})


def test_a_style_stays_loaded_for_other_numbers(controlled, monkeypatch):
    photo = draw_picture((64, 48))
    toonify.convert(photo, controlled)

    def read_again(style):
        raise AssertionError("the network was read again")

    monkeypatch.setattr(toonify.Style, "onnx_bytes", read_again)
    pictures = [toonify.convert(photo, controlled, controls={"shift": shift}) for shift in (-0.5, 0, 0.5)]
    means = [np.asarray(picture).mean() for picture in pictures]
    assert means == sorted(means) and len(set(means)) == 3
