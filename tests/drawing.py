"""Pictures for tests."""

from __future__ import annotations

import random
import struct
import zlib

from PIL import Image, ImageDraw


def draw_picture(size: tuple[int, int], seed: int = 0) -> Image.Image:
    """Shapes before a gradient, RGB: the same size and seed always give the same picture."""
    chance = random.Random(seed)
    width, height = size
    ramp = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_180), ramp.point(_halved)))
    pen = ImageDraw.Draw(picture)
    for draw in (pen.ellipse, pen.rectangle, pen.ellipse):
        left, top = chance.randrange(width), chance.randrange(height)
        right, bottom = left + max(1, width // 3), top + max(1, height // 3)
        draw((left, top, right, bottom), fill=tuple(chance.choices(range(256), k=3)))
    return picture


def draw_discs(name: str, width: int = 60, height: int = 48) -> Image.Image:
    """A few coloured discs, RGB: others, before another ground, for every name."""
    import cv2
    import numpy as np

    chance = np.random.default_rng(zlib.crc32(name.encode()))
    picture = np.full((height, width, 3), chance.integers(0, 256, 3), np.uint8)
    for _ in range(6):
        middle = (int(chance.integers(width)), int(chance.integers(height)))
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        cv2.circle(picture, middle, int(chance.integers(3, 20)), colour, -1)
    return Image.fromarray(picture)


def _halved(value: int) -> int:
    return value // 2


def png_of_nothing(width: int, height: int) -> bytes:
    """A PNG file that promises a picture of this size, over no data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file, with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
