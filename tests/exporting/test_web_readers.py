"""The page as its readers use it: by keys, by ear, with what they drop, and on networks that fail."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator

import pytest
from cartoon_page import downloaded, draw, text
from drawing import draw_picture
from web_pages import serving

from toonify.exporting.web import PageServer, make_site
from toonify.storage import StyleManifest
from toonify.styles import load_style


@pytest.fixture(scope="module")
def site(web_runtime, styles, tmp_path_factory) -> dict[str, bytes]:
    """The files of a page with the tiny `lite`, which draws larger pictures at 90 × 90."""
    folder = shutil.copytree(styles("lite"), tmp_path_factory.mktemp("styles") / "lite")
    dataclasses.replace(StyleManifest.read(folder), detail=90).write(folder)
    return make_site([load_style(folder)])


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with PageServer(site, 0) as server, serving(server):
        yield server.address


@pytest.mark.parametrize("focused", ["#control-ink", "#reset", "summary"])
def test_another_picture_leaves_the_focus_where_it_was(page, picture_file, focused):
    """As by Ctrl-V, while somebody is at a slider, whose place is taken by that of the new picture."""
    page.run(f"document.querySelector('{focused}').focus()")
    draw(page, picture_file("photo.png", (60, 45)))
    assert page.run(f"document.activeElement === document.querySelector('{focused}')")


@pytest.mark.parametrize(("name", "saved"), [("a.png", ".jpg"), ("b.jpg", ".png"), ("c", ".jpg")])
def test_a_cartoon_is_of_its_photograph_s_kind_whatever_that_is_called(page, tmp_path, name, saved):
    photo = tmp_path / name
    draw_picture((60, 45)).save(photo, "PNG" if saved == ".png" else "JPEG")
    draw(page, photo)
    with downloaded(page, tmp_path / "out", saved) as cartoon:
        assert cartoon.format == ("PNG" if saved == ".png" else "JPEG")


def test_the_focus_goes_on_from_a_box_that_the_next_picture_has_not(page, picture_file):
    draw(page, picture_file("large.png", (160, 120)))
    page.run("document.getElementById('every-pixel').focus()")
    draw(page, picture_file("small.png", (60, 45)))
    assert page.run("document.activeElement.id") == "control-strength"


def test_a_slider_that_moves_is_told_once(page):
    """Its number stands beside it as well, which a screen reader would read out after the slider's own."""
    page.tell("Accessibility.enable")
    nodes = page.tell("Accessibility.getFullAXTree")["nodes"]
    live = [
        node["name"]["value"]
        for node in nodes
        for told in node.get("properties", ())
        if told["name"] == "live" and told["value"]["value"] != "off"
    ]
    assert len(live) == 1  # how the drawing goes on


def test_a_folder_that_is_dropped_is_told_in_a_sentence_for_people(page, tmp_path):
    (tmp_path / "holiday").mkdir()
    data = {"items": [], "files": [str(tmp_path / "holiday")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        page.tell("Input.dispatchDragEvent", type=kind, x=300, y=300, data=data)
    page.until("!document.getElementById('alert').hidden")
    assert "“holiday” is a folder, or a file that cannot be read. Open a picture" in text(page, "alert")


def test_what_draws_is_started_again_if_a_part_of_it_did_not_come(browser, site, picture_file):
    with PageServer(dict(site), 0) as server, serving(server):
        part = server.site.pop("drawing/tiles.js")
        browser.open(server.address)
        browser.until("!document.getElementById('alert').hidden")
        assert "The drawing engine could not be started" in text(browser, "alert")
        server.site["drawing/tiles.js"] = part
        draw(browser, picture_file("photo.png"))
