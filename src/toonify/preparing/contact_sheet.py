"""The contact sheet: a look at what the network will see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from toonify.storage import replacing

ROWS = 8
CELL = 192
GAP = 8
CAPTION = 20
INK = np.array([15, 10, 18], np.float32)


def write_contact_sheet(path: Path, shards: Mapping[str, Sequence[Path]]) -> None:
    """Draw up to eight rows of examples.

    Args:
        path: Of the PNG file.
        shards: The files of each array of a split, in order.

    Raises:
        ToonifyError: if it cannot be written.
    """
    columns: dict[str, list[np.ndarray]] = {}
    for array, files in shards.items():
        pictures = _spread(files)
        columns |= _parts(pictures) if array == "paired" else {array: list(map(_as_rgb, pictures))}
    with replacing(path) as part:
        _sheet(columns).save(part, format="PNG")


def _spread(files: Sequence[Path]) -> list[np.ndarray]:
    """Examples from all over an array."""
    shards = [np.load(file, mmap_mode="r") for file in files]
    starts = np.cumsum([0, *(len(shard) for shard in shards)])
    total = int(starts[-1])
    chosen = sorted({row * total // min(ROWS, total) for row in range(min(ROWS, total))})
    places = [(int(np.searchsorted(starts, index, "right")) - 1, index) for index in chosen]
    return [np.array(shards[shard][index - starts[shard]]) for shard, index in places]


def _as_rgb(picture: np.ndarray) -> np.ndarray:
    """One channel as grey, three as they are; of other numbers, the first three or the first."""
    channels = picture.shape[-1]
    return picture[..., :3] if channels >= 3 else picture[..., :1].repeat(3, -1)


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


def _sheet(columns: Mapping[str, Sequence[np.ndarray]]) -> Image.Image:
    rows = max(len(pictures) for pictures in columns.values())
    step = CELL + GAP
    sheet = Image.new("RGB", (len(columns) * step + GAP, rows * step + CAPTION + GAP), "white")
    pen = ImageDraw.Draw(sheet)
    for column, (caption, pictures) in enumerate(columns.items()):
        left = GAP + column * step
        pen.text((left, 4), caption, fill="black")
        for row, picture in enumerate(pictures):
            cell = Image.fromarray(picture).resize((CELL, CELL), Image.Resampling.LANCZOS)
            sheet.paste(cell, (left, CAPTION + row * step))
    return sheet
