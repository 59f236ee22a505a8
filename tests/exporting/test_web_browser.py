"""The page in a browser: it draws what `convert` draws, asks nobody else, and takes bad input kindly."""

from __future__ import annotations

import base64
import functools
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cartoon_page import READY, TOLD, click, downloaded, draw, draw_and_keep, likeness, shown, text
from chromium import Chromium
from drawing import draw_picture
from PIL import Image
from web_pages import Quiet, serving, static_host

import toonify
from toonify.converting.detail import drawing_size
from toonify.converting.grey import has_no_colours
from toonify.exporting.web import PageServer, make_site
from toonify.media import Enlarging, eight_bits
from toonify.styles import load_style

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"


@pytest.fixture(scope="module")
def small_style(styles, tmp_path_factory) -> Path:
    """The tiny `lite`: larger pictures are drawn at 90 × 90, small ones enlarged up to twice; grey stays."""
    folder = tmp_path_factory.mktemp("style")
    for file in styles("lite").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    card = json.loads((folder / "style.json").read_text("utf-8"))
    (folder / "style.json").write_text(json.dumps({**card, "detail": 90, "enlarge": 2, "keeps_grey": True}))
    return folder


@pytest.fixture(scope="module")
def site(web_runtime, small_style, styles) -> Mapping[str, bytes]:
    """The files of a page: the tiny style, and `cartoongan`, which sees pictures whole."""
    return make_site([load_style(small_style), load_style(styles("cartoongan"))])


@contextmanager
def served(site: Mapping[str, bytes]) -> Iterator[PageServer]:
    """A page at an address of its own, as `toonify serve` serves it."""
    with PageServer(dict(site), 0) as server, serving(server):
        yield server


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with served(site) as server:
        yield server.address


def with_styles(site: Mapping[str, bytes], *styles: dict[str, Any]) -> dict[str, bytes]:
    """The same page, but for what its index says of styles."""
    index = {**json.loads(site["page.json"]), "styles": styles}
    return {**site, "page.json": json.dumps(index).encode()}


def write_site(folder: Path, site: Mapping[str, bytes]) -> None:
    for path, data in site.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def choose(page: Chromium, control: str, value: float) -> None:
    """Move a slider, and wait for the drawing that follows."""
    page.run(f"""(() => {{
        const slider = document.getElementById('control-{control}');
        document.getElementById('status').textContent = '';
        slider.value = {value};
        slider.dispatchEvent(new Event('input'));
    }})()""")


def drawn_again(page: Chromium) -> None:
    page.until("document.getElementById('status').textContent.includes('drawn in')")


def test_a_real_photograph_is_drawn_as_convert_draws_it_on_a_static_host(
    browser, run, tmp_path, web_runtime, small_style
):
    assert run("export", small_style, "--to", "web", "-o", tmp_path).exit_code == 0
    with Image.open(SAMPLES / "cat.jpg") as photo:
        photo.save(tmp_path / "cat.png")
    browser.events.clear()
    with static_host(tmp_path / "tiny-lite-web") as address:
        browser.open(address)
        browser.until(READY)
        assert browser.run("crossOriginIsolated") is False  # one thread then
        draw(browser, tmp_path / "cat.png")
        cartoon = downloaded(browser, tmp_path / "downloads")
    assert likeness(cartoon, toonify.convert(tmp_path / "cat.png", small_style)) > 45
    assert browser.complaints() == []
    assert [asked for asked in browser.requests() if not asked.startswith((address, "blob:"))] == []


@pytest.mark.parametrize("size", [(331, 203), (89, 41), (23, 7), (1201, 901)])
def test_it_draws_what_convert_draws_at_any_size(used_page, small_style, picture_file, tmp_path, size):
    photo = picture_file("photo.png", size)
    draw(used_page, photo)
    cartoon = downloaded(used_page, tmp_path / "downloads")
    assert likeness(cartoon, toonify.convert(photo, small_style)) > 45
    assert np.array_equal(shown(used_page), np.asarray(cartoon.convert("RGB")))


def test_what_is_grey_stays_so(used_page, small_style, picture_file, tmp_path):
    photo = picture_file("photo.png", (120, 90))
    with Image.open(photo) as image:
        image.convert("L").save(photo)
    draw(used_page, photo)
    cartoon = downloaded(used_page, tmp_path / "downloads")
    assert likeness(cartoon, toonify.convert(photo, small_style)) > 45
    assert np.ptp(np.asarray(cartoon.convert("RGB")), axis=2).max() < 4


GREY = {
    "one tone": ([[7, 7, 7, 255]] * 4, True),
    "rounded by a codec": ([[7, 7, 7, 255], [7, 15, 7, 255]], True),
    "one pixel of a colour": ([[7, 7, 7, 255], [7, 16, 7, 255]], False),
    "a colour that nobody sees": ([[7, 7, 7, 255], [7, 90, 7, 0]], True),
}


@pytest.mark.parametrize(("pixels", "expected"), GREY.values(), ids=GREY.keys())
def test_what_is_grey_is_so_for_convert_too(scripts, pixels, expected):
    picture = json.dumps({"pixels": [value for pixel in pixels for value in pixel]})
    assert scripts.run(f"import('./drawing/cartoon.js').then((made) => made.isGrey({picture}))") == expected
    assert has_no_colours(np.array([pixels], np.uint8)) == expected


