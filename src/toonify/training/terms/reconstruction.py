"""The colour reconstruction loss."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm
from toonify.training.terms import ops
from toonify.training.terms.colours import yuv


class Reconstruction(LossTerm):
    """Keeps the photo's colours, where an adversary in grey does not care for them.

    |ΔY| + Huber(ΔU) + Huber(ΔV), each averaged (the colour reconstruction loss of AnimeGAN: Chen, Liu
    and Chen, ISICA 2019).
    """

    def loss(self, context: LossContext) -> Any:
        errors = (
            made - photo for made, photo in zip(yuv(context.generated), yuv(context.photo), strict=True)
        )
        luma, *chroma = errors
        return ops.mean(ops.abs(luma)) + sum(ops.mean(huber(error)) for error in chroma)


def huber(error: Any) -> Any:
    """½ e² up to |e| = 1, and |e| - ½ beyond (Huber, 1964, with k = 1)."""
    size = ops.abs(error)
    return ops.where(size <= 1, ops.square(error) / 2, size - 0.5)
