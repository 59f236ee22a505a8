"""The arrays of a file's crops: its domain's own, and what its source makes, which may be anyone's code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PIL import Image

from toonify.errors import one_line
from toonify.plugins import DatasetSource, PluginInUse
from toonify.preparing.plan import Job, Recipe
from toonify.storage import ARRAYS, SUPERPIXELS

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""

T = TypeVar("T")

PHOTO = 3  # channels of a pair that are the photograph; the others are drawn


@dataclass(frozen=True)
class Cut:
    """Where the crops of a picture lie in it, and how large they become."""

    image: Image.Image
    boxes: Sequence[Box]
    size: int

    def out_of(
        self, array: np.ndarray, kernels: Sequence[tuple[Image.Resampling, Image.Resampling]]
    ) -> np.ndarray:
        """The crops of an array that shows the whole picture, at any size: (crops, S, S, C).

        Args:
            array: (h, w, C).
            kernels: For each channel, what it is reduced and enlarged by.
        """
        across, down = array.shape[1] / self.image.width, array.shape[0] / self.image.height
        channels = [Image.fromarray(array[..., number]) for number in range(array.shape[-1])]
        crops = []
        for left, top, right, bottom in self.boxes:
            box = (left * across, top * down, right * across, bottom * down)
            kernel = 0 if box[2] - box[0] > self.size else 1
            crop = [
                np.asarray(channel.resize((self.size, self.size), both[kernel], box=box))
                for channel, both in zip(channels, kernels, strict=True)
            ]
            crops.append(np.dstack(crop))
        return np.stack(crops)


def make_arrays(recipe: Recipe, job: Job, crops: Sequence[np.ndarray], cut: Cut) -> dict[str, np.ndarray]:
    """The domain's own arrays, superpixels if they are asked for, then those that its source derives: by
    name, uint8, (crops, S, S, C).

    Args:
        recipe: What all jobs share.
        job: Whose source is asked.
        crops: RGB, uint8, (S, S, 3) each.
        cut: How they were cut.

    Raises:
        ToonifyError: if the source breaks its promises.
    """
    source = recipe.sources[job.domain]
    asked = _Asked(source, recipe.plugins[job.domain], job, cut)
    own = asked.pairs(crops) if job.domain == "paired" else np.stack(crops)
    arrays = {str(job.domain): own}
    if job.domain == "cartoon":
        from toonify.preparing.edges import smooth_edges

        arrays["smoothed"] = np.stack([smooth_edges(crop) for crop in crops])
    declared = source.arrays.get(job.domain, {})
    if SUPERPIXELS in recipe.arrays[job.domain] and SUPERPIXELS not in declared:
        from toonify.preparing.superpixels import superpixels

        arrays[SUPERPIXELS] = np.stack([superpixels(crop) for crop in crops])
    return arrays | asked.derived(crops, declared) if declared else arrays


class _Asked:
    """A source whose answers are checked."""

    def __init__(self, source: DatasetSource, plugin: PluginInUse, job: Job, cut: Cut) -> None:
        self._source = source
        self._plugin = plugin
        self._job = job
        self._cut = cut

    def pairs(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        if not self._source.whole:
            return np.stack([self._pair(crop) for crop in crops])
        whole = self._pair(np.asarray(self._cut.image))
        photo = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC)
        drawn = (Image.Resampling.HAMMING, Image.Resampling.BILINEAR)  # which put no halos around flat areas
        return self._cut.out_of(whole, [photo] * PHOTO + [drawn] * (whole.shape[-1] - PHOTO))

    def derived(self, crops: Sequence[np.ndarray], declared: Mapping[str, int]) -> dict[str, np.ndarray]:
        if not self._source.whole:
            each = [self._derive(crop, declared) for crop in crops]
            return {name: np.stack([arrays[name] for arrays in each]) for name in declared}
        nearest = (Image.Resampling.NEAREST, Image.Resampling.NEAREST)  # they may be labels
        whole = self._derive(np.asarray(self._cut.image), declared)
        return {name: self._cut.out_of(array, [nearest] * declared[name]) for name, array in whole.items()}

    def _pair(self, photo: np.ndarray) -> np.ndarray:
        pair = self._answer("made no pair", lambda: self._source.pair(photo))
        self._need(pair, "a pair", ARRAYS["paired"].channels, photo)
        return pair

    def _derive(self, picture: np.ndarray, declared: Mapping[str, int]) -> dict[str, np.ndarray]:
        # A copy, for what the source draws into it must not reach the dataset.
        arrays = self._answer(
            "derived nothing", lambda: dict(self._source.derive(self._job.domain, picture.copy()))
        )
        if arrays.keys() != declared.keys():
            raise self._plugin.error(
                f"{self._plugin} derived {_listed(arrays)} of {self._job.item.identity}, "
                f"not {_listed(declared)}"
            )
        for name, channels in declared.items():
            self._need(arrays[name], f"the array '{name}'", channels, picture)
        return arrays

    def _answer(self, failed: str, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (Exception, SystemExit) as error:
            raise self._plugin.error(
                f"{self._plugin} {failed} of {self._job.item.identity}: "
                f"{type(error).__name__}: {one_line(error)}"
            ) from error

    def _need(self, array: object, name: str, channels: int, picture: np.ndarray) -> None:
        height, width = picture.shape[:2]
        shape = (height, width, channels)
        fits = isinstance(array, np.ndarray) and array.dtype == np.uint8 and array.ndim == 3
        if fits and self._source.whole:  # at any size, as long as it is of the same shape
            assert isinstance(array, np.ndarray)
            apart = abs(array.shape[0] * width - array.shape[1] * height)
            fits = array.shape[2] == channels and array.size > 0 and apart <= max(height, width)
        elif fits:
            fits = array.shape == shape  # type: ignore[attr-defined]
        if not fits:
            found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            raise self._plugin.error(f"{self._plugin} gave {found} as {name}, not uint8 {shape}")


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(map(str, names))) or "no arrays"
