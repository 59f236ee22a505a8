"""What a worker does: a file becomes the arrays of some of its crops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from PIL import Image

from toonify.errors import ToonifyError, one_line
from toonify.plugins import DatasetSource, Domain
from toonify.preparing.crops import Box, choose_box, cut
from toonify.preparing.opening import Unusable, open_item
from toonify.preparing.plan import Job


@dataclass(frozen=True)
class Recipe:
    """What all jobs have in common."""

    sources: Mapping[Domain, DatasetSource]
    size: int
    crop: str
    seed: int
    tone: str = "none"


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes:
        arrays: By name, uint8, (crops, S, S, channels); empty for a file that cannot be used.
        reason: Why it cannot.
        faces: How many there are, where crops are taken around them.
    """

    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    reason: str = ""
    faces: int | None = None

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(next(iter(self.arrays.values()), ()))


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
    boxes, faces = _boxes(recipe, job, image)
    crops = [np.asarray(cut(image, box, recipe.size)) for box in boxes]
    if recipe.tone == "auto" and job.domain == "photo":
        from toonify.preparing.tone import even_out

        crops = [even_out(crop) for crop in crops]
    return Outcome(_derive(source, job, crops), faces=faces)


def count_faces(recipe: Recipe, job: Job) -> int:
    """How many faces `make` would crop a file to; 0 for one that it cannot use."""
    try:
        image = open_item(recipe.sources[job.domain], job.item, recipe.size)
    except Unusable:
        return 0
    return _boxes(recipe, job, image)[1] or 0


def _boxes(recipe: Recipe, job: Job, image: Image.Image) -> tuple[list[Box], int | None]:
    """The squares to be cut out, and around how many faces they lie, should it matter.

    A picture gives as many squares as it has faces, however many are asked for.
    """
    chosen = partial(choose_box, *image.size, recipe.size, seed=recipe.seed, identity=job.item.identity)
    if recipe.crop != "face":
        return [chosen(crop=recipe.crop, index=index) for index in job.crops], None
    from toonify.preparing.faces import squares

    found = squares(image, recipe.size)
    return found[job.crops.start :] or [chosen(crop="center", index=0)], len(found)


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
