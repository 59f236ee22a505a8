"""The contract of a backbone: whose features tell what pictures show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import keras


class Backbone(ABC):
    """A network whose features tell whether two pictures show the same things.

    Attributes:
        default_layer: The layer whose output is used when the user names none.
        licence: Under what terms its published weights may be used.
    """

    default_layer: ClassVar[str]
    licence: ClassVar[str]

    @abstractmethod
    def build(self, weights: str, layer: str) -> keras.Model:
        """A frozen model from RGB in [-1, 1], (N, H, W, 3), to features (N, h, w, c).

        Its own preprocessing is part of the graph.

        Args:
            weights: `imagenet`, the path of a file, or `none` for random weights.
            layer: The layer whose output to give.

        Raises:
            ToonifyError: if there is no such layer, or the weights cannot be had or do not fit.
        """
