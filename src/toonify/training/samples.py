"""Sample grids: what the generator makes of a few pictures that it does not train on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image

from toonify.media import Picture, save_picture
from toonify.training.dataset import Dataset
from toonify.training.grids import join

COLUMNS = 6


class Sampler:
    """Draws the same pictures again and again: photos above, cartoons beneath, targets last.

    Args:
        dataset: Its `val` split is used, or `train` where that is empty.
        array: `paired` or `photo`.
        side: Of the pictures' middle that is shown, in pixels.
        folder: Where the grids go.
        artist: From RGB in [-1, 1], (N, H, W, 3), to the same.
    """

    def __init__(
        self, dataset: Dataset, array: str, side: int, folder: Path, artist: Callable[..., Any]
    ) -> None:
        split = "val" if dataset.count(array, "val") else "train"
        shards = dataset.shards(array, split)
        # Spread over the split: neighbours are often alike.
        chosen = np.unique(np.linspace(0, len(shards) - 1, min(COLUMNS, len(shards))).astype(int))
        start = (dataset.size - side) // 2
        window = slice(start, start + side)
        self._pictures = np.stack([shards[int(index)][window, window] for index in chosen])
        self._folder = folder
        self._artist = artist

    def draw(self, step: int) -> Path:
        """Write `step-<n>.png`.

        Raises:
            ToonifyError: if it cannot be written.
        """
        photos = self._pictures[..., :3]
        made = keras.ops.convert_to_numpy(self._artist(photos.astype(np.float32) / 127.5 - 1))
        rows = [photos, np.clip((made + 1) * 127.5 + 0.5, 0, 255).astype(np.uint8)]
        if self._pictures.shape[-1] > 3:
            ink = self._pictures[..., 6:].astype(np.float32) / 255
            rows.append((self._pictures[..., 3:6] * (1 - ink)).astype(np.uint8))
        path = self._folder / f"step-{step:07d}.png"
        self._folder.mkdir(parents=True, exist_ok=True)
        save_picture(Picture(Image.fromarray(join(rows))), path, "PNG")
        return path
