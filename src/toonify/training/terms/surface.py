"""White-box cartoonization's adversary of surfaces."""

from __future__ import annotations

from typing import Any

from toonify.plugins import AdversarialTerm, Count, LossContext, Rate
from toonify.training.terms import ops


class Surface(AdversarialTerm):
    """Cartoons and drawings smoothed, their edges kept: broad areas and their colours.

    White-box cartoonization (Wang and Yu, CVPR 2020, section 3.1); radius and epsilon are those of
    its published code.

    Args:
        radius: Of the filter's windows, in pixels.
        epsilon: How much variance, of pictures in [-1, 1], is smoothed away.
    """

    uses = frozenset({"cartoon"})

    def __init__(self, radius: Count = 5, epsilon: Rate = 0.2) -> None:
        self.radius = radius
        self.epsilon = epsilon

    def real(self, context: LossContext) -> Any:
        return guided_filter(context.cartoon, self.radius, self.epsilon)

    def generated(self, context: LossContext) -> Any:
        return guided_filter(context.generated, self.radius, self.epsilon)


def guided_filter(pictures: Any, radius: int, epsilon: float) -> Any:
    """Smooths each channel, guided by itself (He, Sun and Tang, TPAMI 2013, algorithm 1 with p = I).

    In each window a = variance / (variance + epsilon) and b = (1 - a) · mean; a pixel becomes
    a · itself + b, where a and b are averaged over the windows that hold it. Windows end at the borders.

    Args:
        pictures: (N, H, W, C).
        radius: Windows have 2 · radius + 1 pixels a side.
        epsilon: A variance, in the pictures' unit squared.
    """
    mean = box(pictures, radius)
    variance = box(ops.square(pictures), radius) - ops.square(mean)
    slope = variance / (variance + epsilon)
    return box(slope, radius) * pictures + box((1 - slope) * mean, radius)


def box(pictures: Any, radius: int) -> Any:
    """The mean of the pixels within a square window, as many as lie in the picture."""
    return ops.average_pool(pictures, 2 * radius + 1, strides=1, padding="same")
