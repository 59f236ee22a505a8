"""`toonify styles NAME`: a style's card, and what it lets one choose."""

from __future__ import annotations

import json
import re

import pytest
from tiny_style import CONTROLS, controlled_network, make_style

from toonify.plugins import find_plugins
from toonify.styles import load_style

BUNDLED = [plugin.name for plugin in find_plugins("styles") if plugin.distribution == "toonify-gan"]


@pytest.fixture(autouse=True)
def _a_wide_terminal(monkeypatch):
    monkeypatch.setattr("toonify.cli.console.stdout.width", 200)


@pytest.fixture
def style(tmp_path):
    return make_style(
        tmp_path / "mine",
        model=controlled_network(),
        controls=CONTROLS,
        name="mine",
        description="Made by hand",
        generator_options={"width": 3},
        detail=700,
    )


def test_a_card_is_shown_with_ranges_and_defaults(run, style):
    done = run("styles", style)
    assert done.exit_code == 0, done.output
    for words in ("Made by hand", "CC0-1.0", "tiny (width=3)", "700 x 700 pixels", "in tiles"):
        assert words in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["gain", "0", "2", "1", "how", "strong"] in lines
    assert ["shift", "-1", "1", "0", "how", "light"] in lines


def test_the_command_that_it_ends_with_works(run, style, picture_file):
    picture_file("photo.jpg")
    (command,) = re.findall(r"^toonify (convert .+)$", run("styles", style).stdout, re.MULTILINE)
    done = run(*command.split())
    assert done.exit_code == 0, done.output


def test_a_style_without_controls_says_so(run, tmp_path):
    done = run("styles", make_style(tmp_path / "plain", halo=None))
    assert "It has no controls" in done.stdout and "whole" in done.stdout
    assert "least" not in done.stdout


def test_scripts_read_the_whole_card(run, style):
    (card,) = json.loads(run("styles", style, "--json").stdout)["styles"]
    assert card["size"] == load_style(style).size
    assert card["controls"]["gain"] == {"minimum": 0, "maximum": 2, "default": 1, "description": "how strong"}
    assert card["halo"] == 16


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_style_lets_one_choose(run, name):
    done = run("styles", name)
    assert done.exit_code == 0, done.output
    assert f"--style {name} --set " in done.stdout


def test_a_script_is_told_what_a_person_is(run, style):
    done = run("styles", "comik", "--json")
    assert (done.exit_code, json.loads(done.stdout)["exit_code"]) == (2, 2)
    done = run("styles", "comik", style, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, [card["name"] for card in told["styles"]]) == (1, ["mine"])
    (failure,) = told["failures"]
    assert failure["error"] == "there is no style 'comik'. Did you mean 'comic'?"
