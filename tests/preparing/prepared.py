"""Drawing small pictures, looking into a dataset, and sources of a stranger's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from drawing import draw_discs as drawing

from toonify.plugins import DatasetSource, Domain, SourceItem
from toonify.preparing import pipeline
from toonify.preparing.report import Report


def draw(path: Path, width: int = 60, height: int = 48, name: str = "") -> Path:
    """Save a drawing of its own under `path`: that of `name`, or else of the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drawing(name or path.name, width, height).save(path)
    return path


def draw_photos(folder: Path) -> Path:
    """Twelve photographs in `photos`, some of them in a sub-folder."""
    for index in range(8):
        draw(folder / "photos" / f"{index}.png", width=60 + index)
    for index in range(4):
        draw(folder / "photos" / "more" / f"{index}.jpg")
    return folder / "photos"


def draw_cartoons(folder: Path) -> Path:
    """Six cartoons in `cartoons`."""
    for index in range(6):
        draw(folder / "cartoons" / f"c{index}.png", height=70)
    return folder / "cartoons"


def leave_out_pictures(patch: pytest.MonkeyPatch) -> None:
    """Neither charts nor contact sheet, which take longer than all the rest of a small dataset."""
    patch.setattr(Report, "write", lambda _, path, __: path.write_text("no charts"))
    patch.setattr(pipeline, "write_contact_sheet", lambda path, _: path.write_bytes(b"no sheet"))


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
