"""A face by its 478 landmarks: which of them draw what, and a frame of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from toonify.datasets.filters import Array

# Indices of MediaPipe's face mesh (Kartynnik et al., "Real-time facial surface geometry from monocular
# video on mobile GPUs", 2019), irises after Ablavatski et al. (2020). "Right" is the face's own right.
# fmt: off
OVAL = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148,
    176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
]
JAW = [361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172, 58, 132]
UPPER_LIP = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291]
LOWER_LIP = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291]
UPPER_MOUTH = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
LOWER_MOUTH = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
SIDES = ([127, 234, 93, 132, 58], [356, 454, 323, 361, 288])
NOSE = [168, 122, 174, 198, 49, 48, 64, 98, 97, 2, 326, 327, 294, 278, 279, 420, 399, 351]
# fmt: on
BETWEEN_EYES, BROW_CENTRE, NOSE_BRIDGE, FOREHEAD, CHIN = 168, 9, 195, 10, 152
FOLDS = ([203, 206, 216, 212], [423, 426, 436, 432])
JAW_ENDS = [172, 397]
TEMPLES = [127, 356]


@dataclass(frozen=True)
class EyePoints:
    """Indices of an eye's landmarks, from its outer corner to its inner one."""

    upper: list[int]
    lower: list[int]
    crease: list[int]
    iris: int
    brow: list[int]


EYES = (
    EyePoints(
        upper=[33, 246, 161, 160, 159, 158, 157, 173, 133],
        lower=[33, 7, 163, 144, 145, 153, 154, 155, 133],
        crease=[247, 30, 29, 27, 28, 56, 190],
        iris=468,
        brow=[70, 63, 105, 66, 107, 55, 65, 52, 53, 46],
    ),
    EyePoints(
        upper=[263, 466, 388, 387, 386, 385, 384, 398, 362],
        lower=[263, 249, 390, 373, 374, 380, 381, 382, 362],
        crease=[467, 260, 259, 257, 258, 286, 414],
        iris=473,
        brow=[300, 293, 334, 296, 336, 285, 295, 282, 283, 276],
    ),
)


@dataclass(frozen=True)
class Face:
    """Landmarks of a face, (478, 2), x and y in pixels of a picture."""

    points: Array

    @cached_property
    def u(self) -> float:
        """The distance of the pupils; of a face seen from the side, what it would be from the front."""
        pupils = np.linalg.norm(self.points[EYES[0].iris] - self.points[EYES[1].iris])
        height = np.linalg.norm(self.points[CHIN] - self.points[FOREHEAD])
        return max(float(pupils), 0.47 * float(height), 1e-3)

    @cached_property
    def down(self) -> Array:
        """The unit vector from forehead to chin."""
        axis = self.points[CHIN] - self.points[FOREHEAD]
        return axis / (np.linalg.norm(axis) + 1e-6)

    @cached_property
    def across(self) -> Array:
        """The unit vector to the right of the picture, for an upright face."""
        return np.array([self.down[1], -self.down[0]])

    @cached_property
    def chin(self) -> float:
        """How far the chin is below the middle of the eyes, in units of `u`."""
        return float((self.points[CHIN] - self.points[BETWEEN_EYES]) @ self.down) / self.u

    def frame(self, shape: tuple[int, int]) -> tuple[Array, Array]:
        """Where each pixel is in the face's own frame, in units of `u` from between the eyes.

        Returns:
            To the right and down, (H, W) each.
        """
        y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
        x, y = x - self.points[BETWEEN_EYES, 0], y - self.points[BETWEEN_EYES, 1]
        right = (x * self.across[0] + y * self.across[1]) / self.u
        below = (x * self.down[0] + y * self.down[1]) / self.u
        return right.astype(np.float32), below.astype(np.float32)

    def moved(self, matrix: Array) -> Face:
        """The same face after an affine map, (2, 3)."""
        return Face((self.points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32))

    def scaled(self, factor: Array) -> Face:
        """The same face in its picture made so many times as wide and high, (2,)."""
        return Face(((self.points + 0.5) * factor - 0.5).astype(np.float32))

    def lowered(self, by: float) -> Face:
        """The same face, further down along itself by a share of `u`."""
        return Face((self.points + by * self.u * self.down).astype(np.float32))
