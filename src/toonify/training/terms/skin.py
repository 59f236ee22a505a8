"""A term that keeps the colours of skin, whatever the cartoons' palette."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm, Weight
from toonify.training.terms import ops
from toonify.training.terms.colours import yuv

CB, CR = (77, 127), (133, 173)
"""Skin's range in the 8-bit YCbCr of ITU-R BT.601, of any tone: they differ in Y (Chai and Ngan, 1999)."""


class SkinColour(LossTerm):
    """Keeps the photo's colour wherever it is skin's, and leaves light and shadow to the artist.

    |ΔU| + |ΔV| where the photo is skin-coloured, nothing elsewhere; averaged over all pixels.

    Args:
        lightness: How much it counts, beside that, how far the mean Y of a picture's skin is off: dark skin
            stays dark, wherever the artist puts its light and shadow.
    """

    def __init__(self, lightness: Weight = 0.0) -> None:
        self.lightness = lightness

    def loss(self, context: LossContext) -> Any:
        here = skin(context.photo)
        light, *chroma = (
            here * (made - photo)
            for made, photo in zip(yuv(context.generated), yuv(context.photo), strict=True)
        )
        off = sum(ops.mean(ops.abs(channel)) for channel in chroma)
        return off + self.lightness * ops.mean(ops.abs(ops.mean(light, axis=(1, 2, 3))))


def skin(pictures: Any) -> Any:
    """1 where a picture has the colour of skin, 0 elsewhere: the skin-colour map of Chai and Ngan.

    D. Chai and K. N. Ngan, "Face segmentation using skin-color map in videophone applications", IEEE
    Transactions on Circuits and Systems for Video Technology 9(4), 1999, section III-A. Wood, sand and brick
    have it, too.

    Args:
        pictures: RGB in [-1, 1], (N, H, W, 3).

    Returns:
        (N, H, W, 1).
    """
    _, u, v = yuv(pictures)
    inside = True
    for chroma, (least, most), largest in ((u, CB, 0.436), (v, CR, 0.615)):
        level = 128 + 112 * chroma / largest  # BT.601-7, section 2.5.3
        inside = ops.logical_and(inside, ops.logical_and(level >= least, level <= most))
    return ops.cast(inside, pictures.dtype)
