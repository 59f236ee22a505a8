"""A term of the loss: drawings as colourful as the cartoons."""

from keras import ops

from toonify.plugins import LossTerm


class Vividness(LossTerm):
    """How far the drawings' mean chroma is from the cartoons', squared."""

    uses = frozenset({"cartoon"})

    def loss(self, context):
        return ops.square(ops.mean(chroma(context.generated)) - ops.mean(chroma(context.cartoon)))


def chroma(pictures):
    """A pixel's strongest channel less its weakest (Smith, 1978)."""
    return ops.max(pictures, axis=-1) - ops.min(pictures, axis=-1)
