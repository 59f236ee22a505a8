"""Wasserstein distance, and the critic kept smooth by clipped weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from toonify.plugins import AdversarialLoss, Rate


class Wasserstein(AdversarialLoss):
    """An estimate of the Wasserstein distance (Arjovsky et al., 2017, eq. 2), by a critic without bounds.

    The critic scores real pictures high and the fakes low. The kinds of fakes are averaged, not
    added: with more weight on one side, shifting every score would lower the loss without bound.
    """

    boundary = None

    def discriminator(self, real: Any, *fakes: Any) -> Any:
        """Mean of the fakes - real."""
        return sum(ops.mean(fake) for fake in fakes) / len(fakes) - ops.mean(real)

    def generator(self, fake: Any) -> Any:
        """-fake."""
        return -ops.mean(fake)


class WGAN(Wasserstein):
    """Wasserstein GAN with clipped weights (Arjovsky et al., 2017, algorithm 1).

    Args:
        clip: Every weight of the critic stays in [-clip, clip] (the paper's c).
    """

    def __init__(self, clip: Rate = 0.01) -> None:
        self.clip = clip

    def constrain(self, critic: keras.Model) -> None:
        """Clip the weights."""
        for variable in critic.trainable_variables:
            variable.assign(ops.clip(variable, -self.clip, self.clip))
