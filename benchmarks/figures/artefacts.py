"""What a network leaves in areas where a drawing should be empty: grids and specks."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

WINDOW = 15  # pixels: sides of the square in which an area is flat or not
CALM = 2.0  # L*: the deviation in it below which it is
DARKER = 6.0  # L* from what is around it, that makes a speck
AROUND = 9  # pixels
SMALL = 12  # pixels: fewer make a speck


def flat_areas(lightness: np.ndarray) -> np.ndarray:
    """Skies, walls, skin: where the deviation within 15 x 15 pixels is below 2.

    Args:
        lightness: L*, float32, (H, W).

    Returns:
        Whether each pixel is the middle of such a square, (H, W).
    """
    mean = cv2.blur(lightness, (WINDOW, WINDOW))
    squares = cv2.blur(lightness * lightness, (WINDOW, WINDOW))
    return squares - mean * mean < CALM**2


def count_specks(lightness: np.ndarray, flat: np.ndarray) -> int:
    """Connected spots of fewer than 12 pixels that differ by over 6 from the median of 9 x 9 around them.

    Args:
        lightness: L*, float32, (H, W).
        flat: Where to look; a spot must lie in it whole.
    """
    levels = np.rint(lightness * 2.55).clip(0, 255).astype(np.uint8)
    off = (levels.astype(np.float32) - cv2.medianBlur(levels, AROUND)) / 2.55
    count = 0
    for spots in (off > DARKER, off < -DARKER):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(spots.astype(np.uint8), connectivity=8)
        areas = stats[:, cv2.CC_STAT_AREA]
        inside = np.bincount(labels[flat], minlength=len(areas)) == areas
        count += int((inside & (areas < SMALL))[1:].sum())  # the first is all that is no spot
    return count


class Grid:
    """How strongly pictures repeat at a period of a generator's upsampling, over all that are added.

    A pixel's departure from the mean of the square of one period around it is averaged over all flat
    pixels with the same place in the grid (column and row modulo the period): what repeats stays, the rest
    averages out. Energy is the variance of these averages. What chance and content leave in them is
    estimated by the mean energy of a period one pixel shorter and one longer, which no generator has.

    Args:
        period: In pixels, over 1: a generator's `multiple`, the step of its coarsest level. Its halves are
            those of finer levels, and are looked at, too.
    """

    def __init__(self, period: int) -> None:
        self.period = period
        self._levels = list(_halves(period))
        sides = {side for level in self._levels for side in (level - 1, level, level + 1) if side > 1}
        self._sums = {side: np.zeros((2, side, side)) for side in sorted(sides)}

    def add(self, lightness: np.ndarray, flat: np.ndarray) -> None:
        """Count a picture in.

        Args:
            lightness: L*, float32, (H, W); the grid begins in its upper left corner.
            flat: Which pixels count.
        """
        rows, columns = np.nonzero(flat)
        for side, sums in self._sums.items():
            departure = (lightness - cv2.blur(lightness, (side, side)))[flat]
            place = rows % side * side + columns % side
            sums[0] += np.bincount(place, departure, side * side).reshape(side, side)
            sums[1] += np.bincount(place, minlength=side * side).reshape(side, side)

    def strength(self) -> float:
        """Of the strongest level, the root mean square in L* beyond chance; NaN if nothing was flat."""
        energies = {side: _variance(*sums) for side, sums in self._sums.items()}
        beyond = [
            energies[level] - np.mean([energies[side] for side in (level - 1, level + 1) if side in energies])
            for level in self._levels
        ]
        return float(np.sqrt(np.maximum(np.max(beyond), 0)))


def _halves(period: int) -> Iterator[int]:
    """The period, its half and so on, while they are whole and over 1."""
    while period > 1:
        yield period
        if period % 2:
            return
        period //= 2


def _variance(sums: np.ndarray, counts: np.ndarray) -> float:
    """Of the means, each as often as it was counted."""
    if not counts.any():
        return float("nan")
    means = sums / np.maximum(counts, 1)
    return float(np.average((means - np.average(means, weights=counts)) ** 2, weights=counts))
