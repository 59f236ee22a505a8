"""Hair in three tones that follow its strands."""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import Array, blur, depth_inside, eroded, filled, smoothstep, without_specks
from toonify.datasets.flow import along_edges, edge_tangents

COARSE = 36.0  # pixels between the pupils at which strands are followed
LONG = 0.4  # deviation of the average along a strand, in u
COMBED = 0.004  # lightness a pixel of depth: where hair shows no strands, they go with its border


def paint_hair(lab: Array, mask: Array, u: float) -> tuple[Array, Array]:
    """Light, middle and dark around what is usual nearby, and a few strands, all along the flow.

    Smoothing along the flow of edges makes strands of noise: Kang et al., "Flow-based image abstraction"
    (2009).

    Args:
        lab: The window, CIELAB, (H, W, 3).
        mask: Where hair is, (H, W).
        u: Pixels between the pupils.

    Returns:
        Colours, CIELAB, (H, W, 3), to be laid on where hair is; ink of the strands, (H, W).
    """
    known = smoothstep(0.5, 0.95, mask)
    flow, detail = _strands(lab[..., 0], known, u)
    usual = filled(flow, known, 0.45 * u)
    spread = np.sqrt(np.maximum(filled((flow - usual) ** 2, known, 0.6 * u), 0))
    spread = np.clip(spread, 2.5, 12.0)
    off = (flow - usual) / spread
    dark, light = _patch(off, -0.75, u), _patch(-off, -0.6, u)
    tone = filled(lab[..., 0], known, 0.9 * u)
    tone = tone - (0.9 * spread + 3) * dark + (1.2 * spread + 4) * light
    # The hue of its middle: thin hair at the border lets skin and background through.
    heart = 0.02 * known + eroded(mask, 0.08 * u)
    hue = filled(lab[..., 1:], heart, 0.5 * u)
    white = smoothstep(42, 62, filled(lab[..., 0], heart, 0.9 * u)) * smoothstep(
        20, 8, np.hypot(*np.moveaxis(hue, -1, 0))
    )
    hue = hue * (1.2 - 0.7 * white)[..., None]
    tone = tone + 7 * white
    colours = np.concatenate([np.clip(tone, 3, 96)[..., None], hue], -1).astype(np.float32)
    strands = smoothstep(-1.0, -1.8, detail / np.maximum(0.6, spread / 5))
    return colours, 0.5 * without_specks(strands, int(0.06 * u * u))


def _strands(lightness: Array, known: Array, u: float) -> tuple[Array, Array]:
    """L* averaged along strands, and how much lighter than their neighbours they are, both (H, W)."""
    scale = min(1.0, COARSE / u)
    size = max(8, round(known.shape[1] * scale)), max(8, round(known.shape[0] * scale))
    unit = u * scale
    own = lightness * known + filled(lightness, known, 0.05 * u) * (1 - known)
    own, there = (cv2.resize(values, size, interpolation=cv2.INTER_AREA) for values in (own, known))
    combed = np.clip(depth_inside(there), -3, 0.4 * unit) * COMBED
    tangent = edge_tangents(own / 100 + combed, 0.12 * unit)
    long = along_edges(tangent, own, LONG * unit)
    short = along_edges(tangent, own, 0.2 * unit)
    detail = along_edges(tangent, blur(short, 0.012 * unit) - blur(short, 0.06 * unit), 0.15 * unit)
    back = known.shape[1::-1]
    return cv2.resize(long, back, interpolation=cv2.INTER_CUBIC), cv2.resize(
        detail, back, interpolation=cv2.INTER_CUBIC
    )


def _patch(off: Array, bound: float, u: float) -> Array:
    """Where it is below a bound: a patch with a crisp border, without specks."""
    mask = smoothstep(bound + 0.2, bound - 0.2, off)
    mask = without_specks(mask, int(0.07 * u * u))
    return smoothstep(0.3, 0.7, blur(mask, max(0.7, 0.012 * u)))
