"""The style loss: Gram matrices."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm
from toonify.training.terms import ops
from toonify.training.terms.colours import grey as without_colour
from toonify.training.terms.content import content_distance


class Style(LossTerm):
    """Gives the drawings the cartoons' textures: which features occur together, wherever they are.

    Mean |Gram matrix of the drawing - that of a cartoon| (Gatys, Ecker and Bethge, CVPR 2016, eq. 3
    to 5, with absolute differences as AnimeGAN has them).

    Args:
        grey: Of cartoons without their colours, so that textures alone are learnt; the drawing is
            compared as it is (the grayscale style loss of AnimeGAN: Chen, Liu and Chen, ISICA 2019).
        relative: Divide by mean |Gram matrix of the cartoon|, so that the same weight means the same
            for every backbone.
    """

    uses = frozenset({"cartoon", "features"})

    def __init__(self, grey: bool = False, relative: bool = True) -> None:
        self.grey = grey
        self.relative = relative

    def loss(self, context: LossContext) -> Any:
        model = without_colour(context.cartoon) if self.grey else context.cartoon
        generated, wanted = (gram(context.features(picture)) for picture in (context.generated, model))
        return content_distance(generated, wanted, relative=self.relative)


def gram(features: Any) -> Any:
    """Inner products of the feature maps, divided by how many numbers there are: (N, h, w, c) → (N, c, c).

    Gatys et al., eq. 3; they divide later, in eq. 4.
    """
    height, width, channels = ops.shape(features)[1:]
    maps = ops.reshape(features, (-1, height * width, channels))
    products = ops.matmul(ops.transpose(maps, (0, 2, 1)), maps)
    return products / ops.cast(height * width * channels, products.dtype)
