"""Makes the pictures of the README, of the styles' cards and of the gallery, with the bundled styles.

    python docs/make_pictures.py [PORTRAIT ...]
    python docs/make_pictures.py gallery          # pip install --group docs
    python docs/make_pictures.py page             # Chromium on the path

`images/before-after.jpg` shows samples before and after; `images/hard-faces.jpg` one face made hard to
see in several ways, before and after, and below it the cartoons of the portraits that are given;
`images/drawn.jpg` and `images/storybook.jpg` the samples before and after in these styles;
`images/lines.jpg` some of them and their lines; `images/controls.jpg` a face with other numbers chosen;
`images/painter.jpg` what a painter makes of two; `images/enlarged.jpg` a part of a sample interpolated, and
as it is enlarged.

With `gallery`: `images/gallery/photographs.jpg` shows twelve photographs, samples and some that packages
bring (gallery.md names each); beside it lies a sheet for each bundled style, its drawings in the same places.

With `page`: `images/web-page.jpg` shows the page of `toonify serve`, on a desk and on a phone.
"""

from __future__ import annotations

import importlib.util
import io
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

import toonify
from toonify.converting import Converter
from toonify.distributions import OWN
from toonify.plugins import find_plugins

ROOT = Path(__file__).resolve().parents[1]
IMAGES = Path(__file__).parent / "images"
GAP = 6  # white pixels between pictures
FACE = (130, 0, 330, 200)  # in samples/astronaut.jpg
CELL = 240  # side of a face, in pixels
DRAWN_AT, SHOWN_AT = (640, 480), (360, 270)  # pixels of a photograph in the gallery
COLUMNS = 3
PACKAGED = {
    "grace_hopper": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    "camera": ("skimage", "data/camera.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "hubble_deep_field": ("skimage", "data/hubble_deep_field.jpg"),
    "coins": ("skimage", "data/coins.png"),
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
}
"""Photographs by name: the package that brings them, and where they lie in it."""


def main(arguments: Sequence[str]) -> None:
    if list(arguments) == ["gallery"]:
        gallery(IMAGES / "gallery", gallery_photos())
    elif list(arguments) == ["page"]:
        web_page().save(IMAGES / "web-page.jpg", quality=80)
    else:
        cards(arguments)


def cards(portraits: Sequence[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    before_after().save(IMAGES / "before-after.jpg", quality=88)
    hard_faces(portraits).save(IMAGES / "hard-faces.jpg", quality=88)
    for style in ("drawn", "storybook"):
        samples_in(style).save(IMAGES / f"{style}.jpg", quality=88)
    lines().save(IMAGES / "lines.jpg", quality=88)
    controls().save(IMAGES / "controls.jpg", quality=88)
    painter().save(IMAGES / "painter.jpg", quality=88)
    enlarged().save(IMAGES / "enlarged.jpg", quality=88)


def before_after() -> Image.Image:
    """Faces first: samples beside their cartoons, in one strip."""
    face = sample("astronaut").crop((60, 0, 380, 320)).resize((400, 400), Image.Resampling.BICUBIC)
    chosen = {"drawn": face, "comic": sample("mountains", height=400)}
    return row(
        [picture for style, photo in chosen.items() for picture in (photo, toonify.convert(photo, style))]
    )


def hard_faces(portraits: Sequence[str]) -> Image.Image:
    """Two rows of one face, before and after, then rows of cartoons."""
    face = sample("astronaut").crop(FACE).resize((CELL, CELL), Image.Resampling.BICUBIC)
    photos = [face, hazy(face), dark(face), pixelated(face), ImageOps.grayscale(face).convert("RGB")]
    rows = [row(photos), row([toonify.convert(photo) for photo in photos])]
    drawn = [toonify.convert(portrait(path)) for path in portraits]
    rows += [row(drawn[first : first + len(photos)]) for first in range(0, len(drawn), len(photos))]
    return column(rows)


def samples_in(style: str) -> Image.Image:
    """Each sample above its drawing."""
    photos = [sample(name, height=400) for name in ("astronaut", "cat", "coffee", "mountains")]
    return column([row(photos), row([toonify.convert(photo, style) for photo in photos])])


def enlarged() -> Image.Image:
    """A part of a drawing at full size: interpolated, and as `convert` gives it."""
    converter = Converter("storybook")
    photo = sample("mountains").resize((2000, 1500), Image.Resampling.LANCZOS)
    small = photo.resize(converter.drawing_size(photo.size), Image.Resampling.LANCZOS)
    interpolated = converter.convert(small).resize(photo.size, Image.Resampling.BICUBIC)
    part = (760, 480, 1260, 880)
    return row([picture.crop(part) for picture in (interpolated, converter.convert(photo))])


def gallery(folder: Path, photos: Sequence[Image.Image]) -> None:
    """A sheet of photographs, and one of each bundled style's drawings of them."""
    folder.mkdir(parents=True, exist_ok=True)
    sheet(photos).save(folder / "photographs.jpg", quality=84, optimize=True)
    for style in bundled_styles():
        drawings = [toonify.convert(photo, style) for photo in photos]
        sheet(drawings).save(folder / f"{style}.jpg", quality=84, optimize=True)


def web_page() -> Image.Image:
    """The page with a sample, light on a desk and dark on a phone."""
    sys.path.insert(0, str(ROOT / "tests"))
    from chromium import find_chromium, running

    from toonify.exporting.web import open_page

    drawn = "document.getElementById('status').textContent.includes('drawn in')"
    styles = [toonify.load_style(name) for name in bundled_styles()]
    with (
        open_page(styles, 0) as server,
        tempfile.TemporaryDirectory() as profile,
        running(find_chromium() or sys.exit("no Chromium is on the path"), Path(profile)) as browser,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.resize(1160, 830)
        browser.open(server.address)
        browser.until("document.documentElement.dataset.ready === 'yes'")
        browser.give_file("#file", ROOT / "samples" / "coffee.jpg")
        browser.until(drawn)
        desk = Image.open(io.BytesIO(browser.screenshot()))
        browser.resize(390, 830, mobile=True, dark=True)
        browser.run("document.getElementById('example').click()")
        browser.until("document.getElementById('status').textContent.startsWith('512')")
        phone = Image.open(io.BytesIO(browser.screenshot()))
        server.shutdown()
    return row([desk.convert("RGB"), phone.convert("RGB").resize((390, 830), Image.Resampling.LANCZOS)])


def bundled_styles() -> list[str]:
    return [plugin.name for plugin in find_plugins("styles") if plugin.distribution in OWN]


def gallery_photos() -> list[Image.Image]:
    """Twelve of one size, in the order of gallery.md."""
    astronaut, hopper = sample("astronaut"), packaged("grace_hopper")
    photos = [
        astronaut.crop((40, 0, 440, 300)),
        hopper.crop((36, 40, 476, 370)),
        row([ImageOps.fit(photo, (314, 480)) for photo in (astronaut, hopper)]),
        packaged("camera"),
        sample("cat"),
        packaged("flower"),
        sample("mountains"),
        packaged("china"),
        sample("coffee"),
        packaged("rocket"),
        packaged("hubble_deep_field").crop((0, 0, 640, 480)),
        packaged("coins"),
    ]
    return [ImageOps.fit(photo, DRAWN_AT, Image.Resampling.LANCZOS) for photo in photos]


def packaged(name: str) -> Image.Image:
    """A photograph that an installed package brings; nothing of the package is imported."""
    package, place = PACKAGED[name]
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        sys.exit(f"{name} comes with {package}, which is not installed: pip install --group docs")
    with Image.open(Path(spec.submodule_search_locations[0], place)) as image:
        return image.convert("RGB")


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    small = [picture.resize(SHOWN_AT, Image.Resampling.LANCZOS) for picture in pictures]
    return column([row(small[first : first + COLUMNS]) for first in range(0, len(small), COLUMNS)])


def lines() -> Image.Image:
    """Samples before and after, and chalk on a blackboard."""
    photos = [sample(name, height=400) for name in ("astronaut", "coffee")]
    chalk = toonify.convert(photos[0], "lines", controls={"paper": 0.15, "ink": 1})
    both = [picture for photo in photos for picture in (photo, toonify.convert(photo, "lines"))]
    return row([*both, chalk])


def controls() -> Image.Image:
    """A face as it is drawn, without ink, without colour, with bolder lines, with more of ink and colour."""
    photo = sample("astronaut").crop((60, 0, 380, 320)).resize((400, 400), Image.Resampling.BICUBIC)
    choices = [{}, {"ink": 0}, {"colour": 0}, {"line": 3}, {"colour": 1.6, "ink": 2}]
    return row([toonify.convert(photo, "comic", controls=chosen) for chosen in choices])


def painter() -> Image.Image:
    """Two photographs with a face; each as the network draws it, and with the painter."""
    photos = [sample("astronaut").crop((60, 0, 380, 320)), packaged("grace_hopper").crop((80, 0, 480, 400))]
    plain = Converter("drawn", painter=False)
    faces = [photo.resize((300, 300), Image.Resampling.BICUBIC) for photo in photos]
    return row(
        [image for face in faces for image in (face, plain.convert(face), toonify.convert(face, "drawn"))]
    )


def hazy(face: Image.Image) -> Image.Image:
    return Image.blend(face, Image.new("RGB", face.size, (225, 225, 228)), 0.6)


def dark(face: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(face).enhance(0.3)


def pixelated(face: Image.Image) -> Image.Image:
    small = face.resize((CELL // 5, CELL // 5), Image.Resampling.BOX)
    return small.resize(face.size, Image.Resampling.NEAREST).filter(ImageFilter.GaussianBlur(1))


def portrait(path: str) -> Image.Image:
    with Image.open(path) as image:
        return ImageOps.fit(image.convert("RGB"), (CELL, CELL), Image.Resampling.BICUBIC, centering=(0.5, 0))


def sample(name: str, *, height: int | None = None) -> Image.Image:
    with Image.open(ROOT / "samples" / f"{name}.jpg") as image:
        photo = image.convert("RGB")
    if height:
        photo = ImageOps.fit(photo, (height, height), Image.Resampling.LANCZOS)
    return photo


def row(pictures: Sequence[Image.Image]) -> Image.Image:
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    strip = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        strip.paste(picture, (left, 0))
        left += picture.width + GAP
    return strip


def column(rows: Sequence[Image.Image]) -> Image.Image:
    height = sum(strip.height for strip in rows) + GAP * (len(rows) - 1)
    sheet = Image.new("RGB", (max(strip.width for strip in rows), height), "white")
    top = 0
    for strip in rows:
        sheet.paste(strip, (0, top))
        top += strip.height + GAP
    return sheet


if __name__ == "__main__":
    main(sys.argv[1:])
