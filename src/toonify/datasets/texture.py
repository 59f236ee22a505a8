"""Where a picture is texture rather than shapes, and what a brush makes of it."""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import Array, blur, smoothstep, to_lab

SECTORS = 8  # of a dab


def texture(rgb: Array) -> Array:
    """Where foliage, fur or rubble is, (H, W), in [0, 1]: many edges that agree on no direction, over more
    than a line of text.

    Agreement is the structure tensor's coherence (Weickert, "Anisotropic diffusion in image processing",
    1998).
    """
    lightness = to_lab(rgb)[..., 0]
    dx = cv2.Sobel(lightness, cv2.CV_32F, 1, 0, scale=1 / 8)
    dy = cv2.Sobel(lightness, cv2.CV_32F, 0, 1, scale=1 / 8)
    xx, yy, xy = (blur(part, 5) for part in (dx * dx, dy * dy, dx * dy))
    total = xx + yy
    coherence = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (total + 1e-3)
    many = smoothstep(3.0, 7.0, np.sqrt(np.maximum(total, 0))) * smoothstep(0.62, 0.35, coherence)
    return many * smoothstep(0.3, 0.65, blur(many, 12)) * (many > 0.01)


def dabs(rgb: Array, radius: int) -> Array:
    """A picture as a brush would dab it: of the sectors around a pixel, the smoothest says its colour.

    Papari et al., "Artistic edge and corner enhancing smoothing" (2007), a generalised Kuwahara filter.
    """
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
    distance, angle = np.hypot(x, y), np.arctan2(y, x)
    disc = np.exp(-0.5 * (distance / (radius / 2)) ** 2) * (distance <= radius)
    total, weight = np.zeros_like(rgb), np.zeros(rgb.shape[:2], np.float32)
    for sector in range(SECTORS):
        off = np.angle(np.exp(1j * (angle - 2 * np.pi * sector / SECTORS)))
        kernel = disc * np.exp(-0.5 * (off / (np.pi / SECTORS)) ** 2)
        kernel[radius, radius] = disc[radius, radius] / SECTORS
        kernel = (kernel / kernel.sum()).astype(np.float32)
        mean = cv2.filter2D(rgb, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
        squares = cv2.filter2D(rgb * rgb, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
        deviation = np.sqrt(np.maximum(squares - mean**2, 0).sum(-1))
        trust = 1 / (1 + (32 * deviation) ** 8)
        total += mean * trust[..., None]
        weight += trust
    return total / (weight + 1e-12)[..., None]