def test_every_pixel_is_offered_where_there_are_more_than_the_style_draws(used_page, picture_file):
    offered = "document.getElementById('every-pixel') !== null"
    draw(used_page, picture_file("small.png", (90, 90)))
    assert not used_page.run(offered)
    draw(used_page, picture_file("large.png", (91, 90)))
    assert used_page.run(offered)


def test_its_card_tells_at_which_size_it_draws_best(used_page):
    used_page.run("document.getElementById('about').open = true")
    assert "90 × 90 pixels; smaller pictures are enlarged up to 2 times" in text(used_page, "about")


@pytest.mark.parametrize("side", [60, 20])  # of what a style reduces, and of what it enlarges
def test_what_is_transparent_stays_so(used_page, small_style, picture_file, tmp_path, side):
    photo = picture_file("photo.png", (3 * side, 2 * side), "RGBA")
    with Image.open(photo) as image:
        alpha = Image.new("L", image.size, 0)
        alpha.paste(255, (side // 3, side // 6, 2 * side, 5 * side // 3))
        image.putalpha(alpha)
        image.save(photo)
    draw(used_page, photo)
    assert likeness(downloaded(used_page, tmp_path / "downloads"), toonify.convert(photo, small_style)) > 45


def test_what_is_half_transparent_is_shown_no_more_opaque_where_it_is_drawn(used_page, tmp_path):
    veil = tmp_path / "veil.png"
    Image.new("RGBA", (300, 100), (200, 40, 40, 128)).save(veil)
    draw(used_page, veil)
    edges = used_page.run("""(() => {
        const [photo, cartoon] = ['photo', 'cartoon'].map((name) => document.getElementById(name));
        const context = cartoon.getContext('2d');
        context.clearRect(0, 0, cartoon.width, cartoon.height);
        context.drawImage(photo, 0, 0, cartoon.width, cartoon.height);
        const { left, top, right, bottom } = photo.getBoundingClientRect();
        return [left, top, right, bottom].map(Math.round);
    })()""")
    with Image.open(io.BytesIO(used_page.screenshot())) as seen:
        sheet = np.asarray(seen.convert("RGB").crop(edges), np.int16)
    band = sheet[len(sheet) * 3 // 4 : -20]  # below the tags and the handle
    middle = band.shape[1] // 2
    before, after = band[:, 20 : middle - 20], band[:, middle + 20 : -20]
    for side in (before, after):
        assert np.ptp(side[..., 1]) > 10  # the chequered ground shows through
    assert np.abs(before.min((0, 1)) - after.min((0, 1))).max() <= 2
    assert np.abs(before.max((0, 1)) - after.max((0, 1))).max() <= 2


def test_a_photograph_lying_on_its_side_is_set_upright_and_stays_a_jpeg(used_page, picture_file, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    used_page.run("document.getElementById('status').textContent = ''")
    used_page.give_file("#file", picture_file("photo.jpg", (120, 80), exif=exif))
    used_page.until("document.getElementById('status').textContent.startsWith('80 × 120')")
    with downloaded(used_page, tmp_path / "downloads", ".jpg") as cartoon:
        assert cartoon.size == (80, 120)


BAD: dict[str, tuple[bytes, str]] = {
    "notes.txt": (b"Dear diary", "is not a picture. A JPEG, PNG or WebP file will do."),
    "holiday.heic": (
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "is a HEIC picture, which this browser does not open",
    ),
    "film.mp4": (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "is a film"),
    "broken.jpg": (b"\xff\xd8\xff\xe0" + bytes(500), "is damaged, cut short, or too large"),
    "empty.png": (b"", "is empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_gets_a_kind_sentence_and_costs_nothing(used_page, tmp_path, picture_file, name):
    content, words = BAD[name]
    (tmp_path / name).write_bytes(content)
    used_page.give_file("#file", tmp_path / name)
    used_page.until("!document.getElementById('alert').hidden")
    assert f"“{name}” {words}" in text(used_page, "alert")
    draw(used_page, picture_file("photo.png"))
    assert used_page.run("document.getElementById('alert').hidden")


def test_a_huge_picture_is_refused_with_its_size(used_page, tmp_path):
    Image.new("1", (12_000, 9_000)).save(tmp_path / "huge.png")
    used_page.give_file("#file", tmp_path / "huge.png")
    used_page.until("!document.getElementById('alert').hidden")
    assert "“huge.png” has 108 megapixels, more than a browser can draw" in text(used_page, "alert")


def test_what_is_dropped_or_pasted_is_drawn(used_page):
    for event, place in (("DragEvent('drop'", "dataTransfer"), ("ClipboardEvent('paste'", "clipboardData")):
        used_page.run(f"""(async () => {{
            document.getElementById('status').textContent = '';
            const blob = await (await fetch('example.jpg')).blob();
            const data = new DataTransfer();
            data.items.add(new File([blob], 'dropped.jpg', {{ type: 'image/jpeg' }}));
            window.dispatchEvent(new {event}, {{ {place}: data }}));
        }})()""")
        used_page.until("document.getElementById('status').textContent.startsWith('512 × 512')")


def test_what_is_left_out_of_what_was_given_is_told(used_page, picture_file):
    used_page.run("""(async () => {
        document.getElementById('status').textContent = '';
        const blob = await (await fetch('example.jpg')).blob();
        const data = new DataTransfer();
        data.items.add(new File(['words'], 'words.txt', { type: 'text/plain' }));
        for (const name of ['a.jpg', 'b.jpg']) data.items.add(new File([blob], name, { type: 'image/jpeg' }));
        window.dispatchEvent(new DragEvent('drop', { dataTransfer: data }));
    })()""")
    drawn_again(used_page)
    assert "of 3 files, the others are left out" in text(used_page, "status")
    first, *others = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
    first.save(moving := picture_file("moving.gif"), save_all=True, append_images=others)
    draw(used_page, moving)
    assert "Of this animation one frame is drawn." in text(used_page, "status")
    draw(used_page, picture_file("still.gif"))
    assert text(used_page, "status").endswith("Slide to compare.")


@pytest.mark.parametrize(
    "event", ["DragEvent('drop', { dataTransfer", "ClipboardEvent('paste', { clipboardData"]
)
def test_words_and_addresses_that_are_dropped_or_pasted_are_told_to_be_no_picture(used_page, event):
    used_page.run(f"""(() => {{
        const data = new DataTransfer();
        data.setData('text/uri-list', 'https://example.org/cat.jpg');
        window.dispatchEvent(new {event}: data }}));
    }})()""")
    used_page.until("!document.getElementById('alert').hidden")
    assert "That holds no picture. Save the picture first" in text(used_page, "alert")


def test_the_comparison_moves_by_keys(used_page):
    used_page.run("document.getElementById('wipe').focus()")
    key = {"key": "End", "code": "End", "windowsVirtualKeyCode": 35}
    for kind in ("keyDown", "keyUp"):
        used_page.tell("Input.dispatchKeyEvent", type=kind, **key)
    assert used_page.run("document.getElementById('wipe').getAttribute('aria-valuetext')").startswith("100 %")
    assert (
        used_page.run("getComputedStyle(document.getElementById('sheet')).getPropertyValue('--at')") == "100%"
    )


def test_resetting_by_keys_leaves_the_focus_where_it_was(used_page):
    used_page.run("document.querySelector('.reset').focus(), document.querySelector('.reset').click()")
    assert used_page.run("document.activeElement === document.querySelector('.reset')")


@pytest.fixture
def adjusted_page(used_page) -> Iterator[Chromium]:
    """The same, for tests that move its sliders: these are where they were afterwards."""
    yield used_page
    used_page.run("document.getElementById('status').textContent = ''")
    used_page.run("document.querySelector('.reset').click()")
    drawn_again(used_page)


@pytest.mark.parametrize("size", [(200, 150), (60, 45)])
def test_with_controls_strength_and_threads(adjusted_page, small_style, picture_file, tmp_path, size):
    photo = picture_file("photo.png", size)
    assert adjusted_page.run("crossOriginIsolated") is True
    draw(adjusted_page, photo)
    choose(adjusted_page, "ink", 0.5)
    drawn_again(adjusted_page)
    choose(adjusted_page, "colour", 1.5)
    drawn_again(adjusted_page)
    choose(adjusted_page, "strength", 0.6)
    expected = toonify.convert(photo, small_style, strength=0.6, controls={"ink": 0.5, "colour": 1.5})
    assert likeness(downloaded(adjusted_page, tmp_path / "downloads"), expected) > 45


def test_every_pixel_in_tiles(adjusted_page, small_style, picture_file, tmp_path):
    photo = picture_file("photo.png", (1001, 803))
    draw(adjusted_page, photo)
    adjusted_page.run("document.getElementById('status').textContent = ''")
    click(adjusted_page, "every-pixel")
    drawn_again(adjusted_page)
    expected = toonify.convert(photo, small_style, detail=0)
    assert likeness(downloaded(adjusted_page, tmp_path / "downloads"), expected) > 45


def test_every_pixel_of_a_large_picture_leaves_small_ones_enlarged(
    adjusted_page, small_style, picture_file, tmp_path
):
    draw(adjusted_page, picture_file("large.png", (91, 90)))
    adjusted_page.run("document.getElementById('status').textContent = ''")
    click(adjusted_page, "every-pixel")
    drawn_again(adjusted_page)
    photo = picture_file("small.png", (60, 45))
    draw(adjusted_page, photo)
    assert (
        likeness(downloaded(adjusted_page, tmp_path / "downloads"), toonify.convert(photo, small_style)) > 45
    )


def test_everything_can_be_reached_and_has_a_name_for_screen_readers(used_page, picture_file):
    draw(used_page, picture_file("large.png", (91, 90)))  # of which every pixel is offered
    used_page.tell("Accessibility.enable")
    nodes = used_page.tell("Accessibility.getFullAXTree")["nodes"]
    acting = {"button", "slider", "radio", "checkbox", "link", "DisclosureTriangle"}
    found = [n for n in nodes if not n["ignored"] and n["role"]["value"] in acting]
    assert {"button", "slider", "radio", "checkbox"} <= {n["role"]["value"] for n in found}
    assert [n for n in found if not n.get("name", {}).get("value")] == []


def test_the_focus_goes_on_from_buttons_that_are_gone_once_they_are_pressed(page, address, picture_file):
    def press(selector: str) -> None:
        page.run(f"document.querySelector('{selector}').focus(), document.activeElement.click()")

    def focused(name: str) -> None:
        page.until(f"document.activeElement.id === '{name}'")

    draw(page, picture_file("photo.png", (60, 45)))
    press("#example")
    focused("choose")
    page.give_file("#file", Path(__file__))
    page.until("!document.getElementById('alert').hidden")
    press("#alert button")
    focused("choose")
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="granted", origin=address)
    press("#camera")
    focused("snap")
    press("#stop")
    focused("camera")


@pytest.mark.parametrize("first", ["slider", "download"])
def test_a_slider_that_moves_as_a_file_is_asked_for_does_not_lose_it(page, picture_file, tmp_path, first):
    draw(page, picture_file("a.png", size=(2400, 1600)))
    moved = """(() => {
        const slider = document.getElementById('control-ink');
        slider.value = 0;
        slider.dispatchEvent(new Event('input'));
    })()"""
    asked = "document.getElementById('download').click()"
    page.downloads_to(folder := tmp_path / "downloads")
    page.run("document.getElementById('status').textContent = ''")
    page.run("; ".join([moved, asked] if first == "slider" else [asked, moved]))
    page.wait_for(lambda: [*folder.glob("*.png")], "the download")
    drawn_again(page)


@pytest.mark.parametrize("then", ["another picture", "another style"])
def test_a_file_that_was_asked_for_is_finished_whatever_is_chosen_then(page, picture_file, tmp_path, then):
    draw(page, picture_file("a.png", size=(2400, 1600)))
    other = picture_file("b.png", size=(96, 64))
    page.downloads_to(folder := tmp_path / "downloads")
    click(page, "download")
    if then == "another picture":
        draw(page, other)
    else:
        page.run("document.getElementById('status').textContent = ''")
        page.run("document.getElementsByName('style')[1].click()")
        drawn_again(page)
    page.wait_for(lambda: [*folder.glob("*.png")], "the download")
    assert [file.name for file in folder.iterdir()] == ["a-tiny-lite.png"]


@pytest.fixture
def slow_opening(page) -> None:
    """Pictures called slow.png are not open before `letItOpen()`."""
    page.run("""(() => {
        const open = createImageBitmap;
        const wait = new Promise((resolve) => (window.letItOpen = resolve));
        window.createImageBitmap = async (...given) => {
            if (given[0].name === 'slow.png') await wait;
            return open(...given);
        };
    })()""")


@pytest.mark.usefixtures("slow_opening")
@pytest.mark.parametrize("damaged", [False, True])
def test_a_picture_that_takes_long_to_open_does_not_replace_one_that_was_opened_later(
    page, picture_file, damaged
):
    slow = picture_file("slow.png", (120, 80))
    if damaged:  # which nobody needs to know any more
        slow.write_bytes(slow.read_bytes()[:60])
    page.give_file("#file", slow)
    draw(page, picture_file("quick.png", (96, 64)))
    page.run("letItOpen()")
    draw(page, picture_file("next.png", (60, 45)))
    assert page.run("document.getElementById('photo').getAttribute('aria-label')").endswith("next.png")
    assert text(page, "status").startswith("60 × 45")
    assert page.run("document.getElementById('alert').hidden")


@pytest.mark.usefixtures("slow_opening")
def test_what_holds_no_picture_does_not_take_the_place_of_one_that_is_being_opened(page, picture_file):
    page.give_file("#file", picture_file("slow.png", (120, 80)))
    page.run("dispatchEvent(new ClipboardEvent('paste', {clipboardData: new DataTransfer()}))")
    page.until("!document.getElementById('alert').hidden")
    page.run("letItOpen()")
    page.until("document.getElementById('photo').getAttribute('aria-label').endsWith('slow.png')")


def test_another_style_draws_another_cartoon_and_shows_its_card(page, styles, picture_file, tmp_path):
    photo = picture_file("photo.png", (96, 64))
    draw(page, photo)
    page.run(
        "document.getElementById('status').textContent = ''; document.getElementsByName('style')[1].click()"
    )
    drawn_again(page)
    assert "tiny cartoongan" in text(page, "about")
    page.run("document.getElementById('about').open = true")
    assert "CC0-1.0" in text(page, "about")
    expected = toonify.convert(photo, styles("cartoongan"))
    assert likeness(downloaded(page, tmp_path / "downloads"), expected) > 45


def test_the_example_is_there_at_once_and_one_click_away_later(page, picture_file):
    assert page.run("document.getElementById('cartoon').width") == 512
    draw(page, picture_file("photo.png"))
    click(page, "example")
    page.until("document.getElementById('status').textContent.startsWith('512 × 512')")


def test_a_long_drawing_can_be_cancelled(page, picture_file):
    draw(page, picture_file("photo.png", (1600, 1200)))
    click(page, "every-pixel")
    page.until("document.getElementById('progress').value > 0")
    click(page, "cancel")
    assert text(page, "status") == "Cancelled."
    assert page.run("document.getElementById('busy').hidden")
    draw(page, picture_file("another.png"))


def test_the_camera_is_drawn_live_and_its_picture_at_full_size(page, address, tmp_path):
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="granted", origin=address)
    click(page, "camera")
    page.until("document.getElementById('status').textContent.startsWith('Live:')")
    assert page.run("document.getElementById('bar').hidden")
    click(page, "snap")
    drawn_again(page)
    size = [int(side) for side in text(page, "status").split(" pixels")[0].split(" × ")]
    assert downloaded(page, tmp_path / "downloads", ".jpg").size == tuple(size)
    assert size[0] >= 640


def test_the_camera_can_be_turned_and_one_that_is_lacking_is_told(page, address):
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="granted", origin=address)
    click(page, "camera")
    for _ in range(2):
        page.until("document.getElementById('status').textContent.startsWith('Live:')")
        page.run("window.before = document.getElementById('video').srcObject, 0")
        click(page, "turn")
        page.until("![null, before].includes(document.getElementById('video').srcObject)")
        page.run("document.getElementById('status').textContent = ''")
    page.until("document.getElementById('status').textContent.startsWith('Live:')")
    page.run("""navigator.mediaDevices.getUserMedia =
        () => Promise.reject(new DOMException('', 'OverconstrainedError')), 0""")
    click(page, "turn")
    page.until("document.getElementById('alert').innerText.includes('no camera that faces that way')")
    assert page.run("document.getElementById('livebar').hidden")


SLOW_CAMERA = """(() => {
    const devices = navigator.mediaDevices;
    const get = devices.getUserMedia.bind(devices);
    const wait = new Promise((resolve) => (window.letItStart = resolve));
    devices.getUserMedia = async (...given) => (await wait, window.given = await get(...given));
})()"""


@pytest.mark.parametrize("then", ["stop", "another picture"])
def test_a_camera_that_starts_after_it_was_left_is_switched_off(page, address, picture_file, then):
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="granted", origin=address)
    click(page, "camera")
    page.until("document.getElementById('status').textContent.startsWith('Live:')")
    page.run(SLOW_CAMERA)
    click(page, "turn")
    click(page, "snap")  # of what is not there yet
    page.until("document.getElementById('alert').innerText.includes('The camera is not there yet')")
    if then == "stop":
        click(page, "stop")
    else:
        draw(page, picture_file("photo.png"))
    page.run("letItStart()")
    page.until("window.given?.getTracks()[0].readyState === 'ended'")
    assert page.run("document.getElementById('livebar').hidden")
    assert page.run("document.getElementById('video').srcObject === null")


def test_a_camera_that_is_taken_away_is_told_and_the_picture_before_is_back(page, address):
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="granted", origin=address)
    click(page, "camera")
    page.until("document.getElementById('status').textContent.startsWith('Live:')")
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="denied", origin=address)
    page.until("document.getElementById('alert').innerText.includes('The camera was switched off')")
    assert page.run("document.getElementById('livebar').hidden")
    drawn_again(page)
    assert text(page, "status").startswith("512 × 512")


