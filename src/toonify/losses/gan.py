"""The original game."""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.plugins import AdversarialLoss


class GAN(AdversarialLoss):
    """Binary cross-entropy on logits (Goodfellow et al., 2014, eq. 1).

    With edge-smoothed cartoons as a second fake it is CartoonGAN's eq. 3: one term for each kind of
    picture, added up. The generator's side is the one that does not saturate: -log D(G(p)) (Goodfellow
    et al., section 3).
    """

    def discriminator(self, real: Any, *fakes: Any) -> Any:
        """-log σ(real) - Σ log(1 - σ(fake))."""
        return ops.mean(ops.softplus(-real)) + sum(ops.mean(ops.softplus(fake)) for fake in fakes)

    def generator(self, fake: Any) -> Any:
        """-log σ(fake)."""
        return ops.mean(ops.softplus(-fake))
