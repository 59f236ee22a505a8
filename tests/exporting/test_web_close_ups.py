"""The page draws small faces once more, as `convert` does."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cartoon_page import READY, click, downloaded, draw, draw_and_keep, likeness, text
from PIL import Image, ImageOps
from web_pages import serving

import toonify
from toonify.converting import Converter, close_ups
from toonify.converting.detail import drawing_size, reduce
from toonify.exporting.web import open_page
from toonify.faces import Face, find_faces
from toonify.faces.close_ups import MOST, SOUGHT
from toonify.storage import StyleManifest
from toonify.styles import load_style

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
DETAIL, WIDTH = 544, 128  # of comic


@pytest.fixture(scope="module")
def address(web_runtime) -> Iterator[str]:
    """Of a page with `comic`."""
    with open_page([load_style("comic")], 0) as server, serving(server):
        yield server.address


@pytest.fixture(scope="module")
def person() -> Image.Image:
    with Image.open(SAMPLES / "astronaut.jpg") as image:
        return image.convert("RGB")


@pytest.fixture(scope="module")
def crowd(person) -> Image.Image:
    """A photograph in which the same person is small, smaller, and smaller still at the border."""
    photo = Image.new("RGB", (1400, 1000), (150, 160, 150))
    for side, place in ((300, (500, 400)), (200, (40, 700)), (240, (1243, 30))):
        photo.paste(person.resize((side, side), Image.Resampling.LANCZOS), place)
    return photo


PIXELS = """(text) => Uint8ClampedArray.from(atob(text), (letter) => letter.charCodeAt())"""
TEXT = """(pixels) => btoa(Array.from(pixels, (value) => String.fromCharCode(value)).join(''))"""


def sent(image: Image.Image) -> str:
    """A picture as JavaScript has it."""
    pixels = base64.b64encode(image.convert("RGBA").tobytes()).decode()
    return f"{{ width: {image.width}, height: {image.height}, pixels: ({PIXELS})('{pixels}') }}"


FIND = """(async () => {{
    const {{ Networks }} = await import('./drawing/network.js');
    const {{ findFaces }} = await import('./drawing/faces.js');
    const page = await (await fetch('page.json')).json();
    const detect = await (window.{backend} ??= new Networks(page, '{backend}', () => {{}}).openDetector());
    return (await findFaces({picture}, detect, page.faces.finding)).map(
        ({{ left, top, width, height }}) => [left, top, width, height]
    );
}})()"""


@pytest.mark.parametrize("size", [None, (1400, 1000), (640, 457), (611, 433), (500, 357)])
def test_it_finds_the_faces_that_convert_finds(scripts, crowd, size):
    photo = reduce(crowd, size or drawing_size(crowd.size, DETAIL))
    found = scripts.run(FIND.format(picture=sent(photo), backend="wasm"))
    expected = [(f.left, f.top, f.width, f.height) for f in find_faces(photo, SOUGHT, MOST)]
    assert len(expected) >= 2
    np.testing.assert_allclose(found, expected, atol=0.2)


def test_where_a_graphics_card_draws_it_finds_the_same(scripts, person):
    ((left, *_),) = scripts.run(FIND.format(picture=sent(person), backend="webgpu"))
    (face,) = find_faces(person, SOUGHT, MOST)
    assert left == pytest.approx(face.left, abs=0.2)


def test_where_nobody_is_it_finds_nobody(scripts):
    picture = sent(Image.effect_noise((300, 200), 60))
    assert scripts.run(FIND.format(picture=picture, backend="wasm")) == []


LAY = """(async () => {{
    const {{ withCloseUps }} = await import('./drawing/close-ups.js');
    const rules = (await (await fetch('page.json')).json()).faces.drawing;
    const picture = {photo};
    const read = (left, wide) => (top, rows) => {{
        const part = Array.from({{ length: rows }}, (_, row) => {{
            const from = ((top + row) * picture.width + left) * 4;
            return [...picture.pixels.subarray(from, from + wide * 4)];
        }});
        return Uint8ClampedArray.from(part.flat());
    }};
    const inverted = (close) => ({{
        ...close, pixels: close.pixels.map((value, place) => (place % 4 === 3 ? value : 255 - value)),
    }});
    const faces = {faces};
    const whole = await withCloseUps({drawing}, {{ ...picture, read }}, faces, {width}, rules, inverted);
    return {{ size: [whole.width, whole.height], pixels: ({TEXT})(whole.pixels) }};
}})()"""

FACES = [
    Face(60.3, 50.9, 24.2, 30.7, np.zeros((5, 2))),
    Face(-9.6, -3.2, 20.4, 25.1, np.zeros((5, 2))),  # over the border
    Face(140.0, 99.5, 18.8, 22.2, np.zeros((5, 2))),
    Face(-80.0, -90.0, 20.0, 20.0, np.zeros((5, 2))),  # beyond it
]


def inverted(close: Image.Image) -> None:
    """As the page's own in `LAY`."""
    upside = ImageOps.invert(close.convert("RGB"))
    if close.mode == "RGBA":
        upside.putalpha(close.getchannel("A"))
    close.paste(upside)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(160, 120), (201, 151), (397, 298), (1111, 833)])
