"""Columns of hundreds of thousands of steps as curves that a page can hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POINTS = 400  # of a curve at most, whatever the number of steps
SMOOTH = 25  # a smoothed curve's points are means over a phase's length divided by this, or five steps


@dataclass(frozen=True)
class Curve:
    """A column over the steps; NaN separates the phases.

    Attributes:
        raw: Positions and values; of a stretch of steps that would fall on one point, the least and
            the greatest value.
        smooth: Positions and means around them.
        limits: Between which the curve is worth looking at: all of `smooth`, and all but a hundredth of
            the values at either end.
    """

    raw: tuple[np.ndarray, np.ndarray]
    smooth: tuple[np.ndarray, np.ndarray]
    limits: tuple[float, float]


def phase_starts(steps: np.ndarray, phases: np.ndarray) -> dict[str, float]:
    """The first step of each phase, by its name; both arguments are (rows,)."""
    names, first = np.unique(phases, return_index=True)
    return {str(names[place]): float(steps[first[place]]) for place in np.argsort(first)}


def curve(steps: np.ndarray, values: np.ndarray, phases: np.ndarray) -> Curve | None:
    """The curve of a column, of which all arguments are (rows,); `None` without a finite value."""
    known = np.isfinite(steps) & np.isfinite(values)
    steps, values, phases = steps[known], values[known], phases[known]
    if not len(steps):
        return None
    borders = np.flatnonzero(phases[1:] != phases[:-1]) + 1
    pieces = list(zip(np.split(steps, borders), np.split(values, borders), strict=True))
    share = [max(2, POINTS * len(piece) // len(steps)) for piece, _ in pieces]
    raw = [_extremes(*piece, points) for piece, points in zip(pieces, share, strict=True)]
    smooth = [_means(*piece, points) for piece, points in zip(pieces, share, strict=True)]
    return Curve(_joined(raw), _joined(smooth), _limits(values, _joined(smooth)[1]))


def _extremes(steps: np.ndarray, values: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    if len(steps) <= 2 * points:
        return steps, values
    starts = np.linspace(0, len(steps), points, endpoint=False).astype(int)
    both = np.stack([np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)], axis=1)
    return np.repeat(steps[starts], 2), both.ravel()


def _means(steps: np.ndarray, values: np.ndarray, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Running means, over half the window at both ends."""
    places = np.unique(np.linspace(0, len(steps) - 1, points).astype(int))
    around = max(2, len(steps) // (2 * SMOOTH))
    first, end = np.maximum(0, places - around), np.minimum(len(steps), places + around + 1)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    means = (sums[end] - sums[first]) / (end - first)
    return steps[places], np.clip(means, values.min(), values.max())  # sums of one value are not quite even


def _limits(values: np.ndarray, smooth: np.ndarray) -> tuple[float, float]:
    seen = np.concatenate([smooth, np.percentile(values, [1, 99])])
    low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
    margin = (high - low) / 8 or abs(high) / 8 or 1.0
    return low - margin, high + margin


def _joined(pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    gap = (np.array([np.nan]),) * 2
    apart = [part for piece in pieces for part in (piece, gap)][:-1]
    return np.concatenate([steps for steps, _ in apart]), np.concatenate([values for _, values in apart])
