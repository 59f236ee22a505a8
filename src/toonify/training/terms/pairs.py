"""Terms that supervise a generator's heads: by default colour and ink, with the targets of pairs."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm
from toonify.training.terms import ops


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


class Colour(HeadTerm):
    """Mean |colour head - flat colours|, colours in [-1, 1].

    Args:
        head: The head.
        array: An array of flat colours of the photographs; empty for the pairs' own.
        labels: An array of one label a pixel, such as `regions` of the source `portrait`, by which pixels
            count more or less; empty where all count alike.
        weights: How much a pixel of each label counts, from label 0 on; 1 beyond the last.
    """

    def __init__(
        self, head: str = "colour", array: str = "", labels: str = "", weights: tuple[float, ...] = ()
    ) -> None:
        super().__init__(head, array)
        self.labels = labels
        self.weights = (*weights, *[1.0] * (256 - len(weights)))
        self.uses |= {labels} if labels else set()

    def error(self, context: LossContext) -> Any:
        """The head's colours less those that they should be."""
        wanted = context.colours(self.array) if self.array else context.colour
        return context.heads[self.head] - wanted

    def mean(
        self, context: LossContext, error: Any, rows: slice = slice(None), columns: slice = slice(None)
    ) -> Any:
        """Mean |error| of some rows and columns, each pixel with its weight."""
        size = ops.abs(error)
        if not self.labels:
            return ops.mean(size)
        labels = ops.cast(context.array(self.labels)[:, rows, columns, :1], "int32")
        return ops.mean(ops.take(ops.convert_to_tensor(self.weights, "float32"), labels) * size)

    def loss(self, context: LossContext) -> Any:
        return self.mean(context, self.error(context))


class Gradient(Colour):
    """The same of the differences between neighbouring pixels, down and across added: flat stays flat."""

    def loss(self, context: LossContext) -> Any:
        error, later = self.error(context), slice(1, None)
        down, across = error[:, 1:] - error[:, :-1], error[:, :, 1:] - error[:, :, :-1]
        return self.mean(context, down, rows=later) + self.mean(context, across, columns=later)


class Regions(HeadTerm):
    """Mean cross-entropy of a head that tells what each pixel belongs to.

    Args:
        head: Logits, a channel for each label.
        array: The labels, from 0 on.
    """

    def __init__(self, head: str = "regions", array: str = "regions") -> None:
        super().__init__(head, array)
        self.uses |= {"paired"}

    def loss(self, context: LossContext) -> Any:
        labels = ops.cast(context.array(self.array)[..., 0], "int32")
        return ops.mean(
            ops.sparse_categorical_crossentropy(labels, context.heads[self.head], from_logits=True)
        )


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
        entropy = ops.binary_crossentropy(ink, context.heads[self.head], from_logits=True)
        return ops.mean((1 + self.emphasis * ink) * entropy)
