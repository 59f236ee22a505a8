"""A term that makes areas flat, and leaves borders alone."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm, Rate
from toonify.training.terms import ops

SIDE = 8  # pixels of a patch
LEVELS = 50.0  # of L*, nearly, that a step of 1 in a grey of [-1, 1] is
LEAST = 0.01  # a variance that keeps the root's slope finite


class CalmAreas(LossTerm):
    """Flattens what is calm: mean d / (d + `softness`), d the deviation of colours within 8 × 8 pixels.

    The mean is over all patches, those that are busy in the photograph counting 0.

    Because it is concave, a patch that is nearly flat becomes flat, and one with a border keeps it: many
    faint steps give way to a few clear ones, as in L0 smoothing (Xu et al., "Image smoothing via L0 gradient
    minimization", 2011, section 2). A drawing that fades does not become flatter by it: where the photograph
    deviates by more than `calm`, patches do not count, and d is taken as at the photograph's contrast.

    Args:
        calm: Deviation of the photograph, in about L*, at which a patch counts half.
        softness: Deviation of the drawing, likewise, that costs half as much as any.
    """

    def __init__(self, calm: Rate = 4.0, softness: Rate = 1.0) -> None:
        self.calm = calm
        self.softness = softness

    def loss(self, context: LossContext) -> Any:
        drawn = deviation(context.generated) * contrast(context.photo) / contrast(context.generated)
        counts = ops.sigmoid(2 * (self.calm - deviation(context.photo)))
        return ops.mean(counts * drawn / (drawn + self.softness))


def deviation(pictures: Any) -> Any:
    """How far colours deviate within patches that overlap by half: the root of the channels' mean variance.

    Of luma alone it would teach blotches, of one lightness and many hues.

    Args:
        pictures: RGB in [-1, 1], (N, H, W, 3).

    Returns:
        (N, h, w, 1), of greys in about L*: 0 to 50.
    """
    levels = LEVELS * pictures
    mean, square = (
        ops.average_pool(values, SIDE, strides=SIDE // 2, padding="valid")
        for values in (levels, ops.square(levels))
    )
    variance = ops.mean(square - ops.square(mean), axis=-1, keepdims=True)
    return ops.sqrt(ops.maximum(variance, 0.0) + LEAST)


def contrast(pictures: Any) -> Any:
    """How far a picture's colours deviate on the whole, (N, 1, 1, 1), in about L*, and 1 more."""
    variance = ops.mean(ops.var(LEVELS * pictures, axis=(1, 2), keepdims=True), axis=-1, keepdims=True)
    return 1 + ops.sqrt(variance + LEAST)