def test_it_lays_close_ups_number_for_number_as_convert_does(scripts, mode, size):
    random = np.random.default_rng(0)

    def picture(size: tuple[int, int]) -> Image.Image:
        noise = Image.fromarray(random.integers(0, 256, (40, 50, len(mode)), np.uint8))
        return noise.resize(size, Image.Resampling.BICUBIC)

    photo, drawing = picture(size), picture((160, 120))
    told = [{key: getattr(face, key) for key in ("left", "top", "width", "height")} for face in FACES]
    given = {"photo": sent(photo), "drawing": sent(drawing), "faces": json.dumps(told), "width": WIDTH}
    made = scripts.run(LAY.format(**given, TEXT=TEXT))
    expected = close_ups.with_close_ups(drawing, photo, [(face, 1.0) for face in FACES], WIDTH, inverted)
    assert tuple(made["size"]) == expected.size
    assert base64.b64decode(made["pixels"]) == expected.convert("RGBA").tobytes()


SMALL = """(async () => {{
    const {{ closeUp, smallFaces }} = await import('./drawing/close-ups.js');
    const rules = (await (await fetch('page.json')).json()).faces.drawing;
    const picture = {{ width: {size[0]}, height: {size[1]} }};
    const width = closeUp(picture, {{ close_up: {close_up} }}, {detail}, rules);
    return [width, smallFaces([{{ width: 95 }}, {{ width: 96 }}], width, rules).length];
}})()"""


@pytest.mark.parametrize(
    ("size", "close_up", "detail", "expected"),
    [
        ((2048, 2048), 128, 560, [128, 1]),
        ((2049, 2048), 128, 560, [0, 0]),  # as painters, it leaves larger drawings alone
        ((500, 400), 128, 0, [0, 0]),  # every pixel is drawn
        ((500, 400), 0, 560, [0, 0]),
        ((500, 400), 512, 560, [512, 2]),
    ],
)
def test_a_face_is_small_where_convert_says_so(scripts, size, close_up, detail, expected):
    assert scripts.run(SMALL.format(size=size, close_up=close_up, detail=detail)) == expected


def test_a_small_face_is_drawn_as_convert_draws_it(page, crowd, tmp_path):
    crowd.save(tmp_path / "crowd.png")
    assert [asked for asked in page.requests() if "yunet" in asked] == []  # it comes when it is needed
    draw(page, tmp_path / "crowd.png")
    assert len([asked for asked in page.requests() if "yunet" in asked]) == 1
    with downloaded(page, tmp_path / "downloads") as image:
        cartoon = image.convert("RGB")
    expected = toonify.convert(tmp_path / "crowd.png", "comic")
    once = Converter("comic", painter=False).convert(crowd)
    faces = find_faces(crowd, 1400)
    assert len(faces) == 3
    for face in faces:
        box = (
            face.left - face.width,
            face.top - face.height,
            face.left + 2 * face.width,
            face.top + 2 * face.height,
        )
        near = tuple(map(round, box))
        assert likeness(cartoon.crop(near), expected.crop(near)) > 45
        assert likeness(cartoon.crop(near), once.crop(near)) < 30
    assert likeness(cartoon, expected) > 45


def test_it_goes_on_without_a_network(browser, web_runtime, style, styles, crowd, person, tmp_path):
    crowd.save(tmp_path / "crowd.png")
    person.save(tmp_path / "person.png")
    folder = style()
    dataclasses.replace(StyleManifest.read(folder), detail=90, close_up=40).write(folder)
    with open_page([load_style(folder)], 0) as server, serving(server):
        draw_and_keep(browser, server.address, tmp_path / "crowd.png")
    browser.open(server.address)  # nobody serves any more
    browser.until(READY)
    draw(browser, tmp_path / "person.png")
    expected, once = toonify.convert(person, folder), toonify.convert(person, styles("lite"), detail=90)
    assert likeness(downloaded(browser, tmp_path / "out"), expected) > 45 > likeness(expected, once)


def test_the_camera_live_is_not_looked_at_twice_but_its_picture_is(page, address):
    page.send("Browser.setPermission", permission={"name": "camera"}, setting="granted", origin=address)
    click(page, "camera")
    page.until("document.getElementById('status').textContent.startsWith('Live:')")
    assert [asked for asked in page.requests() if "yunet" in asked] == []
    click(page, "snap")
    page.until("document.getElementById('status').textContent.includes('drawn in')")
    assert len([asked for asked in page.requests() if "yunet" in asked]) == 1


def test_it_says_who_finds_faces_and_shows_the_licence(page):
    assert "Small faces are found by YuNet" in text(page, "detector")
    licence = "fetch(document.querySelector('#detector a').href).then((answer) => answer.text())"
    assert "Permission is hereby granted" in page.run(licence)
