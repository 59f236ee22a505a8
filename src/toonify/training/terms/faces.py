"""A term that keeps faces recognisable, however they are drawn."""

from __future__ import annotations

from typing import Any

from toonify.plugins import LossContext, LossTerm, Weight
from toonify.training.terms import ops
from toonify.training.terms.content import content_distance
from toonify.training.terms.reconstruction import huber
from toonify.training.terms.yunet import STRIDES, YuNet

SEEN = 0.5  # YuNet's score from which a place sees a face
STRAYED = 0.03  # of a face's width: half of what a kept face may move by in benchmarks/portrait_painter.py


class FacePoints(LossTerm):
    """Keeps the five points of each face where they are, and what makes it a face, as YuNet sees it.

    Wherever YuNet (`find_faces`) sees a face in the photograph, it looks at the drawing, too: how far
    both eyes, the tip of the nose and both corners of the mouth strayed, as a Huber loss that turns linear
    at `STRAYED` of the face's width; how much less there is a face than in the photograph, by cross-entropy;
    and, all over the picture, how far its features are from the photograph's, as `Content` compares those of
    a backbone. Places count by their score, in a mean to which 1 place without a face is added: a crop
    with but the edge of a face does not count as one with all of it. The photograph itself costs nothing.

    Args:
        presence: How much it counts, beside the points, that a face is seen less.
        features: How much the features count beside them.
    """

    def __init__(self, presence: Weight = 0.1, features: Weight = 0.2) -> None:
        self.presence = presence
        self.features = features
        self._yunet = YuNet()

    def loss(self, context: LossContext) -> Any:
        photo, drawing = self._yunet(context.photo), self._yunet(context.generated)
        strayed, missed, faces, apart = 0.0, 0.0, 0.0, 0.0
        for stride in STRIDES:
            seen = score(photo[f"cls_{stride}"], photo[f"obj_{stride}"])
            sure = ops.where(seen > SEEN, seen, 0.0)
            width = ops.exp(photo[f"bbox_{stride}"][..., 2:3])
            off = (drawing[f"kps_{stride}"] - photo[f"kps_{stride}"]) / (STRAYED * width)
            strayed += _sums(sure * ops.mean(huber(off), axis=-1, keepdims=True))
            for name in (f"cls_{stride}", f"obj_{stride}"):
                missed += _sums(sure * ops.relu(ops.softplus(-drawing[name]) - ops.softplus(-photo[name])))
            faces += _sums(sure)
            features = f"features_{stride}"
            apart += content_distance(drawing[features], photo[features], relative=True)
        points = ops.mean((strayed + self.presence * missed) / (1 + faces))
        return points + self.features * (apart / len(STRIDES))


def score(classes: Any, objects: Any) -> Any:
    """How sure YuNet is of a face, 0 to 1, from its two logits."""
    return ops.sqrt(ops.sigmoid(classes) * ops.sigmoid(objects))


def _sums(places: Any) -> Any:
    """The sum of each picture, (N,)."""
    return ops.sum(places, axis=(1, 2, 3))
