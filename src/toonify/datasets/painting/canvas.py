"""What a face is painted on: colours, ink over them, and what has been painted where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toonify.datasets.filters import Array, laid


@dataclass
class Canvas:
    """What a face is painted on.

    Attributes:
        colours: CIELAB, (H, W, 3).
        ink: (H, W), 1 is ink.
        masks: Where each feature is, by its label.
    """

    colours: Array
    ink: Array
    masks: dict[str, Array]

    def lay(self, mask: Array, colour: Array | tuple[float, float, float]) -> None:
        self.colours = laid(self.colours, mask, colour)

    def draw(self, line: Array, strength: float = 1.0) -> None:
        self.ink = np.maximum(self.ink, strength * line)

    def mark(self, label: str, mask: Array) -> None:
        self.masks[label] = np.maximum(self.masks.get(label, np.float32(0)), mask)
