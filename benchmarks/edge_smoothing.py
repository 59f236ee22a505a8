"""Edge smoothing: the per-pixel loop that CartoonGAN ports publish against toonify's.

    python benchmarks/edge_smoothing.py

Both run in this process on the same pictures; toonify's is also spread over all cores, as
`toonify prepare` does. Prints seconds for a picture and how many times faster.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

SIZE = 256
REPEATS = 200


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
    """Three well-known photographs at 256 x 256."""
    from skimage import data

    return [
        cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        for picture in (data.astronaut(), data.chelsea(), data.coffee())
    ]


def median_seconds(function: Callable[[np.ndarray], np.ndarray], picture: np.ndarray, repeats: int) -> float:
    """Median of single calls."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        function(picture)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def main() -> None:
    """Measure and print."""
    from toonify.preparing.edges import smooth_edges

    cv2.setNumThreads(1)
    examples = pictures()
    for picture in examples:
        np.testing.assert_array_equal(smooth_edges(picture), published(picture))
    slow = statistics.mean(median_seconds(published, picture, 3) for picture in examples)
    fast = statistics.mean(median_seconds(smooth_edges, picture, REPEATS) for picture in examples)
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        began = time.perf_counter()
        done = len(list(pool.map(smooth_edges, examples * REPEATS)))
        spread = (time.perf_counter() - began) / done
    print(f"edge smoothing, {SIZE} x {SIZE}, mean of {len(examples)} photographs")
    print(f"published loop      {slow * 1e3:8.2f} ms")
    print(f"toonify, one core   {fast * 1e3:8.2f} ms  {slow / fast:6.0f} times faster")
    print(f"toonify, {cores} cores    {spread * 1e3:8.2f} ms  {slow / spread:6.0f} times faster")


if __name__ == "__main__":
    main()