def test_a_camera_that_is_refused_or_missing_is_told_kindly(page, address):
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="denied", origin=address)
    click(page, "camera")
    page.until("!document.getElementById('alert').hidden")
    assert "The camera was not allowed." in text(page, "alert")
    page.run(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError')), 0"
    )
    click(page, "camera")
    page.until("document.getElementById('alert').innerText.includes('There is no camera on this device')")
    assert not page.run("document.getElementById('bar').hidden")


def test_a_browser_without_simd_is_told_what_it_lacks(browser, address):
    script = browser.tell(
        "Page.addScriptToEvaluateOnNewDocument", source="WebAssembly.validate = () => false"
    )
    try:
        browser.open(address)
        browser.until("!document.getElementById('alert').hidden")
    finally:
        browser.tell("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])
    assert "lacks WebAssembly with SIMD" in text(browser, "alert")
    assert browser.run("document.getElementById('choose').disabled")


def test_a_phone_scrolls_in_one_direction_only_and_shows_how_to_cancel(page):
    page.run("""(() => {
        document.getElementById('doing').textContent = 'Fetching the drawing engine';
        document.getElementById('busy').hidden = false;
    })()""")
    for width in (360, 320):
        page.resize(width, 740, mobile=True)
        assert page.run("document.documentElement.scrollWidth") <= width
        assert page.run("document.getElementById('cancel').getBoundingClientRect().right") <= width


SLOW_EXAMPLE = """{
    const { fetch } = window;
    const wait = new Promise((resolve) => (window.letExampleCome = resolve));
    window.fetch = async (path, ...more) => {
        if (path === 'example.jpg') await wait;
        return fetch(path, ...more);
    };
}"""


@pytest.fixture
def slow_example(browser) -> Iterator[None]:
    """The example comes once `letExampleCome()` is called."""
    script = browser.tell("Page.addScriptToEvaluateOnNewDocument", source=SLOW_EXAMPLE)
    yield
    browser.tell("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])


def test_a_reader_who_is_quicker_than_the_example_keeps_their_picture(
    browser, address, slow_example, picture_file
):
    browser.events.clear()
    browser.open(address)
    browser.until("document.getElementsByName('style').length === 2")
    click(browser, "download")  # there is nothing yet
    browser.run("document.getElementsByName('style')[1].click()")
    draw(browser, picture_file("photo.png", (96, 64)))
    browser.run("letExampleCome()")
    browser.until(READY)
    assert text(browser, "status").startswith("96 × 64")
    assert browser.run("document.getElementById('alert').hidden")
    assert browser.complaints() == []


def test_the_example_that_comes_late_is_drawn_in_the_style_that_was_chosen(browser, address, slow_example):
    browser.open(address)
    browser.until("document.getElementsByName('style').length === 2")
    browser.run("document.getElementsByName('style')[1].click()")
    browser.run("letExampleCome()")
    drawn_again(browser)
    assert "tiny cartoongan" in browser.run("document.getElementById('cartoon').getAttribute('aria-label')")


class SlowEngine(Quiet):
    """A static host from which WebAssembly comes piece by piece."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        while piece := source.read(2**18):
            outputfile.write(piece)
            if self.path.startswith("/runtime/ort.wasm.wasm.gz"):
                time.sleep(0.2)


def test_opened_as_a_file_it_says_that_it_wants_a_server(browser, site, tmp_path):
    write_site(tmp_path, site)
    browser.open((tmp_path / "index.html").as_uri())
    assert text(browser, "alert").startswith("Opened as a file, this page cannot draw")


def test_who_waits_for_the_drawing_engine_is_told_how_far_it_is(browser, site, picture_file, tmp_path):
    write_site(tmp_path, site)
    handler = functools.partial(SlowEngine, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, serving(server):
        browser.open(f"http://127.0.0.1:{server.server_port}/")
        browser.until("document.getElementById('cartoon').width === 512")  # the example is there
        assert browser.run("document.getElementById('busy').hidden")
        browser.give_file("#file", picture_file("photo.png"))
        browser.until("!document.getElementById('busy').hidden")
        assert text(browser, "doing") == "Fetching the drawing engine"
        browser.until("document.getElementById('status').textContent.includes('drawn in')")
        assert browser.run("document.getElementById('busy').hidden")


def test_what_could_not_be_fetched_is_fetched_for_the_next_picture(browser, site, picture_file, monkeypatch):
    with served(site) as server:
        path = "runtime/ort.wasm.wasm.gz"
        with monkeypatch.context() as lacking:
            lacking.delitem(server.site, path)
            browser.open(server.address)
            browser.until("!document.getElementById('alert').hidden")
            assert f"{path} is missing" in text(browser, "alert")
        draw(browser, picture_file("photo.png"))


def test_what_was_kept_damaged_is_fetched_again(browser, site, picture_file, monkeypatch):
    with served(site) as server:
        path = "styles/1.onnx.gz"
        with monkeypatch.context() as damaged:  # as by a network that asks for a login
            damaged.setitem(server.site, path, server.site["runtime/LICENSE"])
            draw_and_keep(browser, server.address, picture_file("photo.png"))
        browser.open(server.address)
        browser.until(READY)
        assert browser.run("navigator.serviceWorker.controller !== null")
        browser.run("document.getElementsByName('style')[1].click()")
        drawn_again(browser)


class Other(BaseHTTPRequestHandler):
    """Something else that is served where the page was."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>other</title>")

    def log_message(self, format: str, *arguments: object) -> None:
        return


def test_what_is_served_in_its_place_later_is_left_alone(browser, site, picture_file):
    with served(site) as server:
        draw_and_keep(browser, server.address, picture_file("photo.png"))
    kept = "caches.keys().then((names) => names.length)"
    with ThreadingHTTPServer(server.server_address, Other) as other, serving(other):
        browser.open(f"{server.address}deep?token=1")
        assert browser.run("[document.title, crossOriginIsolated]") == ["other", False]
        assert browser.run("caches.match(location.href)") is None
        assert browser.run(kept) == 1
        browser.open(server.address)
        assert browser.run("[document.title, crossOriginIsolated]") == ["other", False]
        browser.open(server.address)
        assert browser.run("navigator.serviceWorker.getRegistration()") is None
        assert browser.run(kept) == 0


@pytest.fixture
def two_pages(site, tmp_path) -> Iterator[list[str]]:
    """Their addresses on one host."""
    for name in ("one", "other"):
        write_site(tmp_path / name, site)
    with static_host(tmp_path) as host:
        yield [f"{host}one/", f"{host}other/"]


def test_two_pages_of_one_host_are_both_kept(browser, two_pages, picture_file):
    for page in two_pages:
        draw_and_keep(browser, page, picture_file("photo.png"))
    kept = browser.run("""(async () => {
        const found = [];
        for (const name of await caches.keys()) found.push(...await (await caches.open(name)).keys());
        return found.map(({ url }) => url);
    })()""")
    assert [
        page for page in two_pages for url in kept if url.startswith(f"{page}styles/0.onnx.gz")
    ] == two_pages


def test_large_files_that_the_page_no_longer_names_are_not_kept(browser, site, picture_file):
    names = ["runtime/ort.wasm.wasm.gz?v=0", "runtime/ort.webgpu.wasm.gz?v=0", "styles/9.onnx.gz?v=0"]
    with served(site) as server:
        browser.open(server.address)
        browser.until(READY)
        page = json.loads(server.site["page.json"])
        spare = page["runtime"]["webgpu"]["binary"]
        names.append(f"{spare['path']}?v={spare['sha256'][:16]}")  # of a card, fetched when there is one
        kept = browser.run(f"""(async () => {{
            const kept = await caches.open(`toonify ${{location.href}}`);
            for (const name of {json.dumps(names)}) await kept.put(name, new Response('large'));
            window.kept = {TOLD};
            return (await kept.keys()).length;
        }})()""")
        draw(browser, picture_file("photo.png"))
        assert browser.run("window.kept")
        left = browser.run("""caches.open(`toonify ${location.href}`).then((kept) => kept.keys()).then(
            (keys) => keys.map(({ url }) => url)
        )""")
    assert kept == len(names)
    assert [name for name in names for url in left if url.endswith(f"/{name}")] == names[3:]


def test_what_a_graphics_card_needs_is_kept_once_it_was_fetched(browser, site, picture_file):
    script = "runtime/ort.webgpu.js"
    with served(site) as server:
        draw_and_keep(browser, server.address, picture_file("photo.png"))
        browser.open(server.address)
        browser.until(READY)
        assert browser.run(f"fetch('{script}').then(({{ ok }}) => ok)")
    assert browser.run(f"fetch('{script}').then(({{ ok }}) => ok)")  # when nothing is served any more


def test_without_room_to_keep_anything_the_page_works_all_the_same(browser, site, picture_file):
    with served(site) as server:
        draw_and_keep(browser, server.address, picture_file("photo.png"))
        browser.run("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))")
        browser.tell("Storage.overrideQuotaForOrigin", origin=server.address.rstrip("/"), quotaSize=1)
        browser.open(server.address)
        browser.until(READY)
        assert browser.run("navigator.serviceWorker.controller !== null")


def test_what_arrives_damaged_is_not_run(browser, site, monkeypatch):
    with served(site) as server:
        path = "styles/0.onnx.gz"
        monkeypatch.setitem(server.site, path, server.site["runtime/LICENSE"])
        browser.open(server.address)
        browser.until("!document.getElementById('alert').hidden")
        assert f"{path} arrived damaged" in text(browser, "alert")


SIZES = [(640, 480), (50, 40), (3, 1), (4001, 30), (4001, 300), (90, 1007), (90, 90), (89, 91), (1, 1)]


@pytest.mark.parametrize("detail", [0, 90, 999])
@pytest.mark.parametrize("enlarge", [1, 1.5, 4])
def test_it_draws_at_the_size_at_which_convert_draws(scripts, detail, enlarge):
    drawn = scripts.run(f"""import('./drawing/cartoon.js').then((made) => {json.dumps(SIZES)}.map(
        ([width, height]) => Object.values(made.drawingSize({{ width, height }}, {detail}, {enlarge}))
    ))""")
    assert [tuple(size) for size in drawn] == [drawing_size(size, detail, enlarge) for size in SIZES]


RESAMPLE = """(async () => {{
    const {{ fitting, resized }} = await import('./drawing/resampling.js');
    const read = (one) => (top, rows) => one.pixels.slice(top * one.width * 4, (top + rows) * one.width * 4);
    const pixels = Uint8ClampedArray.from(atob('{pixels}'), (letter) => letter.charCodeAt());
    const picture = {{ width: {size[0]}, height: {size[1]}, pixels }};
    const drawn = await resized(read(picture), picture, {{ width: {drawn[0]}, height: {drawn[1]} }});
    const back = fitting(drawn, picture);
    return [[...drawn.pixels], [...back(0, 7), ...back(7, {size[1]} - 7)]];
}})()"""


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("drawn", [(74, 46), (50, 31), (21, 13)])
def test_it_resamples_number_for_number_as_pillow_does(scripts, mode, drawn):
    size = (37, 23)
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], len(mode)), np.uint8)
    photo = Image.fromarray(noise)
    pixels = base64.b64encode(photo.convert("RGBA").tobytes()).decode()
    there, back = scripts.run(RESAMPLE.format(pixels=pixels, size=size, drawn=drawn))
    expected = photo.resize(drawn, Image.Resampling.LANCZOS)
    assert bytes(there) == expected.convert("RGBA").tobytes()
    expected = expected.resize(size, Image.Resampling.BICUBIC)
    assert bytes(back) == expected.convert("RGBA").tobytes()


