"""The contract of a painter: who paints over what a network drew."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


class Painter(ABC):
    """Paints over what a style's network drew, while pictures are converted: faces, say.

    A style names one on its card (`painter`). It needs no framework of its own, and must be safe to use
    from several threads.
    """

    @abstractmethod
    def paint(
        self,
        photo: np.ndarray[Any, Any],
        cartoon: np.ndarray[Any, Any],
        controls: Mapping[str, float],
    ) -> np.ndarray[Any, Any]:
        """The cartoon, painted over; where there is nothing to paint, the cartoon as it is.

        Args:
            photo: sRGB, upright, uint8, (H, W, 3), at the size at which it was drawn.
            cartoon: What the network made of it, of the same type and shape; not to be changed.
            controls: The values of all of the style's controls.

        Returns:
            Of the cartoon's type and shape.
        """
