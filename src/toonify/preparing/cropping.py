"""Crops of a file, and the arrays derived from them: the work of a worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from PIL import Image

from toonify.preparing.plan import Job, Recipe, uniform
from toonify.preparing.request import FACELESS, FLAGS
from toonify.preparing.sharing import need_room
from toonify.preparing.source_arrays import Box, Cut, make_arrays
from toonify.preparing.unusable import Unusable, open_item

NO_FACE = f"{FACELESS}: {FLAGS[FACELESS]}"


@dataclass(frozen=True)
class Crops:
    """What became of a job.

    Attributes:
        count: How many pictures there are.
        arrays: By name, uint8, (count, S, S, channels); empty if they were only counted.
        reason: Why the file cannot be used; empty if it can.
        faces: How many there are, where crops are taken around them.
    """

    count: int = 0
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    reason: str = ""
    faces: int | None = None


def make_crops(recipe: Recipe, job: Job) -> Crops:
    """Open, check, crop, and derive what the domain asks for.

    Raises:
        ToonifyError: if the source breaks its promises; a file that cannot be used is an outcome.
        TooLarge: if the picture is, for a worker.
    """
    try:
        image, boxes, faces = _opened(recipe, job)
    except Unusable as error:
        return Crops(reason=str(error))
    crops = [np.asarray(cut(image, box, recipe.size)) for box in boxes]
    if recipe.tone == "auto" and job.domain == "photo":
        from toonify.preparing.tone import even_out

        crops = [even_out(crop) for crop in crops]
    arrays = make_arrays(recipe, job, crops, Cut(image, boxes, recipe.size))
    return Crops(len(crops), arrays, faces=faces)


def count_crops(recipe: Recipe, job: Job) -> Crops:
    """`make_crops` without the pictures: files are opened only where their faces matter.

    Raises:
        TooLarge: if the picture is, for a worker.
    """
    if recipe.crop != "face":
        return Crops(len(job.crops))
    try:
        _, boxes, faces = _opened(recipe, job)
    except Unusable as error:
        return Crops(reason=str(error))
    return Crops(len(boxes), faces=faces)


def _opened(recipe: Recipe, job: Job) -> tuple[Image.Image, list[Box], int | None]:
    """The picture, the squares to be cut out of it, and around how many faces they lie, should it matter.

    A picture gives as many squares as it has faces, however many are asked for.

    Raises:
        Unusable: if it cannot be opened, or lacks the face that the recipe needs.
        TooLarge: if it is, for a worker.
    """
    need_room(recipe, *job.item.files)
    image = open_item(recipe.sources[job.domain], job.item, recipe.size)
    chosen = partial(choose_box, *image.size, recipe.size, seed=recipe.seed, identity=job.item.identity)
    if recipe.crop != "face":
        return image, [chosen(crop=recipe.crop, index=index) for index in job.crops], None
    from toonify.preparing.faces import squares

    found = squares(image, recipe.size)
    if not found and recipe.need_faces:
        raise Unusable(NO_FACE)
    return image, found[job.crops.start :] or [chosen(crop="center", index=0)], len(found)


def choose_box(width: int, height: int, size: int, crop: str, seed: int, identity: str, index: int) -> Box:
    """Crop number `index` of a picture: a pure function of its arguments.

    `center` is the largest square in the middle. `random` starts with a largest square too
    (index 0), anywhere along the long side, so that every picture is seen whole once; further
    crops lie anywhere, with a side drawn log-uniformly up to the short side, so that all scales
    are equally likely. The smallest side is `size`, where pixels stay as they are; in pictures
    too small to vary that way, half their short side, but never under half of `size`.
    """
    short = min(width, height)
    if crop == "center":
        left, top = (width - short) // 2, (height - short) // 2
        return left, top, left + short, top + short
    scale, across, down = uniform(f"{seed}/{index}/{identity}")
    side = short
    if index > 0:
        smallest = max(size / 2, min(size, short / 2))
        side = round(smallest * (short / smallest) ** scale)
    left, top = int(across * (width - side + 1)), int(down * (height - side + 1))
    return left, top, left + side, top + side


def cut(image: Image.Image, box: Box, size: int) -> Image.Image:
    """The square `box` of a picture at (size, size): Lanczos down, bicubic up."""
    smaller = box[2] - box[0] > size
    method = Image.Resampling.LANCZOS if smaller else Image.Resampling.BICUBIC
    # A box filter halves a side that is three times too long, or more, first: two and a half times as
    # fast at a megapixel, and 45 dB from Lanczos alone (39 at worst).
    return image.resize((size, size), method, box=box, reducing_gap=1.5 if smaller else None)
