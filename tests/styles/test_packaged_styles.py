"""Styles that other people's packages bring."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PIL import Image
from tiny_style import make_style

import toonify
from toonify.errors import ToonifyError
from toonify.plugins import find_plugins
from toonify.styles import load_style, style_names


@pytest.fixture
def package(tmp_path, install):
    """`package("acme", "watercolour", halo=3)`: a package that brings a style, and must not be imported."""

    def make(name: str, style: str, **card: object) -> Path:
        folder = tmp_path / "site-packages" / name / "painted" / style
        make_style(folder, name=style, **card)
        (tmp_path / "site-packages" / name / "__init__.py").write_text("raise SystemExit('imported')")
        install(f"{name}-styles", {"styles": {style: f"{name}.painted.{style}"}}, version="2.0")
        return folder

    return make


def test_a_package_brings_a_style_and_is_not_imported(package):
    folder = package("acme", "watercolour")
    assert load_style("watercolour").path == folder
    assert "acme" not in sys.modules


def test_convert_takes_it_by_name(run, picture_file, package):
    package("acme", "watercolour")
    done = run("convert", picture_file("a.png"), "b.png", "--style", "watercolour")
    assert done.exit_code == 0, done.output
    assert Path("b.png").is_file()


def test_they_are_listed_with_who_brings_them(run, package):
    package("acme", "watercolour", description="Wet on wet")
    rows = json.loads(run("styles", "--json").stdout)["styles"]
    assert [(row["name"], row["distribution"]) for row in rows] == [
        ("comic", "toonify-gan"),
        ("drawn", "toonify-gan"),
        ("lines", "toonify-gan"),
        ("storybook", "toonify-gan"),
        ("watercolour", "acme-styles"),
    ]
    line = next(line for line in run("styles").stdout.splitlines() if line.startswith("watercolour"))
    assert line.split() == ["watercolour", "acme-styles", "CC0-1.0", "0.1", "MB", "Wet", "on", "wet"]


def test_a_name_that_two_packages_bring_is_an_error_that_names_both(run, package):
    package("acme", "watercolour")
    package("other", "watercolour")
    with pytest.raises(ToonifyError) as caught:
        load_style("watercolour")
    assert caught.value.message == (
        "the style 'watercolour' is offered by acme-styles 2.0 and by other-styles 2.0"
    )
    listed = run("styles", "watercolour")
    assert listed.exit_code == 2
    assert listed.stderr.count("is offered by") == 1


def test_a_contested_style_is_told_by_its_distribution(run, package, picture_file):
    package("acme", "comic")
    assert "acme" in str(load_style("acme-styles:comic").path)
    photo = picture_file("photo.png")
    done = run("convert", photo, "out.png", "--style", "toonify-gan:comic")
    assert done.exit_code == 0, done.stderr
    assert run("convert", photo, "out.png", "--style", "comic").exit_code == 2


CLAIMED = """
    from toonify.plugins import Painter

    class Faces(Painter):
        def paint(self, photo, cartoon, controls):
            raise SystemExit("not asked for")
"""


@pytest.fixture
def claimed(package, install):
    """`claimed()`: from now on others offer a style `comic`, a painter `faces` and a generator `unet`."""

    def claim() -> None:
        package("acme", "comic")
        others = {"painters": {"faces": "claimed:Faces"}, "generators": {"unet": "claimed:Net"}}
        install("zen", others, claimed=CLAIMED)

    return claim


@pytest.mark.parametrize("style", [(), ("--style", "drawn"), ("--style", "toonify-gan:drawn")])
def test_no_package_takes_away_what_toonify_itself_names(run, picture_file, claimed, style):
    photo = picture_file("photo.png")
    assert run("convert", photo, "before.png", *style).exit_code == 0
    claimed()
    done = run("convert", photo, "after.png", *style)
    assert done.exit_code == 0, done.stderr
    assert Path("after.png").read_bytes() == Path("before.png").read_bytes()


def test_nor_from_python(claimed):
    claimed()
    photo = Image.new("RGB", (32, 32), "red")
    own = toonify.convert(photo, "toonify-gan:comic")
    assert toonify.convert(photo) == own
    assert toonify.Converter().convert(photo) == own
    assert toonify.ConvertRequest(["photo.png"]).style == "toonify-gan:comic"
    assert load_style("drawn").generator == "toonify-gan:unet"
    assert load_style("drawn").painter() is not None


def test_without_such_a_package_names_stay_plain():
    assert toonify.ConvertRequest(["photo.png"]).style == "comic"
    assert load_style("drawn").generator == "unet"


def test_a_card_of_ones_own_is_not_guessed_at(claimed, tmp_path):
    claimed()
    style = load_style(make_style(tmp_path / "mine", painter="faces"))
    with pytest.raises(ToonifyError, match=r"'faces' is offered by toonify-gan .* and by zen"):
        style.painter()


def test_all_there_are_are_listed_by_names_that_can_be_typed(run, package):
    package("acme", "comic")
    listed = run("styles", "--json")
    assert listed.exit_code == 0, listed.stderr
    names = [row["name"] for row in json.loads(listed.stdout)["styles"]]
    assert names == ["acme-styles:comic", "toonify-gan:comic", "drawn", "lines", "storybook"]
    assert style_names() == names
    assert all(load_style(name) for name in names)


def test_nobody_takes_over_a_name_of_toonifys(package):
    package("acme", "comic")
    with pytest.raises(ToonifyError, match=r"'comic' is offered by acme-styles 2\.0 and by toonify-gan"):
        load_style("comic")


@pytest.mark.parametrize("value", ["acme.nowhere", "nobody.watercolour", "json.watercolour", "", "a-b.c"])
def test_a_folder_that_is_not_there_is_told_with_its_package(install, value):
    install("acme-styles", {"styles": {"watercolour": value}})
    with pytest.raises(ToonifyError, match=r"the style 'watercolour' of acme-styles 1\.0 is not there"):
        load_style("watercolour")


def test_cards_are_checked_as_any_other(run, package):
    card = package("acme", "watercolour", halo=-1) / "style.json"
    with pytest.raises(ToonifyError, match="'halo' is -1"):
        load_style("watercolour")
    listed = run("styles")
    assert listed.exit_code == 1
    assert str(card) in listed.stderr
    assert "watercolour" not in listed.stdout


def test_checking_plugins_reads_their_cards(package):
    folder = package("acme", "watercolour")
    (plugin,) = [plugin for plugin in find_plugins("styles") if plugin.name == "watercolour"]
    assert plugin.check() == ""
    (folder / "style.json").write_text("{}")
    assert "style.json has schema version None" in plugin.check()
