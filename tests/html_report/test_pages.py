"""Reports as HTML pages: self-contained, harmless, the same bytes for the same content."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image
from web_pages import Outline

from toonify.errors import ToonifyError
from toonify.html_report import (
    Page,
    columns,
    facts,
    gallery,
    histogram,
    line_chart,
    picture,
    slider,
    strip,
    table,
    write_page,
)

HOSTILE = "<script>alert(1)</script>\" onload='x' & $\\frac{1}{2}$.jpg"


def losses(name: str = "photo") -> str:
    return line_chart(
        {name: ([0, 1, 2], [3.0, float("nan"), 1.0]), "cartoon": ([0, 1, 2], [1.0, 2.0, 3.0])},
        alt="Losses",
        across="step",
        up="loss",
    )


def full_page(name: str = "a.jpg") -> Page:
    """Something of everything, with `name` wherever a name can stand."""
    square = np.full((8, 8, 3), 200, np.uint8)
    page = Page(name, name)
    page.section(name, name, table([name], [[name], [1234]]), facts({name: name, "path": Path(name)}))
    page.section("Pictures", gallery([(picture(square, name), name)]))
    page.section("Strip", strip([(picture(square, name), name)], alt=name))
    marked = line_chart({name: ([1, 2], [3, 4])}, alt=name, up=name, marks={name: 1}, dots=True)
    histograms = histogram({name: [1, 2, 2]}, alt=name, across=name, marks={name: 2})
    page.section("Charts", losses(name), columns([histograms, marked]))
    return page


class TestPage:
    def test_holds_its_sections_in_order(self) -> None:
        page = Page("Report", "of a test")
        page.section("First", "A sentence.")
        page.section("Second", table(["array", "pictures"], [["photo", 12_345], ["cartoon", 0.123456]]))
        outline = Outline(page.document())
        words = outline.text.split()
        order = [words.index(word) for word in ("First", "sentence.", "Second", "12,345", "0.1235")]
        assert order == sorted(order)
        assert [cell.get("class") for cell in outline.named("td")] == [None, "number", None, "number"]

    def test_needs_nothing_from_anywhere(self) -> None:
        outline = Outline(full_page().document())
        links = {"src", "href", "xlink:href", "srcset", "data", "action", "style"}
        for tag, attributes in outline.tags:
            assert tag not in {"script", "link", "iframe", "object"}
            for name in links & attributes.keys():
                assert re.match(r"data:image/|#|[^/]*$", attributes[name])
        assert "@import" not in outline.text and "url(" not in outline.text

    def test_is_read_on_a_phone_by_day_and_night(self) -> None:
        document = Page("a.jpg").document()
        assert '<meta name="viewport" content="width=device-width' in document
        assert "prefers-color-scheme: dark" in document

    def test_is_the_same_for_the_same_content(self) -> None:
        assert full_page().document() == full_page().document()

    def test_does_not_hang_on_the_users_own_settings(self) -> None:
        expected = full_page().document()
        with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.hashsalt": None}):
            assert full_page().document() == expected


class TestSliders:
    def page(self, name: str = "a.jpg") -> str:
        page = Page(name, sliders=True)
        grey = picture(np.zeros((4, 4, 3), np.uint8), name)
        page.section(name, gallery([(slider(grey, grey, name), name)]))
        return page.document()

    def test_the_browser_is_told_of_their_script_and_of_no_other(self) -> None:
        document = self.page()
        (script,) = re.findall(r"<script>(.*?)</script>", document, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        (policy,) = (one["content"] for one in Outline(document).named("meta") if "http-equiv" in one)
        allowed = ["default-src 'none'", "img-src data:", "style-src 'unsafe-inline'"]
        assert policy.split("; ") == [*allowed, f"script-src 'sha256-{digest}'"]
        assert "script-src" not in Page("a.jpg").document()

    def test_can_be_moved_by_keys_and_read_aloud(self) -> None:
        (control,) = Outline(self.page()).named("input")
        assert (control["type"], control["aria-label"]) == ("range", "a.jpg")

    def test_names_are_text_there_too(self) -> None:
        tame, wild = Outline(self.page()), Outline(self.page(HOSTILE))
        assert [tag for tag, _ in wild.tags] == [tag for tag, _ in tame.tags]
        assert wild.named("input")[0]["aria-label"] == HOSTILE


class TestNames:
    def test_with_markup_are_text(self) -> None:
        tame, wild = Outline(full_page().document()), Outline(full_page(HOSTILE).document())
        assert [tag for tag, _ in wild.tags] == [tag for tag, _ in tame.tags]
        assert not any(name.startswith("on") for _, attributes in wild.tags for name in attributes)
        assert wild.text.count(HOSTILE) == tame.text.count("a.jpg") > 8
        assert wild.named("img")[0]["alt"] == HOSTILE

    @pytest.mark.parametrize("name", ["\udcff.jpg", "a\x00b", "a\x1b[31m", "gpj.\u202eexe"])
    def test_of_any_bytes_can_be_written(self, tmp_path: Path, name: str) -> None:
        write_page(tmp_path / "report.html", full_page(name))
        text = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert "\N{REPLACEMENT CHARACTER}" in text
        assert not set(text) & {"\x00", "\x1b", "\u202e"}


class TestPictures:
    def stored(self, markup: str) -> Image.Image:
        (image,) = Outline(markup).named("img")
        return Image.open(io.BytesIO(base64.b64decode(image["src"].partition(",")[2])))

    def test_an_array_is_inside_the_page(self) -> None:
        ramp = np.linspace(0, 255, 32).astype(np.uint8)[None, :, None].repeat(24, 0).repeat(3, 2)
        found = self.stored(picture(ramp, "a ramp"))
        assert found.size == (32, 24)
        assert np.abs(np.asarray(found).astype(int) - ramp).max() < 12

    def test_its_size_is_told_so_that_the_page_stands_still(self) -> None:
        (image,) = Outline(picture(np.zeros((24, 1200, 3), np.uint8), "wide")).named("img")
        assert (image["width"], image["height"]) == ("1200", "24")


class TestCharts:
    def svg(self, markup: str) -> ElementTree.Element:
        found = re.search(r"<svg.*</svg>", markup, re.DOTALL)
        return ElementTree.fromstring(found.group())

    def words(self, markup: str) -> set[str]:
        return {element.text for element in self.svg(markup).iter() if element.tag.endswith("text")}

    def test_text_stays_text(self) -> None:
        assert {"photo", "cartoon", "step", "loss"} <= self.words(losses())

    def test_one_series_needs_no_legend(self) -> None:
        assert "photo" not in self.words(line_chart({"photo": ([0, 1], [0, 1])}, alt="One"))

    def test_names_of_a_legend_have_room(self) -> None:
        names = [f"portrait-of-officials-rate-1e-4-run-{number}" for number in range(3)] + ["W" * 200 + "end"]
        chart = self.svg(line_chart({name: ([0, 1], [0, 1]) for name in names}, alt="Runs"))
        places = {e.text: e.get("transform") or e.get("y") for e in chart.iter() if e.tag.endswith("text")}
        assert {*names[:3]} <= places.keys() and any(text.startswith("…W") for text in places)
        assert len({places[name] for name in names[:3]}) == 3  # below one another

    def test_names_that_begin_with_an_underscore_are_shown_too(self) -> None:
        values = {"_old": [0.0, 1.0], "_new": [1.0, 2.0]}
        lines = line_chart({name: ([0, 1], each) for name, each in values.items()}, alt="Runs")
        for chart in (lines, histogram(values, alt="Runs")):
            assert {"_old", "_new"} <= self.words(chart)

    def test_a_missing_value_is_a_gap(self) -> None:
        whole = line_chart({"a": ([0, 1, 2, 3], [0, 1, 5, 3])}, alt="")
        gap = line_chart({"a": ([0, 1, 2, 3], [0, 5, float("nan"), 3])}, alt="")
        assert len(re.findall(r"\bL ", gap)) == len(re.findall(r"\bL ", whole)) - 2

    def test_ticks_are_whole_numbers(self) -> None:
        assert {"0", "1"} <= self.words(line_chart({"a": ([0, 1], [2, 3])}, alt="One"))
        assert {"20,000"} <= self.words(line_chart({"a": ([0, 20_000], [2, 3])}, alt="Many"))
        assert not any("." in tick for tick in self.words(line_chart({"a": ([0, 1], [20, 30])}, alt="One")))

    def test_what_lies_beneath_may_leave_the_chart(self) -> None:
        line, wild = {"a": ([0, 1], [1.0, 2.0])}, {"a": ([0, 1], [1.0, 900.0])}
        assert "800" in self.words(line_chart(line, alt="", beneath=wild))
        assert "800" not in self.words(line_chart(line, alt="", beneath=wild, limits=(0, 3)))

    def test_names_of_marks_side_by_side_have_a_row_each(self) -> None:
        chart = self.svg(line_chart({"a": ([0, 9], [2, 3])}, alt="One", marks={"first": 0, "next": 1}))
        heights = {e.text: e.get("y") or e.get("transform") for e in chart.iter() if e.tag.endswith("text")}
        assert heights["first"].split()[-1] != heights["next"].split()[-1]

    def test_ink_and_ground_are_the_pages(self) -> None:
        assert "currentColor" in losses() and "#010203" not in losses()
        assert "#ffffff" not in losses()

    def test_marks_stand_beside_their_name(self) -> None:
        markup = histogram({"photo": [1, 10, 100]}, alt="Sizes", marks={"tiny": 5}, logarithmic=True)
        assert "tiny" in self.words(markup) and "100" in self.words(markup)

    def test_logarithmic_axes_have_plain_numbers(self) -> None:
        words = self.words(histogram({"photo": [20, 50, 90]}, alt="Sizes", logarithmic=True))
        assert {"20", "50"} <= words
        assert not any("$" in word for word in words)

    @pytest.mark.parametrize("values", [[], [7], [7, 7, 7]])
    def test_few_values_are_a_histogram_too(self, values: list[float]) -> None:
        for logarithmic in (False, True):
            assert "<svg" in histogram({"photo": values}, alt="Sizes", logarithmic=logarithmic)

    def test_two_charts_share_no_names(self) -> None:
        charts = losses(), histogram({"a": [1, 2]}, alt="Sizes")
        first, second = (set(re.findall(r' id="([^"]+)"', chart)) for chart in charts)
        assert first and not first & second


def test_a_home_that_cannot_be_written_is_no_news() -> None:
    code = "from toonify.html_report import line_chart; line_chart({'a': ([0, 1], [0, 1])}, alt='')"
    home = {"HOME": os.devnull, "XDG_CACHE_HOME": os.devnull, "MPLCONFIGDIR": os.devnull + "/fonts"}
    done = subprocess.run([sys.executable, "-c", code], env=os.environ | home, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(ToonifyError, match=r"report\.html cannot be written"):
        write_page(tmp_path / "nowhere" / "report.html", Page("a.jpg"))
