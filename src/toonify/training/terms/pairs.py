"""Terms that supervise a generator's heads with pairs: flat colours and ink."""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.plugins import LossContext, LossTerm


class Colour(LossTerm):
    """Mean |colour head - flat colours|, colours in [-1, 1]."""

    uses = frozenset({"paired"})

    def loss(self, context: LossContext) -> Any:
        return ops.mean(ops.abs(context.heads["colour"] - context.colour))


class Gradient(LossTerm):
    """The same of the differences between neighbouring pixels, down and across added: flat stays flat."""

    uses = frozenset({"paired"})

    def loss(self, context: LossContext) -> Any:
        error = context.heads["colour"] - context.colour
        down, across = error[:, 1:] - error[:, :-1], error[:, :, 1:] - error[:, :, :-1]
        return ops.mean(ops.abs(down)) + ops.mean(ops.abs(across))


class Ink(LossTerm):
    """Mean binary cross-entropy of the ink head's logits.

    Args:
        emphasis: An inked pixel counts 1 + this, for most pixels are bare.
    """

    uses = frozenset({"paired"})

    def __init__(self, emphasis: float = 6.0) -> None:
        self.emphasis = emphasis

    def loss(self, context: LossContext) -> Any:
        entropy = ops.binary_crossentropy(context.ink, context.heads["ink"], from_logits=True)
        return ops.mean((1 + self.emphasis * context.ink) * entropy)
