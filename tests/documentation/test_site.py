"""The documentation site: its pages are gathered, it is built strictly, and asks no other host."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import make_pages
import pytest
from chromium import running
from doc_pages import DOCS, ROOT, text
from markdown_it import MarkdownIt
from web_pages import Outline, static_host

PHONE, DESK = 390, 1440  # pixels
LEADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
"""Elements that make a browser fetch what an attribute names."""


@pytest.fixture(scope="session")
def gathered(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("documentation") / "pages"
    make_pages.gather(folder)
    return folder


@pytest.fixture(scope="session")
def site(gathered, mkdocs) -> Path:
    """What MkDocs makes of it."""
    built = gathered.with_name("site")
    settings = {
        "INHERIT": str(ROOT / "mkdocs.yml"),
        "docs_dir": str(gathered),
        "site_dir": str(built),
        "site_url": "https://example.org/toonify/",
        "theme": {"custom_dir": str(DOCS / "theme")},
    }
    config = gathered.with_name("mkdocs.yml")
    config.write_text(json.dumps(settings), encoding="utf-8")  # which is YAML, too
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file", str(config)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "TRY": "try/"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return built


def test_links_between_gathered_pages_lead_somewhere(gathered):
    for page in gathered.rglob("*.md"):
        for words in make_pages.FENCED.split(text(page))[::2]:
            for target, _ in make_pages.LINK.findall(words):
                assert (page.parent / target).exists(), f"{page.relative_to(gathered)} leads to {target}"


def test_code_outside_of_the_documentation_is_a_page(gathered):
    recipe = text(gathered / "recipes" / "comic.sh.md")
    assert text(ROOT / "recipes" / "comic.sh").strip() in recipe
    assert "](../../recipes/comic.sh.md)" not in text(gathered / "styles.md")
    assert "](recipes/comic.sh.md)" in text(gathered / "styles.md")


def test_parts_of_the_readme_are_included_not_repeated(gathered):
    written, shown = text(DOCS / "quick-start.md"), text(gathered / "quick-start.md")
    readme = text(ROOT / "README.md")
    table = re.search(r"^\| `pip install toonify-gan-light`.*\n", readme, re.MULTILINE)[0]
    assert table in shown and table not in written
    assert "<!--" not in shown and "\n# toonify" not in shown
    assert "](convert.md)" in shown, "links of what is included are those of its new place"


@pytest.mark.parametrize("step", ["  ", "   ", "    "])
def test_lists_are_indented_as_mkdocs_wants_them(step):
    page = f"- one\n\n{step}more\n\n{step}```sh\n{step}  code\n{step}```\n"
    (paragraph, fence, code) = (make_pages.indented(page).splitlines()[line] for line in (2, 4, 5))
    assert re.fullmatch(" {4,6}more", paragraph) and re.fullmatch(" {4,6}```sh", fence)
    assert code.removeprefix(fence[: -len("```sh")]) == "  code"


def test_bars_of_code_in_tables_are_bars(gathered):
    assert "`--format keep\\|jpeg\\|png\\|webp`" in text(DOCS / "cli.md")
    assert "`--format keep|jpeg|png|webp`" in text(gathered / "cli.md")


def test_every_page_has_its_place_in_the_navigation():
    config = text(ROOT / "mkdocs.yml")
    assert not [page.name for page in DOCS.glob("*.md") if f": {page.name}\n" not in config]


def fetched(page: Path) -> list[str]:
    """What a browser fetches for a page."""
    return [
        found.get(LEADS[tag]) or ""
        for tag, found in Outline(text(page)).tags
        if tag in LEADS and found.get("rel") not in ("canonical", "next", "prev")
    ]


ALIKE = ("table", "tr", "li", "h2", "h3", "h4", "pre", "code", "img")


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_the_site_shows_what_github_shows(site, page):
    """As many tables, rows, entries of lists and pieces of code: their Markdowns differ in what makes one."""
    if "<!-- include:" in text(page):
        pytest.skip("holds parts of other pages")
    built = text(site / ("" if page.stem == "index" else page.stem) / "index.html")
    article = built[built.index("<article") : built.index("</article>")]
    on_github = MarkdownIt("commonmark", {"html": True}).enable("table").render(text(page))
    assert {tag: len(re.findall(f"<{tag}[ />]", article)) for tag in ALIKE} == {
        tag: len(re.findall(f"<{tag}[ />]", on_github)) for tag in ALIKE
    }


def test_no_page_fetches_anything_from_another_host(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        foreign = [address for address in fetched(page) if re.match(r"[a-z]*:?//", address)]
        assert not foreign, f"{page.relative_to(site)} fetches {foreign}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", text(sheet)), sheet.name


def test_errors_can_be_searched_for(site):
    index = json.loads(text(site / "search" / "search_index.json"))
    entries = [entry for entry in index["docs"] if entry["location"].startswith("troubleshooting/")]
    assert any("not a picture in a known format" in entry["title"] for entry in entries)
    assert not any(entry["location"].startswith("recipes/") for entry in index["docs"])


def test_a_link_to_it_has_a_card(site):
    tags = Outline(text(site / "train" / "index.html")).named("meta")
    meta = {tag["property"]: tag["content"] for tag in tags if "property" in tag}
    assert meta["og:title"].startswith("Train") and meta["og:url"] == "https://example.org/toonify/train/"
    assert (site / meta["og:image"].removeprefix("https://example.org/toonify/")).is_file()


def test_the_front_page_leads_to_the_page_that_draws(site):
    assert '<a href="try/">' in text(site / "index.html")
    assert '<a href="../try/">' not in text(site / "train" / "index.html")


def test_whoever_is_lost_finds_home(site):
    assert 'href="/toonify/."' in text(site / "404.html") and "not in the picture" in text(site / "404.html")


@pytest.fixture
def address(site) -> Iterator[str]:
    """The site, served on loopback."""
    with static_host(site) as address:
        yield address


@pytest.mark.slow
def test_pages_fit_and_are_quiet(site, address, chromium_program, tmp_path):
    """No page is wider than a phone's screen, complains, or asks another host for anything."""
    from PIL import Image

    places = re.findall(r"<loc>https://example.org/toonify/([^<]*)</loc>", text(site / "sitemap.xml"))
    read = [place for place in places if place.count("/") < 2]  # and not the code that they lead to
    assert len(read) > 15
    with running(chromium_program, tmp_path / "profile") as browser:
        for width, shown in ((PHONE, read), (DESK, ["", "cli/", "design/"])):
            browser.resize(width, 844, mobile=width == PHONE)
            for place in shown:
                browser.open(address + place)
                assert browser.run("document.documentElement.scrollWidth") <= width, place
        browser.open(address)
        browser.until("document.querySelectorAll('.reveal').length === 2")
        with Image.open(io.BytesIO(browser.screenshot())) as seen:
            assert len(seen.convert("RGB").getcolors(2**24)) > 1000, "the photographs are there"
        assert not [
            asked for asked in browser.requests() if not asked.startswith((address, "data:", "blob:"))
        ]
        assert not browser.complaints()


@pytest.mark.slow
def test_search_finds_an_error_without_a_network(address, chromium_program, tmp_path):
    with running(chromium_program, tmp_path / "profile") as browser:
        browser.resize(DESK, 900)
        browser.open(address)
        browser.run(
            "(() => { const box = document.querySelector('.md-search__input'); box.focus();"
            " box.value = 'known format'; box.dispatchEvent(new Event('keyup', {bubbles: true}));"
            " box.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        browser.until(
            "[...document.querySelectorAll('.md-search-result__link')]"
            ".some(link => link.href.includes('troubleshooting'))"
        )
        assert not browser.complaints()


@pytest.mark.slow
def test_what_is_copied_from_a_terminal_can_be_pasted_into_one(address, chromium_program, tmp_path):
    copied = (
        "[...document.querySelectorAll('.language-console code')]"
        ".map(code => (code.setAttribute('data-md-copying', ''), code.innerText.trim()))"
    )
    with running(chromium_program, tmp_path / "profile") as browser:
        browser.resize(DESK, 900)
        browser.open(f"{address}troubleshooting/")
        told = browser.run(copied)
    assert "toonify convert notes.jpg" in told
    assert any(text.startswith("error: reading films needs PyAV") for text in told)
