"""Changes of scene in a video, frames that are too dark or blurred to use, and black bars.

Frames are RGB, (H, W, 3), uint8; those to be judged are reduced to a short side of `SIDE` pixels:
what is blurred there is blurred in a training picture, too.
"""

from __future__ import annotations

import cv2
import numpy as np

SIDE = 256
CHANGE = 0.35  # the share of pixels that must change their colour for a new scene
BLACK = 32  # nine tenths of a near-black frame are darker; of 255
SHARP = 0.08  # an edge that a Gaussian of less than two pixels has blurred


def signature(small: np.ndarray) -> np.ndarray:
    """How often each of 64 colours is seen in each quarter of the frame: (256,), of sum 1."""
    colours = (small >> 6).astype(np.int64) @ np.array([16, 4, 1])
    rows, columns = (2 * np.arange(length) // length for length in colours.shape)
    quarters = 2 * rows[:, None] + columns
    return np.bincount((64 * quarters + colours).ravel(), minlength=256) / colours.size


def differs(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two signatures belong to different scenes: the total variation distance of both."""
    return bool(np.abs(one - other).sum() / 2 > CHANGE)


def sharpness(small: np.ndarray) -> float:
    """How steeply the steepest edges bend, as a part of the contrast; 0 for a flat frame.

    An edge of contrast C that a Gaussian of s pixels has blurred bends by up to 0.24 C / s².
    """
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    darkest, brightest = np.percentile(grey, (1, 99))
    bend = np.percentile(np.abs(cv2.Laplacian(grey, cv2.CV_32F)), 99)
    return float(bend / max(brightest - darkest, 8))


def fault(small: np.ndarray) -> str:
    """Why a frame is not worth having; empty when it is."""
    if np.percentile(small.max(-1), 90) < BLACK:
        return "near-black frame"
    if sharpness(small) < SHARP:
        return "blurred frame"
    return ""


def without_bars(frame: np.ndarray) -> np.ndarray:
    """The part of a frame between black bars; the frame itself where that is less than half of it."""
    lit = np.percentile(frame.max(-1), 98, axis=1) > BLACK, np.percentile(frame.max(-1), 98, axis=0) > BLACK
    (top, bottom), (left, right) = map(_extent, lit)
    if 2 * (bottom - top) < len(lit[0]) or 2 * (right - left) < len(lit[1]):
        return frame
    return frame[top:bottom, left:right]


def _extent(lit: np.ndarray) -> tuple[int, int]:
    places = np.flatnonzero(lit)
    return (int(places[0]), int(places[-1]) + 1) if places.size else (0, 0)
