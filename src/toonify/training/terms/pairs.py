"""Terms that supervise a generator's heads: by default colour and ink, with the targets of pairs."""

from __future__ import annotations

from typing import Any

from keras import ops

from toonify.plugins import LossContext, LossTerm, unknown


class HeadTerm(LossTerm):
    """Compares a head of the generator with what it should be.

    Args:
        head: Its name among the generator's.
        array: The dataset's array that it should be like, made of the photographs; empty for what
            `paired` has.
    """

    def __init__(self, head: str, array: str) -> None:
        self.head = head
        self.array = array
        self.uses = frozenset({"heads", array or "paired"})

    def given(self, context: LossContext) -> Any:
        """What the generator gives, float32, (N, H, W, C).

        Raises:
            ToonifyError: if it has no such head.
        """
        if self.head not in context.heads:
            raise unknown("head of the generator called", self.head, context.heads)
        return context.heads[self.head]


class Colour(HeadTerm):
    """Mean |colour head - flat colours|, colours in [-1, 1].

    Args:
        head: The head.
        array: An array of flat colours; empty for the pairs' own.
    """

    def __init__(self, head: str = "colour", array: str = "") -> None:
        super().__init__(head, array)

    def error(self, context: LossContext) -> Any:
        """The head's colours less those that they should be."""
        wanted = context.array(self.array) / 127.5 - 1 if self.array else context.colour
        return self.given(context) - wanted

    def loss(self, context: LossContext) -> Any:
        return ops.mean(ops.abs(self.error(context)))


class Gradient(Colour):
    """The same of the differences between neighbouring pixels, down and across added: flat stays flat."""

    def loss(self, context: LossContext) -> Any:
        error = self.error(context)
        down, across = error[:, 1:] - error[:, :-1], error[:, :, 1:] - error[:, :, :-1]
        return ops.mean(ops.abs(down)) + ops.mean(ops.abs(across))


class Ink(HeadTerm):
    """Mean binary cross-entropy of the ink head's logits.

    Args:
        emphasis: An inked pixel counts 1 + this, for most pixels are bare.
        head: The head.
        array: An array in which 255 is ink; empty for the pairs' own.
    """

    def __init__(self, emphasis: float = 6.0, head: str = "ink", array: str = "") -> None:
        super().__init__(head, array)
        self.emphasis = emphasis

    def loss(self, context: LossContext) -> Any:
        ink = context.array(self.array) / 255 if self.array else context.ink
        entropy = ops.binary_crossentropy(ink, self.given(context), from_logits=True)
        return ops.mean((1 + self.emphasis * ink) * entropy)
