"""What both ways of keeping a Wasserstein critic smooth have in common."""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.plugins import AdversarialLoss


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
