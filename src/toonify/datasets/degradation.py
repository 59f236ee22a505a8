"""Photographs made worse, as a network will meet them: hazy, soft, noisy, or compressed."""

from __future__ import annotations

import io
import zlib

import cv2
import numpy as np
from PIL import Image

from toonify.datasets.filters import Array, to_bytes


def chance_of(photo: Array) -> np.random.Generator:
    """Random numbers seeded by the pixels: the same for the same picture, whichever process works on it."""
    return np.random.default_rng(zlib.crc32(photo.tobytes()))


def degraded(rgb: Array, chance: np.random.Generator) -> Array:
    """Haze, blur, noise or compression, each now and then.

    Args:
        rgb: float32 in [0, 1], (H, W, 3).
        chance: Decides.
    """
    if chance.random() < 0.4:
        contrast, veil = chance.uniform(0.6, 0.95), chance.uniform(0.3, 1.0)
        rgb = contrast * rgb + (1 - contrast) * veil
    if chance.random() < 0.3:
        rgb = cv2.GaussianBlur(rgb, (0, 0), chance.uniform(0.4, 1.2))
    if chance.random() < 0.4:
        rgb = rgb + chance.normal(0, chance.uniform(0.005, 0.03), rgb.shape).astype(np.float32)
    if chance.random() < 0.4:
        quality = int(chance.integers(30, 85))
        rgb = _compressed(to_bytes(rgb), quality).astype(np.float32) / 255
    return rgb.astype(np.float32)


def _compressed(rgb: Array, quality: int) -> Array:
    """What is left of 8-bit RGB after JPEG."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))
