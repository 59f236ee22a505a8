"""Reading a dataset: its pictures as memory-mapped arrays."""

from __future__ import annotations

import bisect
from pathlib import Path

import numpy as np

from toonify.errors import ToonifyError, nothing_at
from toonify.storage import ARRAYS, DatasetManifest, is_inside
from toonify.storage.arrays import Damaged, map_array
from toonify.text import for_shell

AGAIN = "Prepare the dataset again."


class Shards:
    """One array of one split, over its shard files; nothing is read before it is asked for.

    Args:
        files: The shards' paths, in order.
        counts: Pictures in each.
        shape: Of a picture, (S, S, C).

    Raises:
        ToonifyError: if a shard is missing, or not what the manifest says.
    """

    def __init__(self, files: list[Path], counts: list[int], shape: tuple[int, int, int]) -> None:
        self._arrays = [_mapped(file, (n, *shape)) for file, n in zip(files, counts, strict=True)]
        self._ends = list(np.cumsum(counts, dtype=int))

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._ends else 0

    @property
    def highest(self) -> int:
        """The highest number in their first channel, as of labels; 0 where there are no pictures."""
        return max((int(array[..., 0].max()) for array in self._arrays if array.size), default=0)

    def __getitem__(self, index: int) -> np.ndarray:
        """The picture, uint8, (S, S, C): a view on the file."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        shard = bisect.bisect_right(self._ends, index)
        start = self._ends[shard - 1] if shard else 0
        picture: np.ndarray = self._arrays[shard][index - start]
        return picture


def _whole(count: object) -> int:
    if type(count) is not int or count < 0:
        raise ValueError(count)
    return count


def _mapped(file: Path, shape: tuple[int, ...]) -> np.ndarray:
    try:
        array = map_array(file)
    except ToonifyError as error:
        damaged = isinstance(error, Damaged) and file.is_file()
        message = f"{file} is damaged: it holds no array of pictures" if damaged else error.message
        raise ToonifyError(message, AGAIN) from error
    if array.shape != shape or array.dtype != np.uint8:
        raise ToonifyError(
            f"{file} holds {array.dtype} {array.shape}, not uint8 {shape} as {DatasetManifest.FILE} says",
            AGAIN,
        )
    return array


class Dataset:
    """A prepared dataset.

    Args:
        folder: What `toonify prepare` wrote.
        manifest: What is known of one that need not be there, for those who want none of its pictures; `None`
            to read that of the folder.

    Raises:
        ToonifyError: if it is none, or of another schema version.
    """

    def __init__(self, folder: Path, manifest: DatasetManifest | None = None) -> None:
        if manifest is None and not folder.is_dir():
            hint = f"Make it: toonify prepare PHOTOS CARTOONS -o {for_shell(str(folder))}"
            raise nothing_at(folder, "dataset", hint)
        self.folder = folder
        self.manifest = manifest or DatasetManifest.read(folder)

    @property
    def size(self) -> int:
        """Side of the pictures, in pixels."""
        return self.manifest.size

    def count(self, array: str, split: str = "train") -> int:
        """How many pictures an array has."""
        return self.manifest.counts.get(split, {}).get(array, 0)

    def shards(self, array: str, split: str = "train") -> Shards:
        """An array of a split, such as `photo`.

        Raises:
            ToonifyError: if a shard is missing, damaged or outside the dataset's folder.
        """
        try:
            entries = self.manifest.shards.get(split, {}).get(array, [])
            files = [self._inside(str(entry["file"])) for entry in entries]
            counts = [_whole(entry["count"]) for entry in entries]
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise self._damaged(f"its shards of {split} {array}") from error
        if sum(counts) != self.count(array, split):
            raise self._damaged(f"its shards of {split} {array} are not as many as its counts say")
        return Shards(files, counts, (self.size, self.size, self.manifest.array(array).channels))

    def check(self) -> None:
        """Check every shard of a dataset, before a framework is started.

        Raises:
            ToonifyError: as `shards`.
        """
        known = {**ARRAYS, **self.manifest.arrays}
        for split in {**self.manifest.counts, **self.manifest.shards}:
            for array in {**self.manifest.counts.get(split, {}), **self.manifest.shards.get(split, {})}:
                if array in known:
                    self.shards(array, split)

    def _inside(self, file: str) -> Path:
        """A shard's path, once it is certain that no link or `..` leads out of the dataset."""
        path = self.folder / file
        if not is_inside(path, self.folder):
            raise ToonifyError(f"{path} lies outside the dataset's folder", AGAIN)
        return path

    def _damaged(self, what: str) -> ToonifyError:
        return ToonifyError(f"{self.folder / DatasetManifest.FILE} is damaged: {what}", AGAIN)
