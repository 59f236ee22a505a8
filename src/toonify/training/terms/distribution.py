"""A term that compares the drawings of a batch, all together, with its cartoons."""

from __future__ import annotations

from typing import Any

from toonify.plugins import Count, LossContext, LossTerm, usage_error
from toonify.training.terms import ops


class FeatureDistribution(LossTerm):
    """Makes the drawings vary as the cartoons do, in what the backbone sees of them.

    The squared maximum mean discrepancy between the mean features of the drawings and of the cartoons, as
    KID measures it on whole collections: the unbiased estimate with the kernel `(x·y / d + 1)³`, features
    being divided by the root mean square of the cartoons' (generative moment matching networks: Li, Swersky
    and Zemel, ICML 2015, eq. 3; the kernel is that of Bińkowski et al., "Demystifying MMD GANs", ICLR 2018,
    section 4). There is no adversary that could win or lose. The estimate is 0 on average for pictures of
    one kind, and as often below.

    Args:
        reduce: How many times smaller the backbone sees the pictures: what is coarser counts then.
        cells: Into how many parts a side every picture is cut; each counts as a picture then.

    Raises:
        ToonifyError: when computed, if there is only one part to compare.
    """

    uses = frozenset({"cartoon", "features"})

    def __init__(self, reduce: Count = 1, cells: Count = 1) -> None:
        self.reduce = reduce
        self.cells = cells

    def loss(self, context: LossContext) -> Any:
        made, wanted = (self.means(pictures, context) for pictures in (context.generated, context.cartoon))
        size = ops.sqrt(ops.mean(ops.square(wanted)))
        made, wanted = made / size, wanted / size
        return _alike(made) + _alike(wanted) - 2 * ops.mean(_kernel(made, wanted))

    def means(self, pictures: Any, context: LossContext) -> Any:
        """Mean features of each part of each picture, (parts, channels)."""
        if self.reduce > 1:
            pictures = ops.average_pool(pictures, self.reduce, strides=self.reduce)
        features = context.features(pictures)
        height, width, channels = features.shape[1:]
        cells = min(self.cells, height, width)
        if features.shape[0] == cells == 1:
            raise usage_error(
                "the term 'feature_distribution' compares pictures with each other, and a device has but one "
                "at a time",
                "Give a `batch_size` of 2 or more for each device.",
            )
        part = (height // cells, width // cells)
        means = ops.average_pool(features, part, strides=part)  # JAX takes no other default
        return ops.reshape(means[:, :cells, :cells], (-1, channels))


def _alike(samples: Any) -> Any:
    """The mean kernel of two of them, (n, d), that are not the same."""
    number = ops.cast(ops.shape(samples)[0], samples.dtype)
    products = _kernel(samples, samples)
    return (ops.sum(products) - ops.sum(ops.diagonal(products))) / (number * (number - 1))


def _kernel(left: Any, right: Any) -> Any:
    """(m, d) and (n, d) → (m, n)."""
    return (ops.matmul(left, ops.transpose(right)) / left.shape[1] + 1) ** 3
