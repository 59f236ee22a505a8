"""The arrays of a file's crops: its domain's own, and what its source makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from toonify.preparing.checked_source import CheckedSource
from toonify.preparing.plan import Job, Recipe
from toonify.storage import SUPERPIXELS

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""

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
    own = _pairs(source, job, crops, cut) if job.domain == "paired" else np.stack(crops)
    arrays = {str(job.domain): own}
    if job.domain == "cartoon":
        from toonify.preparing.edges import smooth_edges

        arrays["smoothed"] = np.stack([smooth_edges(crop) for crop in crops])
    declared = source.source.arrays.get(job.domain, {})
    if SUPERPIXELS in recipe.arrays[job.domain] and SUPERPIXELS not in declared:
        from toonify.preparing.superpixels import superpixels

        arrays[SUPERPIXELS] = np.stack([superpixels(crop) for crop in crops])
    return arrays | _derived(source, job, crops, cut) if declared else arrays


def _pairs(source: CheckedSource, job: Job, crops: Sequence[np.ndarray], cut: Cut) -> np.ndarray:
    if not source.source.whole:
        return np.stack([source.pair(job.item, crop) for crop in crops])
    whole = source.pair(job.item, np.asarray(cut.image))
    photo = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC)
    drawn = (Image.Resampling.HAMMING, Image.Resampling.BILINEAR)  # which put no halos around flat areas
    return cut.out_of(whole, [photo] * PHOTO + [drawn] * (whole.shape[-1] - PHOTO))


def _derived(source: CheckedSource, job: Job, crops: Sequence[np.ndarray], cut: Cut) -> dict[str, np.ndarray]:
    if not source.source.whole:
        each = [source.derive(job.domain, job.item, crop) for crop in crops]
        return {name: np.stack([arrays[name] for arrays in each]) for name in each[0]}
    nearest = (Image.Resampling.NEAREST, Image.Resampling.NEAREST)  # they may be labels
    whole = source.derive(job.domain, job.item, np.asarray(cut.image))
    return {name: cut.out_of(array, [nearest] * array.shape[-1]) for name, array in whole.items()}
