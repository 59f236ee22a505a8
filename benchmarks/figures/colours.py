"""How far apart two colours are to the eye."""

from __future__ import annotations

import numpy as np

from toonify.datasets.filters import to_lab


def lab(picture: np.ndarray) -> np.ndarray:
    """CIELAB (D65), float32, (H, W, 3), of RGB, (H, W, 3), uint8."""
    return to_lab(picture.astype(np.float32) / 255)


def colour_shift(photo: np.ndarray, drawing: np.ndarray) -> float:
    """The median over all pixels of the difference in colour, CIEDE2000: about 2.3 can just be seen.

    Args:
        photo: CIELAB, (H, W, 3).
        drawing: Likewise.
    """
    return float(np.median(ciede2000(photo, drawing)))


def lightness_change(photo: np.ndarray, drawing: np.ndarray) -> float:
    """Mean L* of the drawing less that of the photograph, both CIELAB, (H, W, 3)."""
    return float((drawing[..., 0] - photo[..., 0]).mean())


def ciede2000(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The difference of colours by the formula of the CIE, with all weights 1.

    Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary Test
    Data, and Mathematical Observations", Color Research and Application 30 (2005), equations 2 to 22.

    Args:
        one: CIELAB, (..., 3).
        other: Likewise.

    Returns:
        float64, (...).
    """
    (l1, a1, b1), (l2, a2, b2) = (np.moveaxis(np.asarray(lab, np.float64), -1, 0) for lab in (one, other))
    more_a = 1 + 0.5 * (1 - _saturation((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2))
    a1, a2 = a1 * more_a, a2 * more_a
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = _degrees(a1, b1), _degrees(a2, b2)
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    hue = np.where(grey, h1 + h2, (h1 + np.where(turn == -180, 180, turn) / 2) % 360)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    of_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    of_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    of_hue = 2 * np.sqrt(c1 * c2) * _sine(turn / 2) / (1 + 0.015 * chroma * _hue_weight(hue))
    rotation = 2 * _saturation(chroma) * _sine(60 * np.exp(-(((hue - 275) / 25) ** 2)))
    return np.sqrt(of_light**2 + of_chroma**2 + of_hue**2 - rotation * of_chroma * of_hue)


def _saturation(chroma: np.ndarray) -> np.ndarray:
    return np.sqrt(chroma**7 / (chroma**7 + 25.0**7))


def _hue_weight(hue: np.ndarray) -> np.ndarray:
    return (
        1
        - 0.17 * _cosine(hue - 30)
        + 0.24 * _cosine(2 * hue)
        + 0.32 * _cosine(3 * hue + 6)
        - 0.20 * _cosine(4 * hue - 63)
    )


def _degrees(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(b, a)) % 360


def _sine(degrees: np.ndarray) -> np.ndarray:
    return np.sin(np.radians(degrees))


def _cosine(degrees: np.ndarray) -> np.ndarray:
    return np.cos(np.radians(degrees))
