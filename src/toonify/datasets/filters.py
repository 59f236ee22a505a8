"""Small operations on pictures and soft masks that the sources which draw have in common."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

Array = np.ndarray

INK = np.array([0.06, 0.04, 0.07], np.float32)  # RGB in [0, 1], as the generators' own ink
RISER = 10.0  # how steep `stepped` is between its tones


def to_lab(rgb: Array) -> Array:
    """CIELAB, L* in [0, 100], of float32 sRGB in [0, 1]."""
    return cv2.cvtColor(np.ascontiguousarray(rgb, np.float32), cv2.COLOR_RGB2LAB)


def to_rgb(lab: Array) -> Array:
    """sRGB in [0, 1] of float32 CIELAB; colours that no screen shows are clipped."""
    return np.clip(cv2.cvtColor(np.ascontiguousarray(lab, np.float32), cv2.COLOR_LAB2RGB), 0, 1)


def to_bytes(values: Array) -> Array:
    """8-bit numbers of those in [0, 1]; what lies outside is clipped."""
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def smoothstep(low: Any, high: Any, values: Any) -> Array:
    """0 at `low`, 1 at `high`, with a soft rise between them; `high` may be the smaller one."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def scaled(picture: Array, factor: float) -> Array:
    """A picture `factor` times as large, at least one pixel a side."""
    height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
    return resized(picture, width, height)


def at_most(picture: Array, longest: int) -> Array:
    """A picture, reduced to `longest` pixels on its long side if it has more."""
    return scaled(picture, min(1.0, longest / max(picture.shape[:2])))


def resized(picture: Array, width: int, height: int) -> Array:
    """A picture of this size: by area if a side becomes shorter, cubic otherwise."""
    if picture.shape[:2] == (height, width):
        return picture
    smaller = height < picture.shape[0] or width < picture.shape[1]
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def blur(values: Array, sigma: float) -> Array:
    """A Gaussian blur; wide ones of a reduced copy, which takes a tenth of the time, to a hundredth."""
    factor = int(sigma // 4)
    if factor < 2:
        return cv2.GaussianBlur(values, (0, 0), max(sigma, 0.3))
    height, width = values.shape[:2]
    room = -height % factor, -width % factor  # so that every pixel of the copy is of whole ones
    padded = cv2.copyMakeBorder(values, 0, room[0], 0, room[1], cv2.BORDER_REFLECT)
    size = padded.shape[1], padded.shape[0]
    small = cv2.resize(padded, (size[0] // factor, size[1] // factor), interpolation=cv2.INTER_AREA)
    # Reducing and enlarging blur a little themselves.
    small = cv2.GaussianBlur(
        small, (0, 0), np.sqrt(sigma**2 - factor**2 / 4) / factor, borderType=cv2.BORDER_REFLECT
    )
    return cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)[:height, :width]


def sampled(values: Array, places: Array) -> Array:
    """Values, (H, W), at places between pixels, (A, B, 2), x and y: (A, B)."""
    x, y = (np.ascontiguousarray(places[..., axis], np.float32) for axis in (0, 1))
    return cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def guided(guide: Array, values: Array, radius: float, epsilon: float) -> Array:
    """He et al., "Guided image filtering" (2010): `values` smoothed, with the edges of `guide`."""
    return cv2.ximgproc.guidedFilter(
        np.ascontiguousarray(guide, np.float32),
        np.ascontiguousarray(values, np.float32),
        max(1, round(radius)),
        epsilon,
    )


def median(mask: Array, radius: float) -> Array:
    """The median of a mask over a square of about `radius` around each pixel."""
    side = 2 * max(1, int(radius)) + 1
    return cv2.medianBlur(to_bytes(mask), side).astype(np.float32) / 255


def dilated(mask: Array, radius: float) -> Array:
    """A mask made wider by `radius` on every side, with a border of one soft pixel."""
    distance = cv2.distanceTransform((mask <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return np.clip(radius + 1 - distance, 0, 1).astype(np.float32)


def eroded(mask: Array, radius: float) -> Array:
    """A mask made narrower by `radius` on every side."""
    distance = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return np.clip(distance - radius, 0, 1).astype(np.float32)


def depth_inside(mask: Array) -> Array:
    """How far a pixel is from a mask's border: positive inside, negative outside."""
    inside = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((mask <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return inside - outside


def filled(values: Array, weight: Array, sigma: float) -> Array:
    """What the surroundings say, each pixel counted by its weight: normalised convolution
    (Knutsson and Westin, 1993).
    """
    weight = weight.astype(np.float32) + 1e-4
    if values.ndim == 3:
        return blur(values * weight[..., None], sigma) / blur(weight, sigma)[..., None]
    return blur(values * weight, sigma) / blur(weight, sigma)


def laid(picture: Array, mask: Array, colour: Array | tuple[float, float, float]) -> Array:
    """A colour, or a picture of colours, laid over a picture where a mask is."""
    return picture + (np.asarray(colour, np.float32) - picture) * np.clip(mask, 0, 1)[..., None]


def even_contrast(luminance: Array, sigma: float, most: float) -> Array:
    """Contrast within a few `sigma` brought to the same everywhere, raised `most` times at most."""
    mean = blur(luminance, sigma)
    deviation = np.sqrt(np.maximum(blur(luminance**2, sigma) - mean**2, 0))
    return mean + (luminance - mean) * np.clip(0.16 / (deviation + 0.03), 0.7, most)


def stepped(luminance: Array, tones: int) -> Array:
    """Luminance in [0, 100] as a staircase with soft risers between the tones."""
    scaled = luminance / 100 * tones
    riser = np.round(scaled)
    return (riser + 0.5 * np.tanh(RISER * (scaled - riser)) / np.tanh(RISER / 2)) / tones * 100


def without_small(mask: Array, smallest: float, *, least: float = 0.4) -> Array:
    """A soft mask without those of its connected pieces that cover fewer than `smallest` pixels.

    Args:
        mask: (H, W), in [0, 1].
        smallest: Pixels of a piece that stays.
        least: From which value on a pixel belongs to a piece.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats((mask > least).astype(np.uint8), connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= smallest
    large[0] = False
    return mask * cv2.dilate(large[labels].astype(np.uint8), np.ones((3, 3), np.uint8))


def without_specks(ink: Array, smallest: int) -> Array:
    """Ink without strokes of fewer than `smallest` pixels; faint ink counts, too."""
    return without_small(ink, smallest, least=0.25)


def without_holes(mask: Array, smallest: float) -> Array:
    """A soft mask with its holes of fewer than `smallest` pixels closed."""
    return 1 - without_small(1 - mask, smallest)


def contour(mask: Array, width: float | Array) -> Array:
    """A line along the border of a soft mask, of a width that may differ from pixel to pixel, (H, W); thinner
    where the border is vague.
    """
    soft = blur(mask, max(1.0, 0.4 * float(np.mean(width))))
    slope = np.hypot(
        cv2.Sobel(soft, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(soft, cv2.CV_32F, 0, 1, scale=1 / 8)
    )
    distance = np.abs(soft - 0.5) / (slope + 1e-4)
    return (1 - smoothstep(width / 2 - 0.5, width / 2 + 0.7, distance)) * smoothstep(0.015, 0.05, slope)
