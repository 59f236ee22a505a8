"""Total variation."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm
from toonify.training.terms import ops


class Variation(LossTerm):
    """Smooths the drawings: mean squared difference of neighbouring pixels, down and across added.

    Total variation with β = 2 (Mahendran and Vedaldi, CVPR 2015, section 3), averaged, as AnimeGANv2
    and White-box cartoonization have it; they divide it further, by what their presets tell.
    """

    def loss(self, context: LossContext) -> Any:
        pictures = context.generated
        down, across = pictures[:, 1:] - pictures[:, :-1], pictures[:, :, 1:] - pictures[:, :, :-1]
        return ops.mean(ops.square(down)) + ops.mean(ops.square(across))
