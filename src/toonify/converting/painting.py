"""The style's painter, over what its network drew: it paints faces, and so can tell them from the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from toonify.errors import ToonifyError, usage_error
from toonify.media import DeepImage, WholeImage, eight_bits

if TYPE_CHECKING:
    from numpy import bool_, uint8
    from numpy.typing import NDArray

    from toonify.plugins import Painter

_SLIGHT = 12
"""Of 255: a change that nobody sees, for a painter cleans what lies around a face, too."""

_FRINGE = 0.06
"""How wide that is at most, as a share of the side of a square as large as what was painted."""

_SPECK = 9
"""Pixels across: what is narrower, and was not painted, belongs to a face."""


def rgb_pixels(image: WholeImage) -> NDArray[uint8]:
    """A picture as painters take it: RGB, (H, W, 3), uint8."""
    return np.asarray(eight_bits(image).convert("RGB"))


def paint_over(
    drawing: WholeImage, photo: NDArray[uint8], painter: Painter, controls: Mapping[str, float]
) -> NDArray[uint8]:
    """Let a painter paint over a drawing, in place.

    Args:
        drawing: What the network made of the photograph.
        photo: The photograph at the drawing's size, as `rgb_pixels` gives it.
        painter: Of the style.
        controls: The value of each of the style's controls.

    Returns:
        By how much it changed each pixel, (H, W), of its channels the most.
    """
    drawn = rgb_pixels(drawing)
    painted = painter.paint(photo, drawn, controls)
    change: NDArray[uint8] = (np.maximum(painted, drawn) - np.minimum(painted, drawn)).max(-1)
    if isinstance(drawing, DeepImage):
        drawing.paint(painted, change > 0)
    else:
        drawing.paste(Image.fromarray(painted))
    return change


def mask_of(change: NDArray[uint8], only: str) -> Image.Image:
    """The mask, mode L, of what is drawn if that is the `faces` or the `background` only.

    Args:
        change: By how much the painter changed each pixel, (H, W).
        only: Which of the two.
    """
    faces = change > 0
    if only == "background":
        faces = _without_fringe(faces, change < _SLIGHT)
    return Image.fromarray(np.uint8(255) * (faces == (only == "faces")))


def _without_fringe(faces: NDArray[bool_], slight: NDArray[bool_]) -> NDArray[bool_]:
    """Faces without what was changed but slightly around them: there the photograph would be a halo.

    Args:
        faces: Where the painter painted.
        slight: Where it changed little.
    """
    outside = _without_specks(~faces)
    around = outside | slight
    for _ in range(round(_FRINGE * math.sqrt(np.count_nonzero(faces)))):
        grown = outside.copy()
        grown[1:] |= outside[:-1]
        grown[:-1] |= outside[1:]
        grown[:, 1:] |= outside[:, :-1]
        grown[:, :-1] |= outside[:, 1:]
        outside = grown & around
    return ~_without_specks(outside)


def _without_specks(outside: NDArray[bool_]) -> NDArray[bool_]:
    """The same without what is narrower than `_SPECK`: pinholes in faces, notches where lines met before."""
    mask = Image.fromarray(np.uint8(255) * outside)
    for step in (ImageFilter.MinFilter(_SPECK), ImageFilter.MaxFilter(_SPECK)):
        mask = mask.filter(step)
    return np.asarray(mask) > 0


def no_painter(style: str, only: str) -> ToonifyError:
    """Why a part of a picture cannot be drawn alone in a style without a painter."""
    return usage_error(
        f"the style '{style}' has no painter to tell faces from the rest",
        f"Choose one that has, such as drawn, or leave `only` {only} out.",
    )


def faces_not_found(only: str, *, moving: bool) -> ToonifyError:
    """Why a part of a picture cannot be drawn alone where the painter does not work.

    Args:
        only: The part.
        moving: Whether that is because it is a frame of an animation; otherwise it is drawn too large.
    """
    if moving:
        return ToonifyError(
            "faces are not looked for in it: it is animated",
            f"Leave `only` {only} out, or draw no more than the first frame (`first_frame`).",
        )
    return ToonifyError(
        "faces are not looked for in it: it is drawn at more than 4 megapixels",
        f"Leave `only` {only} out, or draw it smaller (`detail` 1024).",
    )


def no_part_of_films(only: str) -> ToonifyError:
    """Why a part of a film's frames cannot be drawn alone: painters leave films alone."""
    return ToonifyError(f"`only` {only} is for pictures, not for films", f"Leave `only` {only} out.")
