"""A dataset as `toonify prepare` writes it, small enough to train on in a moment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from toonify.storage import ARRAYS, Array, DatasetManifest

CHANNELS = {"photo": 3, "cartoon": 3, "smoothed": 3, "paired": 7, "superpixels": 1}


def write_dataset(folder: Path, *arrays: str, count: int = 8, val: int = 2, size: int = 32) -> Path:
    """`count` training pictures of each array, in two shards, and `val` to look at."""
    shards: dict[str, dict[str, list[dict[str, object]]]] = {}
    digest = hashlib.sha256()
    for split, pictures in (("train", count), ("val", val)):
        (folder / split).mkdir(parents=True, exist_ok=True)
        shards[split] = {}
        for array in arrays:
            data = pictures_of(array, pictures, size)
            halves = [half for half in np.array_split(data, 2) if len(half)]
            shards[split][array] = []
            for index, half in enumerate(halves):
                file = f"{split}/{array}-{index:05d}.npy"
                np.save(folder / file, half)
                digest.update((folder / file).read_bytes())
                shards[split][array].append({"file": file, "count": len(half)})
    DatasetManifest(
        request={},
        size=size,
        counts={split: {a: sum(s["count"] for s in e[a]) for a in arrays} for split, e in shards.items()},
        shards=shards,
        content_hash=digest.hexdigest(),
        arrays={name: Array("photo", CHANNELS[name]) for name in arrays if name not in ARRAYS},
    ).write(folder)
    return folder


def pictures_of(array: str, count: int, size: int) -> np.ndarray:
    """Two coloured areas; in pairs the photo is noisy, the flat colours are not, their border is ink."""
    chance = np.random.default_rng(len(array))
    data = np.empty((count, size, size, CHANNELS[array]), np.uint8)
    for picture in data:
        colours = chance.integers(40, 200, (2, 3))
        inside = np.zeros((size, size, 1), bool)
        edge = int(chance.integers(size // 4, 3 * size // 4))
        inside[:edge] = True
        flat = np.where(inside, colours[0], colours[1])
        picture[..., :3] = inside if array == "superpixels" else flat
        if array == "paired":
            picture[..., :3] = np.clip(flat + chance.integers(-20, 20, flat.shape), 0, 255)
            picture[..., 3:6] = flat
            picture[..., 6] = 0
            picture[edge - 1 : edge + 1, :, 6] = 255
    return data


def add_array(folder: Path, of: str, name: str, derive: Callable[[np.ndarray], np.ndarray]) -> None:
    """Another array of a dataset, made of one that it has, as a source might derive it."""
    manifest = DatasetManifest.read(folder)
    for split, arrays in manifest.shards.items():
        arrays[name] = []
        for shard in arrays[of]:
            derived = derive(np.load(folder / shard["file"]))
            file = shard["file"].replace(f"/{of}-", f"/{name}-")
            np.save(folder / file, derived)
            arrays[name].append({"file": file, "count": shard["count"]})
        manifest.counts[split][name] = manifest.counts[split][of]
    if name not in CHANNELS:
        manifest.arrays[name] = Array(manifest.array(of).domain, derived.shape[-1])
    manifest.write(folder)
