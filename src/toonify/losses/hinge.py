"""Hinge."""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.plugins import AdversarialLoss


class Hinge(AdversarialLoss):
    """Hinge loss (Lim and Ye, 2017, "Geometric GAN"; Miyato et al., 2018, eq. 16 and 17).

    Opinions beyond ±1 are sure enough: nothing is learnt from them.
    """

    def discriminator(self, real: Any, *fakes: Any) -> Any:
        """max(0, 1 - real) + Σ max(0, 1 + fake)."""
        return ops.mean(ops.relu(1 - real)) + sum(ops.mean(ops.relu(1 + fake)) for fake in fakes)

    def generator(self, fake: Any) -> Any:
        """-fake."""
        return -ops.mean(fake)
