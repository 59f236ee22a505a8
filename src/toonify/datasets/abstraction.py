"""A comic's drawing made from a photograph by classical means: flat colours, and ink.

Slow (a quarter of a second for 300 x 300 on one core) and meant to be learned by a network.
All functions take and give float32 arrays; luminance and masks are in [0, 1].
"""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import (
    Array,
    blur,
    even_contrast,
    smoothstep,
    stepped,
    to_bytes,
    to_lab,
    to_rgb,
    without_specks,
)
from toonify.datasets.flow import across_edges, along_edges, edge_tangents
from toonify.datasets.texture import dabs, texture

TONES = 7  # steps from black to white
THRESHOLD = -0.003  # of the outlines' response, below which there is ink


def even_out(lab: Array, sigma: float = 22.0) -> Array:
    """Lift faces out of shadow.

    Every pixel is judged by its surroundings of a few `sigma` alone. Adaptive equalisation, the usual
    tool, judges by tiles of the whole picture, which a network that sees a part of it cannot learn.

    Args:
        lab: CIELAB, (H, W, 3), luminance in [0, 100].
        sigma: How far the surroundings reach, in pixels.
    """
    luminance = lab[..., 0]
    mean = cv2.GaussianBlur(luminance, (0, 0), sigma)
    # By up to a quarter of what is missing; night, which is meant to be dark, is not.
    lift = 0.25 * np.clip(42 - mean, 0, None) * np.clip(mean / 25, 0, 1)
    evened = lab.copy()
    evened[..., 0] = np.clip(luminance + lift, 0, 100)
    return evened


def flat_areas(rgb: Array) -> Array:
    """Areas of one colour with sharp borders; shapes stay, what is small or soft goes.

    Rolling guidance (Zhang et al., 2014) takes small texture away, foliage and fur become dabs, and mean
    shift (Comaniciu and Meer, 2002), twice, gathers what is left into areas.

    Args:
        rgb: (H, W, 3) in [0, 1].
    """
    flat = cv2.ximgproc.rollingGuidanceFilter(rgb, None, 7, 0.09, 1.4, 3)
    rough = texture(rgb)
    if rough.any():
        flat = flat + (dabs(flat, 4) - flat) * rough[..., None]
    areas = to_bytes(flat)
    for _ in range(2):
        areas = cv2.pyrMeanShiftFiltering(areas, 12, 30, maxLevel=1)
    smooth = cv2.bilateralFilter(
        areas.astype(np.float32) / 255, 7, 0.06, 2, borderType=cv2.BORDER_REFLECT_101
    )
    return np.clip(smooth, 0, 1)


def few_tones(rgb: Array, *, chroma: float, gently: Array | float = 0.0) -> Array:
    """Soft steps of luminance (Winnemöller et al., 2006, §3.3), so that where one tone ends follows from its
    brightness; then more contrast, midtones a little brighter and stronger chroma. By more than a little, and
    brown skin would be drawn pale.

    Args:
        rgb: Flat areas, (H, W, 3) in [0, 1].
        chroma: Factor on a* and b*.
        gently: Where steps are half as steep, a mask in [0, 1], (H, W).
    """
    lab = to_lab(rgb)
    luminance = lab[..., 0]
    luminance = luminance + (0.9 - 0.45 * gently) * (stepped(luminance, TONES) - luminance)
    luminance = np.clip(luminance, 0, 100)
    phase = np.pi * luminance / 100
    lab[..., 0] = luminance - 3 * np.sin(2 * phase) + np.sin(phase)
    lab[..., 1:] *= chroma
    return to_rgb(lab)


def outlines(luminance: Array, coarse: float = 1.0) -> Array:
    """Flowing outlines: a difference of Gaussians across edges, averaged along them.

    Kang et al., "Coherent line drawing" (2007), with the soft threshold of Winnemöller's XDoG (2012). What
    hardly differs gets none, and nothing bright is outlined in black: that is what smudges clouds.

    Args:
        luminance: (H, W) in [0, 1].
        coarse: How wide strokes are, against those of a picture of 400 pixels.
    """
    even = even_contrast(luminance, 12 * coarse, most=2.6)
    tangent = edge_tangents(even, 2.5 * coarse)
    across = across_edges(tangent, even, sigma=1.1 * coarse**0.7)
    response = along_edges(tangent, across, 4.5 * coarse)
    crowding = blur((response < THRESHOLD).astype(np.float32), 12 * coarse)
    level = THRESHOLD * (1 + 14 * np.clip(crowding - 0.1, 0, None))
    ink = np.where(response < level, np.tanh(140 * (level - response)), 0).astype(np.float32)
    around = np.ones((5, 5))
    soft = blur(luminance, 0.8)
    darkest = cv2.erode(soft, around)
    ink = ink * smoothstep(0.03, 0.08, cv2.dilate(soft, around) - darkest)
    return without_specks(ink * (1 - smoothstep(0.5, 0.72, darkest)), round(60 * coarse**2))


def features(luminance: Array, smallest: int = 26) -> Array:
    """Finer lines, for what faces cannot do without: lids, brows, nostrils, lips, glasses.

    As `outlines`, but a line that is darker than both its sides is drawn in bright places, too: a pale brow
    is one, the border of a cloud is not.

    Args:
        luminance: (H, W) in [0, 1].
        smallest: Connected strokes of fewer pixels are dropped.

    Returns:
        A mask in [0, 1], 1 = ink.
    """
    even = even_contrast(cv2.bilateralFilter(luminance, 9, 0.04, 3), sigma=10, most=3.0)
    tangent = edge_tangents(even, 1.6)
    response = along_edges(tangent, across_edges(tangent, even, sigma=1.0), 3.5)
    crowding = blur((response < -0.004).astype(np.float32), 10)
    level = -0.005 * (1 + 14 * np.clip(crowding - 0.12, 0, None))  # few lines in grass and rubble
    ink = np.where(response < level, np.tanh(110 * (level - response)), 0).astype(np.float32)
    soft = blur(luminance, 0.8)
    darkest, brightest = cv2.erode(soft, np.ones((5, 5))), cv2.dilate(soft, np.ones((5, 5)))
    strokes = cv2.morphologyEx(soft, cv2.MORPH_BLACKHAT, np.ones((11, 11)))
    allowed = np.maximum(1 - smoothstep(0.45, 0.65, darkest), smoothstep(0.02, 0.05, strokes))
    ink = ink * smoothstep(0.035, 0.07, brightest - darkest) * allowed
    return without_specks(ink, smallest)


def ink_lines(rgb: Array, areas: Array) -> Array:
    """The outlines of flat areas, and the features of what they were made from, fewer in foliage and fur.

    Args:
        rgb: What is drawn, (H, W, 3) in [0, 1].
        areas: Its flat areas, likewise.

    Returns:
        A mask in [0, 1], 1 = ink.
    """
    fine = features(to_lab(rgb)[..., 0] / 100) * (1 - 0.85 * texture(rgb))
    return np.maximum(outlines(to_lab(areas)[..., 0] / 100), fine)
