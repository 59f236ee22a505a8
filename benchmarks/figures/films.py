"""How still a drawing stands while the camera moves: films made of photographs, whose motion is known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import cv2
import numpy as np

FRAMES = 9
STEPS = {"whole pixels": (1.0, 1.0), "parts of pixels": (0.5, 0.25)}
"""Motion from frame to frame, right and down. Nine frames of whole pixels are once across a grid of 8."""
REACH = 3  # pixels: what interpolation sees beyond a pixel, and a motion's last part


def film(photo: np.ndarray, step: tuple[float, float]) -> Iterator[np.ndarray]:
    """A camera that pans over a photograph.

    Args:
        photo: RGB, (H, W, 3), uint8.
        step: Motion from frame to frame in pixels, right and down; not negative.

    Returns:
        Frames, each smaller than the photograph by the whole way.
    """
    across, down = (int(np.ceil(length * (FRAMES - 1))) for length in step)
    height, width = photo.shape[0] - down, photo.shape[1] - across
    for number in range(FRAMES):
        yield moved(photo, (step[0] * number, step[1] * number))[:height, :width]


def moved(picture: np.ndarray, step: tuple[float, float]) -> np.ndarray:
    """The picture as seen from a step further: what was at x + step is at x. Interpolated bicubically.

    Whole steps are exact; what lies beyond the border is mirrored.
    """
    matrix = np.array([[1, 0, step[0]], [0, 1, step[1]]])
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    size = picture.shape[1], picture.shape[0]
    return cv2.warpAffine(picture, matrix, size, flags=how, borderMode=cv2.BORDER_REFLECT_101)


def flicker(photo: np.ndarray, step: tuple[float, float], draw: Callable[[np.ndarray], np.ndarray]) -> float:
    """The mean difference between neighbouring frames of a drawn film, once their motion is undone.

    Each frame is moved by the step, which is known, and compared with the next one, pixel by pixel.
    Interpolation blurs clear edges; so a drawing's figure says something beside that of the film itself.

    Args:
        photo: RGB, (H, W, 3), uint8.
        step: As of `film`.
        draw: Makes a frame a drawing of the same size; the identity for the film itself.

    Returns:
        In levels of 255, the mean over channels, pixels and pairs of frames.
    """
    drawn = [draw(frame) for frame in film(photo, step)]
    inside = slice(REACH, -REACH)
    differences = [
        np.abs(moved(frame, step).astype(np.float32) - following)[inside, inside].mean()
        for frame, following in itertools.pairwise(drawn)
    ]
    return float(np.mean(differences))
