"""Drawing small pictures, looking into a dataset, and sources of a stranger's."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from PIL import Image

from toonify.plugins import DatasetSource, Domain, SourceItem


def drawing(name: str, width: int = 60, height: int = 48) -> Image.Image:
    """A few coloured discs, others for every name."""
    chance = np.random.default_rng(zlib.crc32(name.encode()))
    picture = np.full((height, width, 3), chance.integers(0, 256, 3), np.uint8)
    for _ in range(6):
        middle = (int(chance.integers(width)), int(chance.integers(height)))
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        cv2.circle(picture, middle, int(chance.integers(3, 20)), colour, -1)
    return Image.fromarray(picture)


def draw(path: Path, width: int = 60, height: int = 48, name: str = "") -> Path:
    """Save a drawing of its own under `path`: that of `name`, or else of the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing(name or path.name, width, height).save(path)
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


def sizes(folder: Path) -> dict[str, int]:
    """Pictures of each array, all splits together."""
    counts = manifest(folder)["counts"]
    return {name: number + counts["val"][name] for name, number in counts["train"].items()}


class Pairs(DatasetSource):
    """A stranger's source: photos become pairs whose ink marks the darkest pixels."""

    domains: ClassVar[frozenset[Domain]] = frozenset({"paired"})

    def __init__(self, limit: int = 80) -> None:
        self.limit = limit

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        for path in sorted(root.glob("*.png")):
            yield SourceItem(path.stem, path)

    def pair(self, photo: np.ndarray) -> np.ndarray:
        ink = np.where(photo.min(-1, keepdims=True) < self.limit, 255, 0).astype(np.uint8)
        return np.concatenate([photo, photo // 64 * 64, ink], -1)


class Both(Pairs):
    """A source of photos and cartoons that lie side by side in one folder."""

    domains: ClassVar[frozenset[Domain]] = frozenset({"photo", "cartoon"})

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        for path in sorted(root.glob("*.jpg" if domain == "cartoon" else "*.png")):
            yield SourceItem(path.name, path)
