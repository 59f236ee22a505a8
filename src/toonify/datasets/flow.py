"""Flow-guided lines: differences across edges, averages along them.

Kang et al., "Coherent line drawing" (2007). All functions take and give float32 arrays; luminance is in
[0, 1].
"""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import Array

RATIO, TAU = 1.6, 0.98  # of the wider Gaussian: its deviation, and its share


def edge_tangents(luminance: Array, sigma: float) -> Array:
    """Unit vectors along edges, (H, W, 2): the minor eigenvector of the smoothed structure tensor."""
    dx = cv2.Sobel(luminance, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(luminance, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(part, (0, 0), sigma) for part in (dx * dx, dy * dy, dx * dy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.stack([np.cos(angle), np.sin(angle)], -1).astype(np.float32)


def across_edges(tangent: Array, luminance: Array, *, sigma: float) -> Array:
    """The difference of two Gaussians along the edge's normal."""
    reach = int(np.ceil(2.5 * sigma * RATIO))
    offsets = np.arange(-reach, reach + 1, dtype=np.float32)
    inner, outer = (np.exp(-0.5 * (offsets / s) ** 2) for s in (sigma, sigma * RATIO))
    weights = inner / inner.sum() - TAU * outer / outer.sum()
    response: Array = np.zeros(luminance.shape, np.float32)
    for offset, weight in zip(offsets, weights, strict=True):
        response += np.float32(weight) * _sample(
            luminance, *_moved(-tangent[..., 1], tangent[..., 0], float(offset))
        )
    return response


def along_edges(tangent: Array, response: Array, sigma: float) -> Array:
    """A Gaussian average over the curve through each pixel that follows the tangents."""
    height, width = response.shape
    y0, x0 = np.mgrid[:height, :width].astype(np.float32)
    across, down = (np.ascontiguousarray(tangent[..., axis]) for axis in (0, 1))
    total: Array = response.astype(np.float32)
    norm = 1.0
    for sign in (np.float32(-1), np.float32(1)):
        dx, dy = sign * across, sign * down
        x, y = x0 + dx, y0 + dy
        for step in range(1, int(2 * sigma) + 1):
            weight = float(np.exp(-0.5 * (step / sigma) ** 2))
            total = total + np.float32(weight) * _sample(response, x, y)
            norm += weight
            ahead_x, ahead_y = _sample(across, x, y), _sample(down, x, y)
            flip = np.where(ahead_x * dx + ahead_y * dy < 0, np.float32(-1), np.float32(1))
            dx, dy = ahead_x * flip, ahead_y * flip
            x, y = x + dx, y + dy
    return total / np.float32(norm)


def _moved(dx: Array, dy: Array, distance: float) -> tuple[Array, Array]:
    height, width = dx.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return x + np.float32(distance) * dx, y + np.float32(distance) * dy


def _sample(values: Array, x: Array, y: Array) -> Array:
    return cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