ENLARGE = """import('./drawing/enlarging.js').then((made) => {{
    const pixels = Uint8ClampedArray.from(atob('{pixels}'), (letter) => letter.charCodeAt());
    const drawing = {{ width: {drawn[0]}, height: {drawn[1]}, pixels }};
    return [...made.enlarging(drawing, {{ width: {size[0]}, height: {size[1]} }})(0, {size[1]})];
}})"""


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("times", [1.5, 2, 3.1, 4, 9])
def test_it_enlarges_number_for_number_as_convert_does(scripts, mode, times):
    drawn, size = (37, 23), (round(37 * times), round(23 * times))
    drawing = draw_picture(drawn).convert(mode)
    if mode == "RGBA":
        drawing.putalpha(Image.linear_gradient("L").resize(drawn).point(lambda level: min(255, 2 * level)))
    pixels = base64.b64encode(drawing.convert("RGBA").tobytes()).decode()
    seen = scripts.run(ENLARGE.format(pixels=pixels, drawn=drawn, size=size))
    expected = eight_bits(Enlarging(drawing, size).rows(0, size[1]))
    assert bytes(seen) == expected.convert("RGBA").tobytes()


CARDS = {
    "draws the same, sooner": (0, 0),
    "rounds otherwise": (1, 0),
    "draws else": (2, 0),
    "is slow": (0, 1e6),
}

