"""A window of a photograph around a face, at a size that suits whoever paints it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from toonify.datasets.filters import Array
from toonify.datasets.painting.crowd import of_others
from toonify.datasets.painting.face import BETWEEN_EYES, Face

REACH = (3.6, 3.2, 4.4)  # to either side, up and down, in distances of the pupils
LEAST = 8  # pixels across, of one that can be painted


class Window:
    """The surroundings of a face, scaled.

    Attributes:
        place: Rows and columns of the photograph.
        shape: Height and width there.
        inside: Whether its top, bottom, left and right border lie inside of the photograph.
        size: Width and height of the window.
    """

    def __init__(self, face: Face, shape: tuple[int, ...], pupils: tuple[float, float]) -> None:
        """Where a face is.

        Args:
            face: In pixels of the photograph.
            shape: Of the photograph, (H, W, ...).
            pupils: Pixels between the pupils in the window, at least and at most.
        """
        height, width = shape[:2]
        middle = face.points[BETWEEN_EYES]
        aside, up, down = (face.u * reach for reach in REACH)
        left, right = max(0, int(middle[0] - aside)), min(width, int(middle[0] + aside) + 1)
        top, bottom = max(0, int(middle[1] - up)), min(height, int(middle[1] + down) + 1)
        self.place = (slice(top, bottom), slice(left, right))
        self.shape = (bottom - top, right - left)
        self.inside = (top > 0, bottom < height, left > 0, right < width)
        self._scale = float(np.clip(face.u, *pupils)) / face.u
        self.size = round((right - left) * self._scale), round((bottom - top) * self._scale)

    @property
    def too_small(self) -> bool:
        return min(self.shape) < LEAST

    def there(self, values: Array) -> Array:
        """What the photograph, or a mask of its size, is in the window."""
        how = cv2.INTER_AREA if self._scale < 1 else cv2.INTER_CUBIC
        return cv2.resize(np.ascontiguousarray(values[self.place]), self.size, interpolation=how)

    def back(self, values: Array) -> Array:
        """What was painted in the window, at the size of its place."""
        how = cv2.INTER_CUBIC if self._scale < 1 else cv2.INTER_AREA
        return cv2.resize(values, self.shape[::-1], interpolation=how)

    def among(self, faces: Sequence[Face], number: int) -> tuple[Face, Array]:
        """One of the photograph's faces, in pixels of the window, and what there is `of_others`.

        Args:
            faces: All of them, the nearest first.
            number: Of this one.
        """
        rows, columns = self.place
        factor = np.array([self.size[0] / self.shape[1], self.size[1] / self.shape[0]])
        near = [Face(face.points - (columns.start, rows.start)).scaled(factor) for face in faces]
        return near[number], of_others(self.size[::-1], near[number], near[:number], near[number + 1 :])
