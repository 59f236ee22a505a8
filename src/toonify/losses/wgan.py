"""Wasserstein distance, with clipped weights."""

from __future__ import annotations

import keras
from keras import ops

from toonify.losses.wasserstein import Wasserstein
from toonify.plugins import usage_error


class WGAN(Wasserstein):
    """Wasserstein GAN with clipped weights (Arjovsky et al., 2017, algorithm 1).

    Args:
        clip: Every weight of the critic stays in [-clip, clip] (the paper's c).
    """

    def __init__(self, clip: float = 0.01) -> None:
        if not clip > 0:
            raise usage_error(f"the option clip of the loss 'wgan' should be above 0, not {clip}")
        self.clip = clip

    def constrain(self, critic: keras.Model) -> None:
        """Clip the weights."""
        for variable in critic.trainable_variables:
            variable.assign(ops.clip(variable, -self.clip, self.clip))
