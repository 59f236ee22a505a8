"""Figures and hashes of a picture, measured on a small copy."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
from PIL import Image

from toonify.plugins import Domain, SourceItem
from toonify.preparing.plan import Recipe
from toonify.preparing.sharing import need_room
from toonify.preparing.unusable import Unusable, check, reasons

SIDE = 160
"""Pixels of the short side at which pictures are measured; smaller ones as they are."""

LONGEST = 16 * SIDE
"""Pixels of their long side: a strip of 500 megapixels would take gigabytes."""

STROKES = 0.005
"""Share of a page's pixels that are a drawing."""

PHASH: Any = cv2.img_hash.PHash.create()
BLOCKS: Any = cv2.img_hash.BlockMeanHash.create(cv2.img_hash.BLOCK_MEAN_HASH_MODE_0)
_OPPOSED = np.array([[1, -1, 0], [0.5, 0.5, -1]], np.float32)  # red - green, yellow - blue


class ImageStats(NamedTuple):
    """What one look at a picture tells.

    Attributes:
        width: Of the whole picture, upright, in pixels.
        height: Likewise.
        brightness: Mean luminance, 0 to 255.
        contrast: Standard deviation of the most varied channel, 0 to 127.5.
        marks: How far from the rest a few strokes are; see `marks`.
        sharpness: 0 (all blurred) to 1; see `sharpness`.
        colour: How much the colours vary; see `colourfulness`.
        phash: 64 bits that hardly change when the picture is saved again, as one number: signs of
            the lowest frequencies of its cosine transform.
        blocks: 256 more, as four numbers: which of 16 x 16 blocks are brighter than the median.
        mirrored_phash: The former of the mirror image, which is no near duplicate by its own hashes.
        mirrored_blocks: Likewise.
        content: 128 bits, as two numbers: the same for the same content only.
    """

    width: int
    height: int
    brightness: float
    contrast: float
    marks: float
    sharpness: float
    colour: float
    phash: list[int]
    blocks: list[int]
    mirrored_phash: list[int]
    mirrored_blocks: list[int]
    content: list[int]


Seen = ImageStats | str
"""Those, or the reason why the picture cannot be used."""


@contextlib.contextmanager
def one_opencv_thread() -> Iterator[None]:
    """Let OpenCV use one thread in each call, for work that is spread over the cores already."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


@dataclass(frozen=True)
class Batch:
    """Files that a worker looks at in one go."""

    domain: Domain
    items: Sequence[SourceItem]


def measure_batch(recipe: Recipe, batch: Batch) -> list[Seen]:
    """Look at every file of a batch, in order: what a worker does in the scan.

    Raises:
        TooLarge: if one of them is, for a worker.
    """
    for item in batch.items:
        need_room(recipe, *item.files)
    return [_seen(recipe, batch.domain, item) for item in batch.items]


def _seen(recipe: Recipe, domain: Domain, item: SourceItem) -> Seen:
    source = recipe.sources[domain]
    try:
        with reasons():
            image, whole = source.glimpse(item, SIDE)
            check(whole, recipe.size)
            content = item.path.read_bytes() if source.reads_files else image.tobytes()
    except Unusable as error:
        return str(error)
    return measure(small(image), whole, content)


def small(image: Image.Image) -> np.ndarray:
    """RGB, uint8, with a short side of `SIDE` pixels unless it is shorter."""
    pixels = np.asarray(image)
    scale = min(1.0, SIDE / min(image.size))
    wanted = tuple(min(max(min(SIDE, side), round(side * scale)), LONGEST) for side in image.size)
    return pixels if wanted == image.size else cv2.resize(pixels, wanted, interpolation=cv2.INTER_AREA)


def measure(pixels: np.ndarray, whole: tuple[int, int], content: bytes) -> ImageStats:
    """What RGB pixels, (H, W, 3), uint8, tell of a picture, given its whole size and its content."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    mirrored = cv2.flip(grey, 1)
    return ImageStats(
        *whole,
        brightness=round(cv2.mean(grey)[0], 3),
        contrast=round(float(_deviations(pixels).max()), 3),
        marks=round(marks(pixels), 3),
        sharpness=round(sharpness(grey), 3),
        colour=round(colourfulness(pixels), 3),
        phash=_numbers(PHASH.compute(grey).tobytes()),
        blocks=_numbers(BLOCKS.compute(grey).tobytes()),
        mirrored_phash=_numbers(PHASH.compute(mirrored).tobytes()),
        mirrored_blocks=_numbers(BLOCKS.compute(mirrored).tobytes()),
        content=_numbers(hashlib.blake2b(content, digest_size=16).digest()),
    )


def marks(pixels: np.ndarray) -> float:
    """How far the most different of a picture's pixels are from its usual colour, 0 to 255: what tells a page
    with a few strokes, which has hardly any contrast as a whole, from an empty one.

    The distance from the median, in the channel where it is greatest, that a share of `STROKES` exceed.

    Args:
        pixels: RGB, (H, W, 3), uint8.
    """
    usual = np.quantile(pixels, 0.5, axis=(0, 1), method="inverted_cdf")
    apart = cv2.absdiff(pixels, tuple(map(float, (*usual, 0)))).max(-1)
    return float(np.quantile(apart, 1 - STROKES, method="inverted_cdf"))


def sharpness(grey: np.ndarray) -> float:
    """One minus the blur effect: 0 where a further blur changes nothing, near 1 for fine detail.

    Crete et al., "The blur effect: perception and estimation with a new no-reference perceptual
    blur metric", SPIE 6492 (2007), equations 1 to 7: how much of the differences between
    neighbours a mean over nine pixels takes away, across and down; the worse direction counts.

    Args:
        grey: (H, W), uint8.
    """
    values = grey.astype(np.float32)
    return min(_lost(values, axis) for axis in (0, 1))


def _lost(values: np.ndarray, axis: int) -> float:
    blurred = cv2.blur(values, (9, 1) if axis else (1, 9))
    before, after = (np.abs(np.diff(each, axis=axis)) for each in (values, blurred))
    before[before <= 1] = 0  # a slope in whole numbers is a staircase, which is no detail
    whole = before.sum()
    return float(np.maximum(before - after, 0).sum() / whole) if whole else 0.0


def colourfulness(pixels: np.ndarray) -> float:
    """How far colours lie apart: 0 for grey pictures and for an even tint.

    The spread of Hasler and Süsstrunk, "Measuring colourfulness in natural images", SPIE 5007
    (2003), section 6: the standard deviations of red - green and of (red + green) / 2 - blue.

    Args:
        pixels: RGB, (H, W, 3), uint8.
    """
    opposed = cv2.transform(pixels.astype(np.float32), _OPPOSED)
    return float(np.hypot(*_deviations(opposed)))


def _deviations(pixels: np.ndarray) -> np.ndarray:
    """The standard deviation of each channel."""
    return cv2.meanStdDev(pixels)[1][:, 0]


def _numbers(data: bytes) -> list[int]:
    return np.frombuffer(data, "<u8").tolist()
