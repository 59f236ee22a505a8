"""Adversaries that see whole pictures: in colour, as CartoonGAN's, AnimeGAN's in colour and grey, and one
that knows the drawings of pairs.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.plugins import AdversarialTerm, LossContext, usage_error
from toonify.training.terms.colours import grey
from toonify.training.terms.surface import box

SMOOTHED = 5  # pixels across, around ink: as far as CartoonGAN's edge smoothing reaches


class Adversarial(AdversarialTerm):
    """Cartoons are real; edge-smoothed cartoons and drawings are fake (CartoonGAN, eq. 3)."""

    uses = frozenset({"cartoon", "smoothed"})

    def real(self, context: LossContext) -> Any:
        return context.cartoon

    def generated(self, context: LossContext) -> Any:
        return context.generated

    def fakes(self, context: LossContext) -> tuple[Any, ...]:
        return (context.smoothed,)


class GreyAdversarial(Adversarial):
    """Grey cartoons are fake too, so that drawings must not be; smoothed ones are shown in grey.

    The grayscale adversarial loss of AnimeGAN (Chen, Liu and Chen, ISICA 2019): edge-smoothed cartoons
    count less than the other three kinds, lest edges become too sharp.

    Args:
        smoothed: How much they count.

    Raises:
        ToonifyError: if it is not 0 to 1.
    """

    def __init__(self, smoothed: float = 0.1) -> None:
        if not 0 <= smoothed <= 1:
            raise usage_error(
                f"the option smoothed of the term 'grey_adversarial' should be 0 to 1, not {smoothed}"
            )
        self.fake_weights = (1.0, smoothed)

    def fakes(self, context: LossContext) -> tuple[Any, ...]:
        return grey(context.cartoon), grey(context.smoothed)


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
