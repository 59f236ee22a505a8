"""The style's painter, over what its network drew: it paints faces, and so can tell them from the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from toonify.errors import ToonifyError, usage_error
from toonify.media import DeepImage, WholeImage, eight_bits

if TYPE_CHECKING:
    from numpy import bool_, uint8
    from numpy.typing import NDArray

    from toonify.plugins import Painter


def rgb_pixels(image: WholeImage) -> NDArray[uint8]:
    """A picture as painters take it: RGB, (H, W, 3), uint8."""
    return np.asarray(eight_bits(image).convert("RGB"))


def paint_over(
    drawing: WholeImage, photo: NDArray[uint8], painter: Painter, controls: Mapping[str, float]
) -> NDArray[bool_]:
    """Let a painter paint over a drawing, in place.

    Args:
        drawing: What the network made of the photograph.
        photo: The photograph at the drawing's size, as `rgb_pixels` gives it.
        painter: Of the style.
        controls: The value of each of the style's controls.

    Returns:
        Where it painted, (H, W).
    """
    drawn = rgb_pixels(drawing)
    painted = painter.paint(photo, drawn, controls)
    touched: NDArray[bool_] = (painted != drawn).any(-1)
    if isinstance(drawing, DeepImage):
        drawing.paint(painted, touched)
    else:
        drawing.paste(Image.fromarray(painted))
    return touched


def part(painted: NDArray[bool_], only: str) -> Image.Image:
    """The mask, mode L, of what is drawn if that is the `faces` or the `background` only.

    Args:
        painted: Where the painter painted, (H, W).
        only: Which of the two.
    """
    return Image.fromarray(np.uint8(255) * (painted == (only == "faces")))


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
