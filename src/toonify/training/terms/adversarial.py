"""Adversaries that see whole pictures: in colour, as CartoonGAN's, AnimeGAN's in colour and grey, one that
sees their features, and one that knows the drawings of pairs.
"""

from __future__ import annotations

from typing import Any

from toonify.plugins import AdversarialTerm, Fraction, LossContext, Natural
from toonify.training.terms import ops
from toonify.training.terms.colours import grey
from toonify.training.terms.surface import box

SMOOTHED = 5  # pixels across, around ink: as far as CartoonGAN's edge smoothing reaches


class Adversarial(AdversarialTerm):
    """Cartoons are real; edge-smoothed cartoons and drawings are fake (CartoonGAN, eq. 3)."""

    uses = frozenset({"cartoon", "smoothed"})

    def real(self, context: LossContext) -> Any:
        return self.seen(context.cartoon, context)

    def generated(self, context: LossContext) -> Any:
        return self.seen(context.generated, context)

    def fakes(self, context: LossContext) -> tuple[Any, ...]:
        return (self.seen(context.smoothed, context),)

    def seen(self, pictures: Any, context: LossContext) -> Any:
        """What the discriminator sees of pictures."""
        return pictures


class GreyAdversarial(Adversarial):
    """Grey cartoons are fake too, so that drawings must not be; smoothed ones are shown in grey.

    The grayscale adversarial loss of AnimeGAN (Chen, Liu and Chen, ISICA 2019): edge-smoothed cartoons
    count less than the other three kinds, or edges would become too sharp.

    Args:
        smoothed: How much they count.
    """

    def __init__(self, smoothed: Fraction = 0.1) -> None:
        self.fake_weights = (1.0, smoothed)

    def fakes(self, context: LossContext) -> tuple[Any, ...]:
        return grey(context.cartoon), grey(context.smoothed)


class FeatureAdversarial(Adversarial):
    """Features of cartoons are real; those of edge-smoothed cartoons and of drawings are fake.

    The backbone is frozen and sees well from the first step on, where a discriminator of pixels must learn
    to (Projected GANs: Sauer et al., NeurIPS 2021). In each step all pictures, on TensorFlow those of one
    device, are cut alike, at a place drawn at random, so that the generator cannot learn a pattern that fits
    the backbone's strides.

    Args:
        shift: By how many pixels down and right at most, and how many less they have a side; of small
            pictures a quarter of a side.
    """

    uses = frozenset({"cartoon", "smoothed", "features"})

    def __init__(self, shift: Natural = 3) -> None:
        self.shift = shift

    def seen(self, pictures: Any, context: LossContext) -> Any:
        n, height, width, channels = pictures.shape
        shift = min(self.shift, height // 4, width // 4)
        down, right = (ops.cast(context.noise[0, 0, 0, i] * (shift + 1), "int32") for i in (-1, -2))
        size = (n, height - shift, width - shift, channels)
        return context.features(ops.slice(pictures, (0, down, right, 0), size))


class PairedAdversarial(AdversarialTerm):
    """The pairs' drawings are real; the generator's are fake, and so are the pairs' with smoothed edges.

    CartoonGAN's three inputs (eq. 3) where every photograph has a drawing: what a distance to one drawing
    leaves soft, for want of a reason to choose, becomes a decision.
    """

    uses = frozenset({"paired"})

    def real(self, context: LossContext) -> Any:
        return context.drawing

    def generated(self, context: LossContext) -> Any:
        return context.generated

    def fakes(self, context: LossContext) -> tuple[Any, ...]:
        drawing = context.drawing
        near_ink = ops.max_pool(context.ink, SMOOTHED, strides=1, padding="same")
        return (drawing + (box(box(drawing, 1), 1) - drawing) * near_ink,)
