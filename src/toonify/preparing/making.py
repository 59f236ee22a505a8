"""What a worker does: a file becomes the arrays of some of its crops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from toonify.errors import ToonifyError, one_line
from toonify.plugins import DatasetSource, Domain
from toonify.preparing.crops import choose_box, cut
from toonify.preparing.opening import Unusable, open_item
from toonify.preparing.plan import Job


@dataclass(frozen=True)
class Recipe:
    """What all jobs have in common."""

    sources: Mapping[Domain, DatasetSource]
    size: int
    crop: str
    seed: int


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        arrays: By name, uint8, (crops, S, S, channels); empty for a file that cannot be used.
        reason: Why it cannot.
    """

    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    reason: str = ""


def make(recipe: Recipe, job: Job) -> Outcome:
    """Open, check, crop, and derive what the domain asks for.

    Raises:
        ToonifyError: if the source breaks its promises; a file that cannot be used is an outcome.
    """
    source = recipe.sources[job.domain]
    try:
        image = open_item(source, job.item, recipe.size)
    except Unusable as error:
        return Outcome(reason=str(error))
    crops = []
    for index in job.crops:
        box = choose_box(*image.size, recipe.size, recipe.crop, recipe.seed, job.item.identity, index)
        crops.append(np.asarray(cut(image, box, recipe.size)))
    return Outcome(_derive(source, job, crops))


def _derive(source: DatasetSource, job: Job, crops: list[np.ndarray]) -> dict[str, np.ndarray]:
    if job.domain == "photo":
        return {"photo": np.stack(crops)}
    if job.domain == "paired":
        return {"paired": np.stack([_pair(source, job, crop) for crop in crops])}
    from toonify.preparing.edges import smooth_edges

    return {"cartoon": np.stack(crops), "smoothed": np.stack([smooth_edges(crop) for crop in crops])}


def _pair(source: DatasetSource, job: Job, photo: np.ndarray) -> np.ndarray:
    kind = type(source).__name__
    try:
        pair = source.pair(photo)
    except Exception as error:
        raise ToonifyError(
            f"the source {kind} made no pair of {job.item.identity}: "
            f"{type(error).__name__}: {one_line(error)}"
        ) from error
    if not isinstance(pair, np.ndarray) or pair.dtype != np.uint8 or pair.shape != (*photo.shape[:2], 7):
        found = f"{pair.dtype} {pair.shape}" if isinstance(pair, np.ndarray) else type(pair).__name__
        raise ToonifyError(f"the source {kind} gave {found} as a pair, not uint8 {(*photo.shape[:2], 7)}")
    return pair