PROVE = f"""(async () => {{
    const {{ Engines }} = await import('./engine.js');
    const page = await (await fetch('page.json')).json();
    const style = page.styles[0];
    const card = {{ requestAdapter: async () => ({{ info: {{}} }}) }};
    Object.defineProperty(navigator, 'gpu', {{ value: card, configurable: true }});
    const engines = new Engines(page);
    const {{ pixels, milliseconds }} = await engines.wasm.do('test', {{ style }});
    const taken = {{}};
    for (const [name, [off, time]] of Object.entries({json.dumps(CARDS)})) {{
        const answer = {{ pixels: pixels.map((value) => value + off), milliseconds: time * milliseconds }};
        engines.webgpu = {{ do: async () => answer, stop() {{}} }};
        engines.proved.clear();
        await engines.prove(style);
        taken[name] = engines.for(style) === engines.webgpu;
    }}
    engines.wasm.stop();
    delete navigator.gpu;
    return taken;
}})()"""


def test_a_graphics_card_is_taken_where_it_draws_the_same_and_sooner(scripts):
    taken = scripts.run(PROVE)
    assert [name for name in CARDS if taken[name]] == ["draws the same, sooner", "rounds otherwise"]


LOST = """(async () => {
    const { Engines } = await import('./engine.js');
    const page = await (await fetch('page.json')).json();
    const card = { requestAdapter: async () => ({ info: {} }) };
    Object.defineProperty(navigator, 'gpu', { value: card, configurable: true });
    const engines = new Engines(page);
    const [first, second] = page.styles;
    const answer = { ...await engines.wasm.do('test', { style: first }), milliseconds: 0 };
    engines.webgpu = { do: async (_, { style }) => style === first ? answer : Promise.reject(), stop() {} };
    await engines.prove(first);
    const taken = engines.for(first) === engines.webgpu;
    await engines.prove(second);
    const left = engines.for(first) === engines.wasm && engines.for(second) === engines.wasm;
    engines.wasm.stop();
    delete navigator.gpu;
    return [taken, left];
})()"""


