"""Metrics that need no network: clear edges, flat areas, and how drawings differ from their photographs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from toonify.training.terms.colours import LUMA

STRONGEST = 0.05
PATCH = 8
EVEN = 2.0  # levels of 255: the deviation below which a patch is flat to the eye


def luminance(pictures: np.ndarray) -> np.ndarray:
    """Y' of ITU-R BT.601.

    Args:
        pictures: RGB, (n, H, W, 3), uint8.

    Returns:
        float32, (n, H, W), 0 to 255.
    """
    return pictures.astype(np.float32) @ np.array(LUMA, np.float32)


def edge_clarity(light: np.ndarray) -> np.ndarray:
    """How clear the clearest edges are: the mean gradient of the strongest 5 % of the pixels.

    A pixel's gradient is the length of (½ (right - left), ½ (below - above)); at the border, of the
    difference to the neighbour inside.

    Args:
        light: Luminance, (n, H, W), 0 to 255.

    Returns:
        Levels a pixel, (n,).
    """
    down, across = np.gradient(light, axis=(1, 2))
    slopes = np.sort(np.hypot(down, across).reshape(len(light), -1), axis=1)
    strongest = max(1, round(STRONGEST * slopes.shape[1]))
    return slopes[:, -strongest:].mean(axis=1, dtype=np.float64)


def flatness(light: np.ndarray) -> np.ndarray:
    """The share of patches of 8 × 8 pixels that are almost of one luminance: deviation below 2 levels.

    Args:
        light: Luminance, (n, H, W), 0 to 255, sides of at least 8; what is left over at the right
            and below does not count.

    Returns:
        0 to 1, (n,).
    """
    rows, columns = light.shape[1] // PATCH, light.shape[2] // PATCH
    whole = light[:, : rows * PATCH, : columns * PATCH]
    patches = whole.reshape(len(light), rows, PATCH, columns, PATCH)
    return (patches.std(axis=(2, 4)) < EVEN).mean(axis=(1, 2))


def picture_changes(drawings: np.ndarray, photos: np.ndarray) -> dict[str, np.ndarray]:
    """How each drawing differs from its photograph: what `change_figures` are computed from.

    Args:
        drawings: RGB, (n, H, W, 3), 0 to 255; of any type, so that the least change counts.
        photos: What they were made of, likewise.

    Returns:
        The mean distance of their numbers; the variances of both luminances, and their covariance; (n,).
    """
    drawn, seen = (_centred(pictures) for pictures in (drawings, photos))
    across = (1, 2)
    return {
        "distance": np.abs(drawings - photos.astype(np.float32)).mean(axis=(1, 2, 3), dtype=np.float64),
        "variance": np.square(drawn).mean(axis=across, dtype=np.float64),
        "photo_variance": np.square(seen).mean(axis=across, dtype=np.float64),
        "covariance": (drawn * seen).mean(axis=across, dtype=np.float64),
    }


def change_figures(seen: Mapping[str, np.ndarray]) -> dict[str, float]:
    """How a set of drawings differs from its photographs, from the `picture_changes` of each.

    Returns:
        `change`, the mean distance in levels of 255; `likeness`, the correlation of the luminances within
        pictures, -1 to 1; `contrast`, the deviation of the drawings' luminance over the photographs'. Both
        are 1 for photographs of one colour, which have no contrast to be changed.
    """
    drawn, photos = float(seen["variance"].sum()), float(seen["photo_variance"].sum())
    both = np.sqrt(drawn * photos)
    return {
        "change": float(seen["distance"].mean()),
        "likeness": float(seen["covariance"].sum() / both) if both else 1.0,
        "contrast": float(np.sqrt(drawn / photos)) if photos else 1.0,
    }


def _centred(pictures: np.ndarray) -> np.ndarray:
    light = luminance(pictures)
    return light - light.mean(axis=(1, 2), keepdims=True)
