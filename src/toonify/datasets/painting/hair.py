"""Hair in three tones that follow its strands."""

from __future__ import annotations

import numpy as np

from toonify.datasets.filters import blur, filled, median, shrunk, smoothstep, without_specks
from toonify.datasets.flow import along_edges, edge_tangents

Array = np.ndarray


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
    own = lab[..., 0] * known + filled(lab[..., 0], known, 0.05 * u) * (1 - known)
    tangent = edge_tangents(blur(own, 1.0) / 100, 0.1 * u)
    flow = own.astype(np.float32)
    for _ in range(2):
        flow = along_edges(tangent, flow, 0.16 * u)
    flow = blur(flow, 0.02 * u)
    usual = filled(flow, known, 0.5 * u)
    spread = np.sqrt(np.maximum(filled((flow - usual) ** 2, known, 0.5 * u), 0))
    spread = np.clip(spread, 4.0, 15.0)
    off = (flow - usual) / spread
    dark = _patch(off, -0.5, u)
    light = _patch(-off, -0.85, u)
    middle = filled(lab[..., 0], known, 0.5 * u)
    tone = middle - (0.75 * spread + 3) * dark + (0.9 * spread + 3) * light
    # The hue of its middle: thin hair at the border lets skin and background through.
    heart = 0.02 * known + shrunk(mask, 0.08 * u)
    hue = filled(lab[..., 1:], heart, 0.25 * u) * 1.2
    colours = np.concatenate([np.clip(tone, 3, 96)[..., None], hue], -1).astype(np.float32)
    detail = blur(flow, 0.012 * u) - blur(flow, 0.05 * u)
    strands = smoothstep(-0.7, -1.5, along_edges(tangent, detail, 0.07 * u) / np.maximum(0.6, spread / 8))
    return colours, 0.7 * without_specks(strands, int(0.035 * u * u))


def _patch(off: Array, bound: float, u: float) -> Array:
    """Where it is below a bound: a patch with a crisp border, without specks."""
    mask = median(smoothstep(bound + 0.2, bound - 0.2, off), 0.035 * u)
    mask = without_specks(mask, int(0.03 * u * u))
    return smoothstep(0.3, 0.7, blur(mask, max(0.7, 0.015 * u)))
