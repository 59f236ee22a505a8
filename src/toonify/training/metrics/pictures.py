"""The pictures that are measured by: a spread over a split, cut to what the generator takes, in batches."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np

from toonify.training.dataset import Dataset

FEWEST = 4  # of a kind: a spread cannot be told from fewer
SPLITS = ("val", "train")  # by preference
_PARTS = {"cartoon": "cartoons", "smoothed": "smoothed", "paired": "pairs"}


def split_of(dataset: Dataset, array: str) -> str | None:
    """Where to take an array's pictures from: `val`, else `train`; `None` if both have too few."""
    return next((split for split in SPLITS if dataset.count(array, split) >= FEWEST), None)


def photo_array(dataset: Dataset) -> str:
    """Which array gives the photos: `photo`, or `paired`, whose first channels they are."""
    return "photo" if split_of(dataset, "photo") else "paired"


def parts_of(dataset: Dataset, networks: Collection[str]) -> frozenset[str]:
    """What there is to measure with: the dataset's pictures, and the networks that a run has."""
    pictures = {part for array, part in _PARTS.items() if split_of(dataset, array)}
    photos = {"photos"} if split_of(dataset, photo_array(dataset)) else set()
    return frozenset({*pictures, *photos, *networks})


class Pictures:
    """Some of an array's pictures, always the same, read from the disk each time.

    Args:
        dataset: Where they are.
        array: Of which `split_of` finds a split.
        limit: How many at most; spread evenly over the split, for neighbours are often alike.
        multiple: The sides are cut around the middle to a multiple of this.
        batch_size: How many at a time.

    Attributes:
        split: Where they come from.
    """

    def __init__(self, dataset: Dataset, array: str, *, limit: int, multiple: int, batch_size: int) -> None:
        self.split = split_of(dataset, array) or SPLITS[-1]
        self._shards = dataset.shards(array, self.split)
        count = min(max(limit, FEWEST), len(self._shards))
        self._chosen = np.linspace(0, len(self._shards) - 1, count).astype(int)
        side = dataset.size // multiple * multiple
        start = (dataset.size - side) // 2
        self._window = slice(start, start + side)
        self._batch_size = batch_size

    def __len__(self) -> int:
        return len(self._chosen)

    def batches(self) -> Iterator[tuple[np.ndarray, int]]:
        """Pictures, uint8, (batch size, side, side, C), and how many of them count.

        The last batch is filled up with its last picture, so that every batch has one shape.
        """
        for first in range(0, len(self), self._batch_size):
            chosen = self._chosen[first : first + self._batch_size]
            filled = np.pad(chosen, (0, self._batch_size - len(chosen)), mode="edge")
            pictures = [self._shards[int(index)][self._window, self._window] for index in filled]
            yield np.stack(pictures), len(chosen)
