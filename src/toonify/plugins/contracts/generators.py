"""The contract of a generator: an architecture that draws."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from toonify.storage import Control

if TYPE_CHECKING:
    import keras


class Generator(ABC):
    """An architecture that turns photographs into cartoons.

    Attributes:
        halo: How many pixels around a tile its result depends on; `None` when the whole picture
            matters (normalisation over the picture).
        multiple: Sides must be multiples of this many pixels; `convert` pads and crops.
        controls: Numbers that whoever converts may choose, by name: letters, digits and underscores.
    """

    halo: int | None
    multiple: int
    controls: Mapping[str, Control] = {}

    @abstractmethod
    def build(self) -> keras.Model:
        """A new model from RGB in [-1, 1], (N, H, W, 3), to RGB in [-1, 1] of the same shape."""

    def heads(self, model: keras.Model) -> keras.Model | None:
        """A model that shares `model`'s weights and gives the parts that training may supervise.

        Returns:
            A model whose output is a dictionary of heads by name, (N, H, W, C) each; terms name the head
            that they look at. Those of the built-in terms are `colour`, RGB in [-1, 1], and `ink`,
            logits of one channel. `None` when the architecture has no heads.
        """
        return None

    def controlled(self, model: keras.Model) -> keras.Model:
        """A model that shares `model`'s weights and takes the numbers of `controls` beside the picture.

        Returns:
            A model from `{"picture": (N, H, W, 3), **numbers}`, each number a float32 of shape (), to what
            `model` gives; with every control at its default, exactly that. `model` itself when the
            architecture has no controls.
        """
        return model
