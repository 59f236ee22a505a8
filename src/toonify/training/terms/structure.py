"""White-box cartoonization's loss of structure."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm, Rate
from toonify.training.terms import ops
from toonify.training.terms.content import content_distance

LABELS = 256  # that superpixels have at most: a byte's
EVEN, UNEVEN = 20 / 255, 40 / 255  # the paper's γ₁ and γ₂


class Structure(LossTerm):
    """Gives drawings areas of one colour: features of a drawing near those of it with its pieces filled.

    White-box cartoonization (Wang and Yu, CVPR 2020, section 3.2, eq. 4 and 5). There each drawing is cut
    into superpixels at every step, which has no derivative and takes a processor seconds. Here they are those
    of its photograph (`superpixels`, an array of the dataset): a drawing shows the same things in the same
    places, and what is to be flat no longer depends on how it was drawn. As there, the filled drawing is
    a target, through which nothing is learnt.

    Args:
        power: By which filled colours in [0, 1] are raised: the paper's μ. Above 1 they get darker and more
            vivid.
        relative: Divide by mean |features of the filled drawing|, so that the same weight means the same
            for every backbone.
    """

    uses = frozenset({"features", "superpixels"})

    def __init__(self, power: Rate = 1.2, relative: bool = True) -> None:
        self.power = power
        self.relative = relative

    def loss(self, context: LossContext) -> Any:
        labels = context.array("superpixels")[..., 0]
        target = filled(ops.stop_gradient(context.generated), labels, self.power)
        features = context.features(context.generated), context.features(target)
        return content_distance(*features, relative=self.relative)


def filled(pictures: Any, labels: Any, power: float) -> Any:
    """Every piece in one colour of its own: (θ₁ · mean + θ₂ · median) ^ power, in [0, 1] (eq. 4).

    Pieces whose pixels deviate by less than 20 of 255 levels get their mean, by more than 40 their median,
    between them half of both, so that what stands out in a piece does not become haze over it. Which is for
    which is as in the published code (`label2rgb` in train_code/utils.py); there, pictures are in [-1, 1], so
    that all get their mean. The deviation is of pixels, channel by channel, its squares averaged over the
    three; the code takes it over all numbers of a piece, and so a vivid colour for an uneven one. The code
    also divides by the brightest colour, of which eq. 4 has nothing.

    Args:
        pictures: RGB in [-1, 1], (N, H, W, 3).
        labels: Whole numbers, 0 to 255, (N, H, W).
        power: As of `Structure`.
    """
    count, height, width, _ = ops.shape(pictures)
    pixels = height * width
    values = ops.reshape((ops.clip(pictures, -1, 1) + 1) / 2, (-1, pixels, 3))
    labels = ops.cast(ops.reshape(labels, (-1, pixels)), "int32")
    pieces = ops.reshape(labels + LABELS * ops.arange(count)[:, None], (-1,))

    def total(numbers: Any) -> Any:
        """The sum over each piece: (N, H · W, C) → (N, `LABELS`, C)."""
        channels = numbers.shape[-1]
        sums = ops.segment_sum(ops.reshape(numbers, (-1, channels)), pieces, count * LABELS)
        return ops.reshape(sums, (-1, LABELS, channels))

    sizes = total(ops.ones_like(values[..., :1]))
    known = ops.maximum(sizes, 1)  # a piece may have no pixels in a crop
    mean = total(values) / known
    variance = ops.maximum(total(ops.square(values)) / known - ops.square(mean), 0)
    deviation = ops.sqrt(ops.mean(variance, axis=-1, keepdims=True))
    share = ops.cast(deviation >= EVEN, "float32") / 2 + ops.cast(deviation > UNEVEN, "float32") / 2
    mixed = mean + share * (medians(values, labels, sizes) - mean)
    colours = ops.reshape(ops.clip(mixed, 0, 1) ** power, (-1, 3))  # rounding may have led below 0
    return 2 * ops.reshape(ops.take(colours, pieces, axis=0), (-1, height, width, 3)) - 1


def medians(values: Any, labels: Any, sizes: Any) -> Any:
    """Of each channel of each piece: sorted by piece, then by value, it is what stands in a piece's middle.

    Args:
        values: In [0, 1], (N, P, C).
        labels: Whole numbers, 0 to 255, (N, P).
        sizes: Pixels of each piece, float32, (N, `LABELS`, 1).

    Returns:
        (N, `LABELS`, C); without meaning for pieces of no pixels.
    """
    apart = 2.0 * ops.cast(labels, "float32")[..., None]  # pieces, by more than values can be
    line = ops.sort(apart + values, axis=1)
    sizes = ops.cast(sizes, "int32")
    starts = ops.cumsum(sizes, axis=1) - sizes
    last = values.shape[1] - 1
    middle = [ops.clip(starts + half, 0, last) for half in ((sizes - 1) // 2, sizes // 2)]
    channels = values.shape[-1]
    found = [ops.take_along_axis(line, ops.repeat(place, channels, -1), axis=1) for place in middle]
    return sum(found) / 2 - 2.0 * ops.arange(LABELS, dtype="float32")[:, None]
