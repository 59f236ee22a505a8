"""`toonify convert --report`: a page that tells what became of each picture, and shows it."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import pytest
from chromium import running
from films import film
from PIL import Image

from toonify.converting import report


@pytest.fixture
def page(run, style):
    """`page("in", "out")`: the page of a conversion that ends with this code."""

    def convert(*arguments: object, code: int = 0) -> str:
        done = run("convert", *arguments, "--style", style, "--report", "page.html")
        assert done.exit_code == code, done.output
        assert "Report: page.html\n" in done.stdout
        return Path("page.html").read_text(encoding="utf-8")

    return convert


def words(document: str) -> str:
    """What is read on the page."""
    body = document[document.index("<body>") :]
    return " ".join(re.sub(r"<script>.*?</script>|<[^>]+>", " ", body, flags=re.DOTALL).split())


def test_failures_come_first_and_then_each_picture(page, picture_file):
    for name in ("in/a.png", "in/b.gif", "in/deep/c.jpg"):
        picture_file(name)
    Path("in/broken.png").write_text("no picture")
    document = page("in", "out", code=1)
    read = words(document)
    order = [
        read.index(text) for text in ("Failed", "in/broken.png", "Worth knowing", "converted 3", "in/deep")
    ]
    assert order == sorted(order)
    assert "not a picture in a known format" in read and "written as PNG" in read
    assert document.count('class="slider"') == 3
    assert document.count("<img") == 6


def test_what_was_there_already_is_shown_with_what_differs(page, run, style, picture_file):
    picture_file("in/a.png")
    run("convert", "in", "out", "--style", style)
    document = page("in", "out", "--strength", 0.5)
    assert "Made differently photograph why in/a.png strength 1, not 0.5" in words(document)
    assert document.count('class="slider"') == 1


def test_what_cannot_be_shown_says_why(page, run, style, picture_file):
    picture_file("in/a.png")
    run("convert", "in", "out", "--style", style)
    Path("out/a.png").write_text("no picture")
    assert "in/a.png: not a picture in a known format" in words(page("in", "out"))


def test_many_pictures_are_not_all_shown(page, picture_file, monkeypatch):
    monkeypatch.setattr(report, "MOST", 2)
    for number in range(5):
        picture_file(f"in/{number}.png")
    document = page("in", "out")
    assert document.count('class="slider"') == 2
    assert "3 more are not shown." in document


def test_both_halves_are_upright_and_of_one_size(page, picture_file):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture_file("a.jpg", (900, 300), exif=exif)
    found = re.findall(r"base64,([^\"]+)", page("a.jpg"))
    assert len(found) == 2

    assert {Image.open(io.BytesIO(base64.b64decode(one))).size for one in found} == {(213, 640)}


def test_a_tall_picture_takes_no_more_of_the_page_than_others(page, picture_file, chromium_program, tmp_path):
    picture_file("in/tall.png", (8, 320))
    page("in", "out")
    with running(chromium_program, tmp_path / "profile") as browser:
        browser.open(Path("page.html").resolve().as_uri())
        assert browser.run("document.querySelector('.slider').offsetHeight") <= 640


def test_the_next_run_replaces_it_and_nothing_else(page, run, style, picture_file):
    photo = picture_file("a.png")
    first = page(photo, "b.png")
    assert page(photo, "b.png") != first, "now it is there already"
    Path("page.html").write_text("<p>mine</p>")
    done = run("convert", photo, "c.png", "--style", style, "--report", "page.html")
    assert (done.exit_code, Path("page.html").read_text()) == (2, "<p>mine</p>")
    assert "page.html exists already and is no report" in done.stderr
    assert not Path("c.png").exists()
    assert "converted 1" in words(page(photo, "c.png", "--overwrite"))


def test_a_page_that_cannot_be_written_hides_no_failure(run, style, picture_file):
    picture_file("in/a.png")
    Path("in/broken.png").write_text("no picture")
    Path("file").touch()
    done = run("convert", "in", "out", "--style", style, "--report", "file/page.html")
    assert done.exit_code == 1
    assert "failed: in/broken.png: not a picture in a known format" in done.stdout
    assert "failed: file/page.html: file cannot be made: " in done.stdout
    assert "1 picture converted, 2 failed" in done.stdout and "Report:" not in done.stdout


def test_its_folder_is_made(run, style, picture_file):
    photo = picture_file("a.png")
    done = run("convert", photo, "b.png", "--style", style, "--report", "pages/new/page.html")
    assert "Report: pages/new/page.html" in done.stdout and Path("pages/new/page.html").is_file()


@pytest.mark.parametrize("name", ["report.pdf", "report", "a.png"])
def test_a_name_that_is_no_pages(run, style, picture_file, name):
    photo = picture_file("a.png")
    done = run("convert", photo, "b.png", "--style", style, "--report", name)
    assert done.exit_code == 2
    assert f"{name} is no name for a page" in done.stderr and "--report" in done.stderr
    assert not Path("b.png").exists()


def test_json_names_it(run, style, picture_file):
    photo = picture_file("a.png")
    done = run("convert", photo, "b.png", "--style", style, "--report", "page.html", "--json")
    assert json.loads(done.stdout)["report"] == "page.html"
    again = run("convert", photo, "b.png", "--style", style, "--json")
    assert json.loads(again.stdout)["report"] is None


def test_a_film_is_named_and_not_shown(page):
    film(Path("in/a.mp4"), scenes=1)
    document = page("in", "out")
    assert "in/a.mp4: a film, which is not shown here" in words(document)
    assert 'class="slider"' not in document
