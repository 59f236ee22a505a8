"""`toonify preview`: one page with every style, and each control at three values, beside the photograph."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_style import controlled_network, make_style

import toonify
from toonify.html_report import picture
from toonify.storage import Control
from toonify.styles import style_names

CONTROLS = {"gain": Control(0, 2, 1, "how strong"), "shift": Control(-1, 0.5, -1, "")}


@pytest.fixture(scope="module")
def controlled(tmp_path_factory) -> Path:
    """A style with a control whose default lies between, and one whose default is its least."""
    folder = tmp_path_factory.mktemp("styles") / "controlled"
    return make_style(folder, model=controlled_network(), controls=CONTROLS)


@pytest.fixture
def page(run):
    """`page("a.jpg", "--style", …)`: the page, whose command has worked."""

    def write(*arguments: object) -> str:
        done = run("preview", *arguments)
        assert done.exit_code == 0, done.output
        return Path("preview.html").read_text(encoding="utf-8")

    return write


def commands(document: str) -> list[str]:
    """Those below pictures, as a person copies them."""
    found = re.findall(r'<code class="command">(.*?)</code>', document)
    return [html.unescape(re.sub(r"</?span>", "", one)) for one in found]


def pictures(document: str) -> dict[str, np.ndarray]:
    """By what they show in words."""
    found = re.findall(r'<img[^>]*?src="data:image/jpeg;base64,([^"]+)"[^>]*?alt="([^"]*)"', document)
    return {
        html.unescape(alt): np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data, alt in found
    }


def test_every_installed_style_and_control_is_on_it(page, picture_file):
    picture_file("photo.jpg")
    document = page("photo.jpg")
    shown = commands(document)
    for name in style_names():
        assert f"toonify convert photo.jpg --style {name}" in shown
        for control, its in toonify.load_style(name).manifest.controls.items():
            given = [f"toonify convert photo.jpg --style {name} --set {control}=" in one for one in shown]
            assert sum(given) == 2, "and the default, which needs no option"
            assert html.escape(its.description) in document


def test_each_picture_is_what_its_command_draws(page, run, picture_file, controlled, pixels):
    picture_file("photo.png")
    document = page("photo.png", "--style", controlled)
    shown = commands(document)
    assert shown == [
        f"toonify convert photo.png --style {controlled}{end}"
        for end in ("", " --set gain=0", "", " --set gain=2", "", " --set shift=-0.25", " --set shift=0.5")
    ]
    for command, title in (
        (shown[0], f"photo.png, {controlled}, {controlled}"),
        (shown[1], f"photo.png, {controlled}, gain 0"),
        (shown[6], f"photo.png, {controlled}, shift 0.5"),
    ):
        assert run(*shlex.split(command)[1:], "--overwrite").exit_code == 0
        made = picture(pixels(Path("photo.cartoon.png")), title)
        assert np.array_equal(pictures(document)[title], pictures(made)[title])


def test_the_photograph_stands_beside_each_row(page, picture_file, controlled):
    document = page(picture_file("photo.png"), "--style", controlled)
    assert document.count('alt="photo.png, the photograph"') == 3
    assert "gain, 0 to 2, 1 by default: how strong" in document
    assert "shift, -1 to 0.5, -1 by default<" in document


def test_the_page_needs_nothing_else(page, picture_file, style):
    document = page(picture_file("photo.png"), "--style", style)
    assert "<script" not in document
    assert not re.search(r'(?:src|href)="(?!data:)', document)
    assert "default-src 'none'" in document


def test_several_photographs_upright_and_large_ones_small(page, picture_file, style):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture_file("a.jpg", (1200, 600), exif=exif)
    picture_file("b.png", mode="RGBA")
    shown = pictures(page("[ab].*", "--style", style))
    assert shown["a.jpg, the photograph"].shape == (560, 280, 3)
    assert shown[f"a.jpg, {style}, {style}"].shape == (560, 280, 3)
    assert shown[f"b.png, {style}, {style}"].shape == (48, 64, 3)


def test_names_may_hold_anything(page, picture_file, style):
    for name in ("a b.jpg", "<img src=x>.jpg", "-x.jpg"):
        picture_file(name)
    document = page("--style", style, "--", "a b.jpg", "<img src=x>.jpg", "-x.jpg")
    assert "<img src=x>" not in document
    assert [shlex.split(one)[2] for one in commands(document)] == ["a b.jpg", "<img src=x>.jpg", "./-x.jpg"]


def test_what_cannot_be_used_costs_only_itself(run, install, picture_file):
    install("acme-styles", {"styles": {"broken": "acme_nothing"}})
    picture_file("photo.png")
    Path("no.png").write_text("no picture")
    done = run("preview", "photo.png", "no.png")
    assert done.exit_code == 1
    assert "failed: no.png: not a picture in a known format" in done.stdout
    assert "failed: broken: " in done.stdout
    document = Path("preview.html").read_text(encoding="utf-8")
    assert "not a picture in a known format" in document
    assert "toonify convert photo.png --style comic" in commands(document)


def test_json(run, picture_file, controlled):
    photo = picture_file("photo.png")
    done = run("preview", photo, "--style", controlled, "-o", "out/page.html", "--json")
    report = json.loads(done.stdout)
    assert report.pop("seconds") > 0
    assert report == {
        "output": "out/page.html",
        "photos": [str(photo)],
        "styles": [str(controlled)],
        "pictures": 5,
        "failures": [],
        "unpainted": {},
    }
    assert Path("out/page.html").is_file()


def test_from_python(picture_file, style):
    result = toonify.preview(toonify.PreviewRequest(picture_file("photo.png"), styles=[str(style)]))
    assert (result.pictures, result.exit_code, result.output.is_file()) == (1, 0, True)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["no.jpg"], "there is no photograph no.jpg"),
        (["in"], "in is a folder"),
        (["in/a.png", "-o", "in"], "in is no name for a page"),
        (["in/a.png", "-o", "in/a.png", "--overwrite"], "in/a.png is no name for a page"),
        (["in/a.png", "--style", "comics"], "Did you mean 'comic'?"),
        ([], "For example: toonify preview photo.jpg"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(run, picture_file, arguments, complaint):
    picture_file("in/a.png")
    done = run("preview", *arguments)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert [path.name for path in Path().rglob("*.*")] == ["a.png"]
    Image.open("in/a.png").verify()


def test_no_photograph_that_can_be_read(run, style):
    Path("no.png").write_text("no picture")
    done = run("preview", "no.png", "--style", style)
    assert (done.exit_code, Path("preview.html").exists()) == (1, False)
    assert done.stderr == "error: no.png: not a picture in a known format\n"


def test_a_page_is_replaced_only_when_asked_for(page, run, picture_file, style):
    page(picture_file("a.png"), "--style", style)
    assert run("preview", "a.png", "--style", style).exit_code == 2
    page("a.png", "--style", style, "--overwrite")
