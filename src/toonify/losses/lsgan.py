"""Least squares."""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.plugins import AdversarialLoss


class LSGAN(AdversarialLoss):
    """Least-squares GAN (Mao et al., 2017, eq. 9): real is 1, fake is 0, and logits are not squashed."""

    boundary = 0.5

    def discriminator(self, real: Any, *fakes: Any) -> Any:
        """½ (real - 1)² + Σ ½ fake²."""
        return ops.mean(ops.square(real - 1)) / 2 + sum(ops.mean(ops.square(fake)) / 2 for fake in fakes)

    def generator(self, fake: Any) -> Any:
        """½ (fake - 1)²."""
        return ops.mean(ops.square(fake - 1)) / 2
