"""Drawing small pictures, and looking into a dataset."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image


def drawing(name: str, width: int = 60, height: int = 48) -> Image.Image:
    """A few coloured discs, others for every name."""
    chance = np.random.default_rng(zlib.crc32(name.encode()))
    picture = np.full((height, width, 3), chance.integers(0, 256, 3), np.uint8)
    for _ in range(6):
        middle = (int(chance.integers(width)), int(chance.integers(height)))
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        cv2.circle(picture, middle, int(chance.integers(3, 20)), colour, -1)
    return Image.fromarray(picture)


def draw(path: Path, width: int = 60, height: int = 48) -> Path:
    """Save a drawing of its own under `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing(path.name, width, height).save(path)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its relative path."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def manifest(folder: Path) -> dict[str, Any]:
    """What `dataset.json` says."""
    return json.loads((folder / "dataset.json").read_text())


def array(folder: Path, split: str, name: str) -> np.ndarray:
    """All shards of an array, joined."""
    return np.concatenate([np.load(path) for path in sorted((folder / split).glob(f"{name}-*.npy"))])


def reasons(folder: Path) -> dict[str, str]:
    """Why each file was rejected."""
    return {entry["picture"]: entry["reason"] for entry in manifest(folder)["rejected"]}
