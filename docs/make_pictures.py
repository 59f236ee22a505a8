"""Makes the pictures of the README and of the style's card, with the bundled style.

    python docs/make_pictures.py [PORTRAIT ...]

`images/before-after.jpg` shows samples before and after; `images/hard-faces.jpg` one face made hard to
see in several ways, before and after, and below it the cartoons of the portraits that are given;
`images/drawn.jpg` the samples before and after in the style `drawn`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

import toonify

ROOT = Path(__file__).resolve().parents[1]
IMAGES = Path(__file__).parent / "images"
GAP = 6  # white pixels between pictures
FACE = (130, 0, 330, 200)  # in samples/astronaut.jpg
CELL = 240  # side of a face, in pixels


def main(portraits: Sequence[str]) -> None:
    IMAGES.mkdir(exist_ok=True)
    before_after().save(IMAGES / "before-after.jpg", quality=88)
    hard_faces(portraits).save(IMAGES / "hard-faces.jpg", quality=88)
    drawn().save(IMAGES / "drawn.jpg", quality=88)


def before_after() -> Image.Image:
    """Faces first: each sample beside its cartoon, in one strip."""
    photos = [sample(name, height=400) for name in ("astronaut", "cat")]
    return row([picture for photo in photos for picture in (photo, toonify.convert(photo))])


def hard_faces(portraits: Sequence[str]) -> Image.Image:
    """Two rows of one face, before and after, then rows of cartoons."""
    face = sample("astronaut").crop(FACE).resize((CELL, CELL), Image.Resampling.BICUBIC)
    photos = [face, hazy(face), dark(face), pixelated(face), ImageOps.grayscale(face).convert("RGB")]
    rows = [row(photos), row([toonify.convert(photo) for photo in photos])]
    drawn = [toonify.convert(portrait(path)) for path in portraits]
    rows += [row(drawn[first : first + len(photos)]) for first in range(0, len(drawn), len(photos))]
    return column(rows)


def drawn() -> Image.Image:
    """Each sample above its drawing."""
    photos = [sample(name, height=400) for name in ("astronaut", "cat", "coffee", "mountains")]
    return column([row(photos), row([toonify.convert(photo, "drawn") for photo in photos])])


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
