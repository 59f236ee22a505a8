"""Pictures from which an export in 8 bits learns how large the values inside a network become.

Without a folder they are made here: clouds of the spectrum that photographs have, under flat and shaded
shapes with hard edges, from dark to light and from grey to vivid, and before every other a simple head; the
same ones every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.errors import ToonifyError, usage_error
from toonify.exporting.base import as_batch
from toonify.inference.padding import padded_side
from toonify.media import find_pictures, open_rgb

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray
    from PIL import Image

SIDE = 256
"""Of the pictures, in pixels, rounded up to what a style takes."""

MADE, MOST = 16, 96
"""How many are made, and how many of a folder are looked at, evenly spread over it."""

SHAPES = 6
"""In each picture that is made."""


def check_folder(folder: Path | None) -> None:
    """Raise a `ToonifyError` for a folder that is none, or has no pictures."""
    if folder is not None:
        _files(folder)


def calibration_pictures(
    folder: Path | None, multiple: int, size: tuple[int, int] | None = None
) -> Iterator[NDArray[float32]]:
    """Pictures to calibrate with, one by one: RGB in [-1, 1], (1, H, W, 3).

    Args:
        folder: Where to find them, at any depth; `None` for those that are made here.
        multiple: Of which their sides are to be multiples.
        size: Their width and height; by default squares of `SIDE`.

    Raises:
        ToonifyError: if there is no picture in the folder, or one cannot be read.
    """
    from PIL import Image, ImageOps

    width, height = size or (padded_side(SIDE, multiple),) * 2
    pictures = map(_read, _files(folder)) if folder else _made()
    for picture in pictures:
        yield as_batch(ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        what = f"{folder} is a file, not a folder" if folder.exists() else f"there is no folder {folder}"
        raise usage_error(what, "Give `calibrate` a folder of pictures.")
    files = list(find_pictures(folder))
    if not files:
        raise usage_error(
            f"{folder} holds no pictures to calibrate with",
            "Give `calibrate` a folder of photographs, or leave it out.",
        )
    chosen = np.linspace(0, len(files) - 1, min(len(files), MOST)).round().astype(int)
    return [files[number] for number in chosen]


def _read(path: Path) -> Image.Image:
    try:
        return open_rgb(path)
    except ToonifyError as error:
        raise ToonifyError(f"{path}: {error.message}", "Take it out of the folder `calibrate`.") from error


def _made() -> Iterator[Image.Image]:
    from PIL import Image, ImageDraw

    chance = np.random.default_rng(0)
    for number in range(MADE):
        picture = Image.fromarray(_clouds(chance))
        for _ in range(SHAPES):
            mask = Image.new("L", picture.size)
            outline = chance.uniform(-0.2, 1.2, (chance.integers(3, 8), 2)) * SIDE
            ImageDraw.Draw(mask).polygon([tuple(corner) for corner in outline], fill=255)
            picture.paste(Image.fromarray(_shade(chance)), mask=mask)
        if number % 2:
            _draw_head(picture, chance)
        yield picture


def _draw_head(picture: Image.Image, chance: np.random.Generator) -> None:
    """Hair, a shaded face, eyes and a mouth, soft at their edges: networks that know faces wake up."""
    from PIL import Image, ImageDraw, ImageFilter

    wide, tone, hair = chance.uniform(0.15, 0.33), chance.uniform(0.25, 1), chance.uniform(0.02, 0.6)
    skin, x, y = np.array([235, 185, 155]) * tone, *chance.uniform(0.35, 0.65, 2)
    features = [  # of the face's half width: centre, half width and half height; then the colour
        ((0, -0.35, 1.2, 1.3), np.array([120, 90, 60]) * hair),
        ((0, 1.6, 0.5, 0.6), skin * 0.8),
        ((0, 2.9, 1.7, 1.1), chance.uniform(0, 255, 3)),
        ((0, 0, 1, 1.35), skin),
        *(((side * 0.4, -0.1, 0.22, 0.1), np.array([240, 240, 240])) for side in (-1, 1)),
        *(((side * 0.4, -0.1, 0.09, 0.09), np.array([40, 30, 20])) for side in (-1, 1)),
        *(((side * 0.4, -0.34, 0.26, 0.04), np.array([120, 90, 60]) * hair) for side in (-1, 1)),
        ((0.1, 0.25, 0.12, 0.2), skin * 0.85),
        ((0, 0.68, 0.34, 0.09), skin * (0.9, 0.5, 0.5)),
    ]
    head, mask = picture.copy(), Image.new("L", picture.size)
    for (right, down, half_width, half_height), colour in features:
        left, top = x + (right - half_width) * wide, y + (down - half_height) * wide
        box = [left, top, left + 2 * half_width * wide, top + 2 * half_height * wide]
        place = [side * SIDE for side in box]
        ImageDraw.Draw(head).ellipse(place, fill=tuple(int(value) for value in colour))
        ImageDraw.Draw(mask).ellipse(place, fill=255)
    left_light, right_light = chance.uniform(0.6, 1.1, 2)
    light = np.linspace(left_light, right_light, SIDE)[None, :, None]
    grain = chance.normal(0, 0.02, (SIDE, SIDE, 1))
    lit = _bytes(np.asarray(head.filter(ImageFilter.GaussianBlur(1)), np.float32) / 255 * light + grain)
    picture.paste(Image.fromarray(lit), mask=mask)


def _clouds(chance: np.random.Generator) -> NDArray[np.uint8]:
    """Noise whose amplitude falls with its frequency, as that of photographs does (Field, 1987, fig. 7)."""
    frequencies = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE))
    frequencies[0, 0] = np.inf
    noise = chance.normal(size=(3, SIDE, SIDE))
    layers = np.fft.irfft2(np.fft.rfft2(noise) / frequencies, (SIDE, SIDE))
    grey, *tints = layers / layers.std(axis=(1, 2), keepdims=True)
    vivid = chance.uniform(0, 0.6)
    colours = np.stack([grey + vivid * tint for tint in (tints[0], tints[1], -tints[0] - tints[1])], -1)
    return _bytes(chance.uniform(0.2, 0.8) + chance.uniform(0.05, 0.3) * colours)


def _shade(chance: np.random.Generator) -> NDArray[np.uint8]:
    """A ramp between two colours, most of them greyish, or one colour alone."""
    first, last = chance.uniform(0, 1, (2, 1)) + chance.uniform(0, 0.8) * chance.uniform(-0.5, 0.5, (2, 3))
    along = np.linspace(0, chance.integers(0, 2), SIDE)[:, None, None]
    return np.broadcast_to(_bytes(first + (last - first) * along), (SIDE, SIDE, 3))


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return (values.clip(0, 1) * 255).round().astype(np.uint8)