def test_a_graphics_card_that_fails_draws_no_more_of_any_style(scripts):
    assert scripts.run(LOST) == [True, True]


def test_styles_of_one_name_have_controls_of_their_own(browser, site, small_style, picture_file, tmp_path):
    photo = picture_file("photo.png")
    first, _ = json.loads(site["page.json"])["styles"]
    with served(with_styles(site, first, first)) as server:
        browser.open(server.address)
        browser.until(READY)
        draw(browser, photo)
        choose(browser, "ink", 0.5)
        drawn_again(browser)
        browser.run("document.getElementById('status').textContent = ''")
        browser.run("document.getElementsByName('style')[1].click()")
        drawn_again(browser)
        assert browser.run("document.getElementById('control-ink').value") == "1"
        assert likeness(downloaded(browser, tmp_path / "downloads"), toonify.convert(photo, small_style)) > 45


def test_files_are_named_after_styles_in_any_script(browser, site, picture_file, tmp_path):
    first, second = json.loads(site["page.json"])["styles"]
    with served(with_styles(site, {**first, "name": "水彩 / 2"}, second)) as server:
        browser.open(server.address)
        browser.until(READY)
        draw(browser, picture_file("photo.png"))
        downloaded(browser, tmp_path / "downloads")
    assert [file.name for file in (tmp_path / "downloads").iterdir()] == ["photo-水彩-2.png"]


def test_what_a_stranger_wrote_on_a_card_stays_text(browser, site):
    first, second = json.loads(site["page.json"])["styles"]
    mark = "<img src=x onerror=alert(1)>" + "x" * 60
    sources = [{"name": mark, "licence": mark, "url": "javascript:alert(1)"}]
    hostile = {**first, "name": mark, "description": mark, "sources": sources}
    browser.events.clear()
    with served(with_styles(site, hostile, second)) as server:
        browser.open(server.address)
        browser.until(READY)
    browser.resize(360, 740, mobile=True)
    browser.run("document.getElementById('about').open = true")
    assert browser.run("document.documentElement.scrollWidth") <= 360
    assert mark in browser.run("document.getElementById('about').textContent")
    assert browser.run("document.querySelectorAll('#about img, #about a, #styles span img').length") == 0
    assert browser.complaints() == []
