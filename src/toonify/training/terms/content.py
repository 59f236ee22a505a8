"""The content loss."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm
from toonify.training.terms import ops

TINY = 1e-6  # a photo without any features must not divide by 0


class Content(LossTerm):
    """Keeps what a photo shows: features of the drawing near those of the photo.

    Features of one backbone are numbers about 0.1, of another about 100. Divided by the photo's own,
    the same weight means the same for all of them. Each photo is judged by itself, so that it does not
    matter how a batch is shared out over devices.

    Args:
        relative: Divide by mean |features of the photo|.
    """

    uses = frozenset({"features"})

    def __init__(self, relative: bool = True) -> None:
        self.relative = relative

    def loss(self, context: LossContext) -> Any:
        generated, wanted = context.features(context.generated), context.features(context.photo)
        return content_distance(generated, wanted, relative=self.relative)


def content_distance(generated: Any, wanted: Any, *, relative: bool) -> Any:
    """Mean |features of the drawing - features of the photo| (CartoonGAN, eq. 4, averaged).

    Args:
        generated: Features of the drawing, (N, h, w, c).
        wanted: Those of the photo.
        relative: Divide by mean |features of the photo|, picture by picture.
    """
    distance = _picture_means(generated - wanted)
    return ops.mean(distance / (_picture_means(wanted) + TINY) if relative else distance)


def _picture_means(features: Any) -> Any:
    """Mean |feature| of each picture."""
    return ops.mean(ops.abs(features), axis=tuple(range(1, len(features.shape))))
