"""PNG and TIFF of 16 bits a channel, made and read without toonify."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
from drawing import chunk

COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
"""PNG's number of the kind, by how many channels there are."""


def png(path: Path, numbers: np.ndarray, *before: bytes, after: bytes = b"") -> Path:
    """Grey where there are two dimensions; otherwise grey and alpha, RGB or RGBA."""
    height, width = numbers.shape[:2]
    kind = COLOUR_TYPES[1 if numbers.ndim == 2 else numbers.shape[2]]
    head = struct.pack(">2L5B", width, height, 16, kind, 0, 0, 0)
    rows = np.ascontiguousarray(numbers.astype(">u2")).view(np.uint8).reshape(height, -1)
    data = zlib.compress(np.pad(rows, ((0, 0), (1, 0))).tobytes())
    chunks = [chunk(b"IHDR", head), *before, chunk(b"IDAT", data), after, chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))
    return path


def big_endian_tiff(path: Path, numbers: np.ndarray) -> Path:
    """RGB, as it is, in one strip, as older Macintoshes wrote it."""
    height, width, channels = numbers.shape
    data = numbers.astype(">u2").tobytes()
    fields = [(256, width), (257, height), (259, 1), (262, 2), (273, 8 + 6), (277, channels), (278, height)]
    entries = [(tag, 4, 1, number) for tag, number in [*fields, (279, len(data))]]
    entries.append((258, 3, channels, 8))
    table = b"".join(struct.pack(">2H2L", *entry) for entry in sorted(entries))
    directory = struct.pack(">H", len(entries)) + table + bytes(4)
    path.write_bytes(b"MM\0*" + struct.pack(">L3H", 14 + len(data), *[16] * 3) + data + directory)
    return path


def by_opencv(path: Path, numbers: np.ndarray, *options: int) -> Path:
    """RGB or RGBA."""
    assert cv2.imwrite(str(path), numbers[..., [2, 1, 0, 3][: numbers.shape[2]]], options)
    return path


def numbers_of(path: Path) -> np.ndarray:
    """RGB or RGBA as OpenCV reads it, uint16 or uint8."""
    numbers = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    return numbers[..., [2, 1, 0, 3][: numbers.shape[2]]]
