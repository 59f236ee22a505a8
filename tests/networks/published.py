"""CartoonGAN's published network in plain NumPy, written from its description, for comparison.

Arrays in PyTorch's order; pictures (C, H, W).
"""

from __future__ import annotations

import numpy as np

Arrays = dict[str, np.ndarray]


def random_arrays(width: int, blocks: int, seed: int = 0) -> Arrays:
    """Arrays of the right names and shapes, large enough to matter and small enough not to explode."""
    generator = np.random.default_rng(seed)
    arrays: Arrays = {}

    def convolution(name: str, *shape: int) -> None:
        arrays[f"{name}.weight"] = generator.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape)
        arrays[f"{name}.bias"] = generator.normal(0, 0.1, shape[1 if name in TRANSPOSED else 0])

    def norm(name: str, channels: int) -> None:
        arrays[f"{name}.scale"] = generator.uniform(0.5, 1.5, channels)
        arrays[f"{name}.shift"] = generator.normal(0, 0.2, channels)

    convolution("conv01_1", width, 3, 7, 7)
    norm("in01_1", width)
    for number, channels in (("02", 2 * width), ("03", 4 * width)):
        convolution(f"conv{number}_1", channels, channels // 2, 3, 3)
        convolution(f"conv{number}_2", channels, channels, 3, 3)
        norm(f"in{number}_1", channels)
    for number in range(4, 4 + blocks):
        for part in (1, 2):
            convolution(f"conv{number:02}_{part}", 4 * width, 4 * width, 3, 3)
            norm(f"in{number:02}_{part}", 4 * width)
    for name, channels, number in (("deconv01", 2 * width, 4 + blocks), ("deconv02", width, 5 + blocks)):
        convolution(f"{name}_1", 2 * channels, channels, 3, 3)
        convolution(f"{name}_2", channels, channels, 3, 3)
        norm(f"in{number:02}_1", channels)
    convolution("deconv03_1", 3, width, 7, 7)
    return {name: array.astype("float32") for name, array in arrays.items()}


TRANSPOSED = ("deconv01_1", "deconv02_1")


def forward(arrays: Arrays, picture: np.ndarray, blocks: int) -> np.ndarray:
    """BGR in [-1, 1], (3, H, W), to the same."""

    def convolve(x: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
        weight = arrays[f"{name}.weight"].astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(x, weight.shape[2:], axis=(1, 2))
        windows = windows[:, ::stride, ::stride]
        return np.einsum("ihwab,oiab->ohw", windows, weight) + arrays[f"{name}.bias"][:, None, None]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        mean, variance = x.mean(axis=(1, 2), keepdims=True), x.var(axis=(1, 2), keepdims=True)
        scale, shift = arrays[f"{name}.scale"], arrays[f"{name}.shift"]
        return (x - mean) / np.sqrt(variance + 1e-9) * scale[:, None, None] + shift[:, None, None]

    def reflected(x: np.ndarray, name: str, pad: int) -> np.ndarray:
        return convolve(np.pad(x, ((0, 0), (pad, pad), (pad, pad)), mode="reflect"), name)

    def zeroed(x: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
        return convolve(np.pad(x, ((0, 0), (1, 1), (1, 1))), name, stride)

    def relu(x: np.ndarray) -> np.ndarray:
        return np.maximum(x, 0)

    x = relu(norm(reflected(picture.astype(np.float64), "conv01_1", 3), "in01_1"))
    for number in ("02", "03"):
        x = zeroed(zeroed(x, f"conv{number}_1", 2), f"conv{number}_2")
        x = relu(norm(x, f"in{number}_1"))
    for number in range(4, 4 + blocks):
        inner = relu(norm(reflected(x, f"conv{number:02}_1", 1), f"in{number:02}_1"))
        x = norm(reflected(inner, f"conv{number:02}_2", 1), f"in{number:02}_2") + x
    for name, number in (("deconv01", 4 + blocks), ("deconv02", 5 + blocks)):
        x = zeroed(_transposed(x, arrays, f"{name}_1"), f"{name}_2")
        x = relu(norm(x, f"in{number:02}_1"))
    return np.tanh(reflected(x, "deconv03_1", 3))


def _transposed(x: np.ndarray, arrays: Arrays, name: str) -> np.ndarray:
    """Stride 2, padding 1, output padding 1: each pixel stamps the kernel, then 1 pixel is cut."""
    weight = arrays[f"{name}.weight"].astype(np.float64)
    _, height, width = x.shape
    stamped = np.zeros((weight.shape[1], 2 * height + 2, 2 * width + 2))
    for row in range(height):
        for column in range(width):
            stamp = np.einsum("i,ioab->oab", x[:, row, column], weight)
            stamped[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3] += stamp
    cut = stamped[:, 1 : 2 * height + 1, 1 : 2 * width + 1]
    return cut + arrays[f"{name}.bias"][:, None, None]
