"""Everything that is no face, calmly: few tones, few lines, no crumbs."""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.abstraction import outlines
from toonify.datasets.filters import Array, stepped, to_lab
from toonify.datasets.texture import dabs, texture

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
    lightness = np.clip(lightness + 0.85 * (stepped(lightness, TONES) - lightness), 0, 100)
    phase = np.pi * lightness / 100
    lab[..., 0] = np.clip(lightness - 2 * np.sin(2 * phase) + 7 * np.sin(phase), 0, 100)
    lab[..., 1:] *= chroma
    return lab, outlines(to_lab(np.clip(rolled, 0, 1))[..., 0] / 100, coarse)


def brush(shape: tuple[int, ...]) -> float:
    """How much coarser a large picture is painted: as seen whole, it should look as drawn as a small one."""
    return float(np.clip(max(shape[:2]) / 420, 1.0, 2.0))


def _side(width: float) -> int:
    return round(width) | 1
