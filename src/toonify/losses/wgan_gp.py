"""Wasserstein distance, with a gradient penalty."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from toonify.losses.wgan import Wasserstein
from toonify.plugins import Rate

TINY = 1e-12  # the root of 0 has no derivative
SCALE = 2.0**12  # what a pixel does to a mean of thousands of patches is too little for float16


class WGANGP(Wasserstein):
    """Wasserstein GAN with gradient penalty (Gulrajani et al., 2017, eq. 3).

    Args:
        weight: Of the penalty (the paper's λ).
    """

    def __init__(self, weight: Rate = 10.0) -> None:
        self.weight = weight

    def penalty(self, critic: keras.Model, real: Any, fake: Any, *, gradient: Any, epsilon: Any) -> Any:
        """λ · mean (|slope| - 1)² between real and generated pictures (algorithm 1, lines 5 to 7).

        The critic's score of a picture is the mean of its patches; the slope's norm is over all of a
        picture's values.
        """
        between = epsilon * real + (1 - epsilon) * fake

        def score(pictures: Any) -> Any:
            return SCALE * ops.mean(ops.cast(critic(pictures, training=True), "float32"), axis=(1, 2, 3))

        slope = ops.cast(gradient(score, between), "float32") / SCALE
        norm = ops.sqrt(ops.sum(ops.square(slope), axis=(1, 2, 3)) + TINY)
        return self.weight * ops.mean(ops.square(norm - 1))
