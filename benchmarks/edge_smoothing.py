"""Edge smoothing: the per-pixel loop that CartoonGAN ports publish against toonify's.

    python benchmarks/edge_smoothing.py

Both run in this process on the same pictures, in turns, so that a busy moment of the machine hits
both; toonify's also on all cores at once. Prints the time for a picture.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

SAMPLES = Path(__file__).parents[1] / "samples"
SIZE = 256
ROUNDS = 7
MANY = 50


def published(picture: np.ndarray) -> np.ndarray:
    """Section 3.2.1 of CartoonGAN, one pixel and one channel at a time.

    Args:
        picture: RGB, (H, W, 3), uint8.

    Returns:
        The same shape and type.
    """
    weights = cv2.getGaussianKernel(5, 0)
    weights = weights * weights.T
    edges = cv2.Canny(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), 100, 200)
    near = cv2.dilate(edges, np.ones((5, 5), np.uint8))
    padded = np.pad(picture, ((2, 2), (2, 2), (0, 0)), mode="reflect")
    smoothed = picture.copy()
    for y, x in zip(*np.nonzero(near), strict=True):
        for channel in range(3):
            window = padded[y : y + 5, x : x + 5, channel]
            smoothed[y, x, channel] = np.sum(window * weights)
    return smoothed


def pictures() -> list[np.ndarray]:
    """Three of the sample photographs at 256 x 256."""
    return [
        np.asarray(Image.open(SAMPLES / f"{name}.jpg").resize((SIZE, SIZE), Image.Resampling.BOX))
        for name in ("astronaut", "cat", "coffee")
    ]


def seconds(function: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    from toonify.preparing.edges import smooth_edges

    cv2.setNumThreads(1)
    examples = pictures()
    for picture in examples:
        np.testing.assert_array_equal(smooth_edges(picture), published(picture))
    cores = os.cpu_count() or 1
    loop, one, spread = [], [], []
    with ThreadPoolExecutor(cores) as pool:
        for _ in range(ROUNDS):
            loop.append(seconds(lambda: list(map(published, examples))) / len(examples))
            one.append(seconds(lambda: list(map(smooth_edges, examples * MANY))) / len(examples * MANY))
            spread.append(
                seconds(lambda: list(pool.map(smooth_edges, examples * MANY))) / len(examples * MANY)
            )
    print(f"edge smoothing, {SIZE} x {SIZE}, {len(examples)} photographs, best of {ROUNDS} rounds")
    print(f"published loop      {min(loop) * 1e3:8.2f} ms")
    print(f"toonify, one core   {min(one) * 1e3:8.2f} ms  {min(loop) / min(one):6.0f} times faster")
    print(
        f"toonify, {cores} cores    {min(spread) * 1e3:8.2f} ms  {min(loop) / min(spread):6.0f} times faster"
    )


if __name__ == "__main__":
    main()
