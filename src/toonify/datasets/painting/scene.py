"""Everything that is no face, calmly: few tones, few lines, no crumbs."""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.abstraction import across_edges, along_edges, edge_tangents
from toonify.datasets.filters import blur, even_contrast, smoothstep, stepped, to_lab, without_specks

Array = np.ndarray

TONES = 6  # steps of lightness from black to white


def paint_scene(rgb: Array, chroma: float) -> tuple[Array, Array]:
    """Colours, CIELAB, (H, W, 3), and ink, (H, W), of a picture, (H, W, 3), in [0, 1].

    Rolling guidance (Zhang et al., 2014) takes small texture away and keeps large edges; what is texture all
    the same becomes dabs; repeated bilateral filters and soft steps of lightness make areas flat (Winnemöller
    et al., 2006).
    """
    coarse = brush(rgb.shape)
    rolled = cv2.ximgproc.rollingGuidanceFilter(rgb, None, _side(9 * coarse), 0.12, 2.0 * coarse, 3)
    rough = texture(rgb)
    if rough.any():
        rolled = rolled + (dabs(rolled, round(4 * coarse)) - rolled) * rough[..., None]
    flat = rolled
    for _ in range(4):
        flat = cv2.bilateralFilter(
            flat, _side(9 * coarse), 0.075, 3.5 * coarse, borderType=cv2.BORDER_REFLECT_101
        )
    lab = to_lab(np.clip(flat, 0, 1))
    lightness = lab[..., 0]
    lightness = np.clip(lightness + 0.85 * (stepped(lightness, TONES, slope=10) - lightness), 0, 100)
    phase = np.pi * lightness / 100
    lab[..., 0] = np.clip(lightness - 2 * np.sin(2 * phase) + 7 * np.sin(phase), 0, 100)
    lab[..., 1:] *= chroma
    return lab, calm_ink(to_lab(np.clip(rolled, 0, 1))[..., 0] / 100, coarse)


def brush(shape: tuple[int, ...]) -> float:
    """How much coarser a large picture is painted: as seen whole, it should look as drawn as a small one."""
    return float(np.clip(max(shape[:2]) / 420, 1.0, 2.0))


def _side(width: float) -> int:
    return round(width) | 1


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


def dabs(rgb: Array, radius: int = 4, sectors: int = 8) -> Array:
    """A picture as a brush would dab it: of the sectors around a pixel, the smoothest says its colour.

    Papari et al., "Artistic edge and corner enhancing smoothing" (2007), a generalised Kuwahara filter.
    """
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
    distance, angle = np.hypot(x, y), np.arctan2(y, x)
    disc = np.exp(-0.5 * (distance / (radius / 2)) ** 2) * (distance <= radius)
    total, weight = np.zeros_like(rgb), np.zeros(rgb.shape[:2], np.float32)
    for sector in range(sectors):
        off = np.angle(np.exp(1j * (angle - 2 * np.pi * sector / sectors)))
        kernel = disc * np.exp(-0.5 * (off / (np.pi / sectors)) ** 2)
        kernel[radius, radius] = disc[radius, radius] / sectors
        kernel = (kernel / kernel.sum()).astype(np.float32)
        mean = cv2.filter2D(rgb, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
        squares = cv2.filter2D(rgb * rgb, -1, kernel, borderType=cv2.BORDER_REFLECT_101)
        deviation = np.sqrt(np.maximum(squares - mean**2, 0).sum(-1))
        trust = 1 / (1 + (32 * deviation) ** 8)
        total += mean * trust[..., None]
        weight += trust
    return total / (weight + 1e-12)[..., None]


def calm_ink(luminance: Array, coarse: float = 1.0, threshold: float = -0.003) -> Array:
    """Outlines as `abstraction.ink_lines` finds them, but what hardly differs gets none, and nothing bright
    is outlined in black: that is what smudged clouds.

    Args:
        luminance: (H, W) in [0, 1].
        coarse: How wide strokes are, against those of a picture of 400 pixels.
        threshold: Of the response, below which there is ink.
    """
    even = even_contrast(luminance, 12 * coarse, most=2.6)
    tangent = edge_tangents(even, 2.5 * coarse)
    across = across_edges(tangent, even, sigma=1.1 * coarse**0.7)
    response = along_edges(tangent, across, 4.5 * coarse)
    crowding = blur((response < threshold).astype(np.float32), 12 * coarse)
    level = threshold * (1 + 14 * np.clip(crowding - 0.1, 0, None))
    ink = np.where(response < level, np.tanh(140 * (level - response)), 0).astype(np.float32)
    around = np.ones((5, 5))
    soft = blur(luminance, 0.8)
    darkest = cv2.erode(soft, around)
    ink = ink * smoothstep(0.03, 0.08, cv2.dilate(soft, around) - darkest)
    return without_specks(ink * (1 - smoothstep(0.5, 0.72, darkest)), round(60 * coarse**2))
