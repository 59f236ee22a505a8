"""A comic's drawing made from a photograph by classical means: flat colours, and ink.

Slow (a third of a second for 256 x 256 on one core) and meant to be learned by a network.
All functions take and give float32 arrays; luminance and masks are in [0, 1].
"""

from __future__ import annotations

import cv2
import numpy as np

from toonify.datasets.filters import even_contrast, stepped, to_lab, to_rgb, without_specks

Array = np.ndarray


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


def flat_colours(rgb: Array, *, chroma: float = 1.4, tones: int = 7) -> Array:
    """Areas of one colour with sharp borders, in few tones, more vivid than the photograph.

    L0 gradient minimisation (Xu et al., 2011), twice; then soft steps of luminance (Winnemöller et
    al., 2006, §3.3), so that where one tone ends follows from its brightness; then more contrast,
    brighter midtones and stronger chroma.

    Args:
        rgb: (H, W, 3) in [0, 1].
        chroma: Factor on a* and b*.
        tones: Steps from black to white.
    """
    # The solver takes the picture as periodic: without a margin, opposite sides bleed into another.
    margin = 24
    smooth = cv2.copyMakeBorder(rgb, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    for strength in (0.009, 0.006):
        smooth = cv2.ximgproc.l0Smooth(smooth, None, strength, 2.0)
    smooth = smooth[margin:-margin, margin:-margin]
    lab = to_lab(np.clip(smooth, 0, 1))
    luminance = np.clip(lab[..., 0] + 0.75 * (stepped(lab[..., 0], tones, slope=6) - lab[..., 0]), 0, 100)
    phase = np.pi * luminance / 100
    lab[..., 0] = luminance - 4 * np.sin(2 * phase) + 9 * np.sin(phase)
    lab[..., 1:] *= chroma
    return to_rgb(lab)


def ink_lines(luminance: Array, *, threshold: float = -0.0035, smallest: int = 20) -> Array:
    """Flowing outlines: a difference of Gaussians across edges, averaged along them.

    Kang et al., "Coherent line drawing" (2007), with the soft threshold of Winnemöller's XDoG
    (2012). The luminance is first normalised by its local contrast: with absolute thresholds, pale
    faces lose their eyes.

    Args:
        luminance: (H, W) in [0, 1].
        threshold: Of the normalised response; lower means less ink.
        smallest: Connected strokes of fewer pixels are dropped.

    Returns:
        A mask in [0, 1], 1 = ink.
    """
    even = even_contrast(cv2.bilateralFilter(luminance, 9, 0.04, 3), sigma=12, most=3)
    tangent = edge_tangents(even)
    response = along_edges(tangent, across_edges(tangent, even))
    crowding = cv2.GaussianBlur((response < threshold).astype(np.float32), (0, 0), 10)
    level = threshold * (1 + 10 * np.clip(crowding - 0.13, 0, None))  # few lines in grass and rubble
    ink = np.where(response < level, np.tanh(100 * (level - response)), 0).astype(np.float32)
    return without_specks(ink, smallest)


def edge_tangents(luminance: Array, sigma: float = 2.0) -> Array:
    """Unit vectors along edges, (H, W, 2): the minor eigenvector of the smoothed structure tensor."""
    dx = cv2.Sobel(luminance, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(luminance, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(part, (0, 0), sigma) for part in (dx * dx, dy * dy, dx * dy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    return np.stack([np.cos(angle), np.sin(angle)], -1).astype(np.float32)


def across_edges(
    tangent: Array, luminance: Array, *, sigma: float = 0.9, ratio: float = 1.6, tau: float = 0.98
) -> Array:
    """The difference of two Gaussians along the edge's normal."""
    reach = int(np.ceil(2.5 * sigma * ratio))
    offsets = np.arange(-reach, reach + 1, dtype=np.float32)
    inner, outer = (np.exp(-0.5 * (offsets / s) ** 2) for s in (sigma, sigma * ratio))
    weights = inner / inner.sum() - tau * outer / outer.sum()
    response: Array = np.zeros(luminance.shape, np.float32)
    for offset, weight in zip(offsets, weights, strict=True):
        response += np.float32(weight) * _sample(
            luminance, *_moved(-tangent[..., 1], tangent[..., 0], float(offset))
        )
    return response


def along_edges(tangent: Array, response: Array, sigma: float = 2.5) -> Array:
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
