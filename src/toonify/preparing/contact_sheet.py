"""`preview.png`, the contact sheet: what the network will see of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from toonify.preparing.superpixels import filled
from toonify.storage import SUPERPIXELS, replacing
from toonify.storage.arrays import map_array

ROWS = 8
CELL = 192  # pixels, as what follows
GAP = 8
CAPTION = 20
MOST_LABELS = 31  # up to which the numbers of an array are labels, not shades
INK = 255 * np.array([0.06, 0.04, 0.07], np.float32)  # RGB, as the generators' own


def write_contact_sheet(path: Path, shards: Mapping[str, Sequence[Path]]) -> None:
    """Draw up to eight rows of examples.

    Args:
        path: Of the PNG file.
        shards: The files of each array of a split, in order.

    Raises:
        ToonifyError: if it cannot be written.
    """
    columns: dict[str, list[np.ndarray]] = {}
    photos: list[np.ndarray] = []
    for array, files in shards.items():
        pictures = _from_shards(files)
        if array in ("photo", "paired"):
            photos = [picture[..., :3] for picture in pictures]
        if array == "paired":
            columns |= _parts(pictures)
        elif array == SUPERPIXELS:  # of the photographs before them
            columns[array] = list(map(filled, photos, pictures))
        else:
            columns[array] = _as_rgb(pictures)
    with replacing(path) as part:
        _side_by_side(columns).save(part, format="PNG")


def spread(indices: Sequence[int] | np.ndarray, number: int) -> list[int]:
    """At most `number` of the indices, spread evenly."""
    chosen = min(number, len(indices))
    return [int(indices[place * len(indices) // chosen]) for place in range(chosen)]


def _from_shards(files: Sequence[Path]) -> list[np.ndarray]:
    """Examples from all over an array."""
    shards = [map_array(file) for file in files]
    starts = np.cumsum([0, *(len(shard) for shard in shards)])
    chosen = spread(range(int(starts[-1])), ROWS)
    places = [(int(np.searchsorted(starts, index, "right")) - 1, index) for index in chosen]
    return [np.array(shards[shard][index - starts[shard]]) for shard, index in places]


def _as_rgb(pictures: list[np.ndarray]) -> list[np.ndarray]:
    """One channel as grey, three as they are; of other numbers, the first three or the first.

    Labels, which are small numbers, are spread from black to white.
    """
    if not pictures or pictures[0].shape[-1] >= 3:
        return [picture[..., :3] for picture in pictures]
    largest = max(int(picture[..., 0].max()) for picture in pictures)
    factor = 255 // largest if 0 < largest <= MOST_LABELS else 1
    return [(picture[..., :1] * np.uint8(factor)).repeat(3, -1) for picture in pictures]


def _parts(pairs: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    return {
        "photo, paired": [pair[..., :3] for pair in pairs],
        "flat colour": [pair[..., 3:6] for pair in pairs],
        "ink": [255 - np.repeat(pair[..., 6:], 3, axis=-1) for pair in pairs],
        "composed": [_compose(pair) for pair in pairs],
    }


def _compose(pair: np.ndarray) -> np.ndarray:
    ink = pair[..., 6:].astype(np.float32) / 255
    return np.rint(pair[..., 3:6] * (1 - ink) + INK * ink).astype(np.uint8)


def _side_by_side(columns: Mapping[str, Sequence[np.ndarray]]) -> Image.Image:
    rows = max(len(pictures) for pictures in columns.values())
    step = CELL + GAP
    sheet = Image.new("RGB", (len(columns) * step + GAP, rows * step + CAPTION + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for column, (caption, examples) in enumerate(columns.items()):
        left = GAP + column * step
        pen.text((left, 4), caption, fill="black")
        for row, example in enumerate(examples):
            cell = Image.fromarray(example).resize((CELL, CELL), Image.Resampling.LANCZOS)
            sheet.paste(cell, (left, CAPTION + row * step))
    return sheet
