"""Skin in two or three clean tones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toonify.datasets.filters import (
    Array,
    blur,
    filled,
    guided,
    median,
    smoothstep,
    without_holes,
    without_small,
)
from toonify.datasets.painting.regions import Regions

VIVID = 1.12  # chroma, against the photograph's
MOST_CHROMA = 34.0
DULL = 15.0  # the chroma that grey skin is given
SHADOW, DEEP = -12.0, -29.0  # L*, below lit skin, where its shadow begins, and a deep one
LEAST = 0.1  # square u of a shadow
GLEAM = 0.45  # square u of light within a shadow that is left out: it would be a disc on a cheek


@dataclass(frozen=True)
class Skin:
    """A face's skin, painted.

    Attributes:
        colours: CIELAB, (H, W, 3), everywhere, to be laid on where skin is.
        lit: The colour of lit skin, CIELAB.
        shade: The colour of its shadow, CIELAB.
        level: L* of the skin without features, (H, W): what darker features are judged against.
        shadow: Where the skin is in shadow, (H, W), in [0, 1].
        deep: Where the shadow is deep, likewise.
    """

    colours: Array
    lit: Array
    shade: Array
    level: Array
    shadow: Array
    deep: Array


def paint_skin(lab: Array, regions: Regions, u: float) -> Skin:
    """Tones by how much darker than lit skin a place is, with features and edges smoothed away.

    Args:
        lab: The window, CIELAB, (H, W, 3).
        regions: Of the window.
        u: Pixels between the pupils.
    """
    known = regions.skin * (1 - regions.features) * (1 - regions.hair)
    known = known * (blur(known, 0.03 * u) > 0.6)
    source = lab * known[..., None] + filled(lab, known, 0.1 * u) * (1 - known[..., None])
    level = blur(source[..., 0], 0.045 * u)
    level = guided(level / 100, level / 100, 0.1 * u, 4e-4) * 100
    inner = regions.inner > 0.5
    if inner.sum() < 50:
        inner = known > 0.5
    lit = _lit(source, level, inner)
    bright = float(np.percentile(level[inner], 74)) if inner.any() else float(lit[0])
    tones = _tones(lit)
    shadow = _step(level, bright + SHADOW, u)
    deep = _step(level, bright + DEEP, u)
    colours = tones[0] + (tones[1] - tones[0]) * shadow[..., None]
    colours = colours + (tones[2] - colours) * deep[..., None]
    return Skin(colours.astype(np.float32), tones[0], tones[1], level, shadow, deep)


def _lit(source: Array, level: Array, inner: Array) -> Array:
    """The photograph's colour of lit skin."""
    if not inner.any():
        return np.array([65.0, 14.0, 16.0], np.float32)
    # Without what gleams, which on dark skin is a large part of what is bright.
    low, high = np.percentile(level[inner], (74, 88))
    return np.median(source[inner & (level > low - 9) & (level <= high)], 0)


def _tones(lit: Array) -> Array:
    """Lit skin, its shadow and its deep shadow, CIELAB, (3, 3): shadows are redder, not greyer."""
    # Lighter, as a drawing is; dark skin stays dark.
    lift = float(np.interp(lit[0], (38, 80), (0.0, 6.0)))
    lightness = float(min(lit[0] + lift * np.sin(np.pi * lit[0] / 100), 87.0))
    chroma = float(np.hypot(*lit[1:])) + 1e-3
    # Skin in dull light is still skin: warm, not grey.
    wanted = min(max(VIVID * chroma, 0.5 * chroma + DULL), max(MOST_CHROMA, 0.8 * chroma))
    a, b = lit[1] * wanted / chroma, lit[2] * wanted / chroma
    return np.array(
        [[lightness, a, b], [lightness * 0.845, a + 5, b + 3], [lightness * 0.67, a + 7, b + 2]], np.float32
    )


def _step(level: Array, bound: float, u: float) -> Array:
    """Where it is darker than a bound: a calm shape with a crisp border."""
    mask = median(smoothstep(bound + 1.5, bound - 1.5, level), 0.07 * u)
    mask = without_holes(without_small(mask, LEAST * u * u), GLEAM * u * u)
    # Averaged and decided again, a border shortens (Merriman, Bence and Osher, 1992).
    mask = without_small(smoothstep(0.4, 0.6, blur(mask, 0.06 * u)), LEAST * u * u)
    return smoothstep(0.3, 0.7, blur(mask, max(0.8, 0.02 * u)))
