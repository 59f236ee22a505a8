"""Smooth shapes drawn into masks: outlines, discs, and strokes that swell and taper."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from toonify.datasets.filters import Array

FINER = 4  # subpixels along each side of a pixel
SHIFT = 4  # bits of a subpixel's coordinates that OpenCV takes for fractions


class Pen:
    """Draws into masks of one shape, (H, W), in [0, 1]; points are x and y of pixel centres."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.height, self.width = shape

    def shape(self, *outlines: Array) -> Array:
        """Everything inside any of some outlines, (N, 2) each."""
        mask = np.zeros((self.height, self.width), np.float32)
        every = np.concatenate(outlines)
        left, top = (max(0, int(np.floor(v)) - 1) for v in every.min(0))
        right, bottom = (int(np.ceil(v)) + 2 for v in every.max(0))
        right, bottom = min(right, self.width), min(bottom, self.height)
        if right <= left or bottom <= top:
            return mask
        fine = np.zeros(((bottom - top) * FINER, (right - left) * FINER), np.uint8)
        for outline in outlines:
            points = (np.asarray(outline) + 0.5 - (left, top)) * FINER - 0.5
            corners = np.rint(points * (1 << SHIFT)).astype(np.int32)
            cv2.fillPoly(fine, [corners], 255, cv2.LINE_8, SHIFT)
        size = (right - left, bottom - top)
        mask[top:bottom, left:right] = cv2.resize(fine, size, interpolation=cv2.INTER_AREA) / np.float32(255)
        return mask

    def disc(self, centre: Array, radius: float) -> Array:
        angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        return self.shape(centre + radius * np.stack([np.cos(angle), np.sin(angle)], 1))

    def stroke(self, points: Array, widths: Sequence[float]) -> Array:
        """A curve through some points, whose width goes through `widths` from its start to its end."""
        curve = spline(points)
        along = np.linspace(0, 1, len(curve))
        half = np.interp(along, np.linspace(0, 1, len(widths)), widths)[:, None] / 2
        direction = np.gradient(curve, axis=0)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True) + 1e-6
        side = half * np.stack([-direction[:, 1], direction[:, 0]], 1)
        return self.shape(np.concatenate([curve + side, (curve - side)[::-1]]))


def spline(points: Array, steps: int = 10) -> Array:
    """A curve through points (Catmull and Rom, 1974), `steps` points for each piece."""
    p = np.asarray(points, np.float64)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        pieces.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    return np.concatenate([*pieces, p[-2:-1]])


def ring(first: Array, second: Array) -> Array:
    """The closed outline between two curves that share their ends."""
    return np.concatenate([spline(first), spline(second)[::-1]])
