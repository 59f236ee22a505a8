"""What the programs that are told of draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

import toonify


def difference(style: str | Path, photo: Path) -> float:
    """Between what a program has written and what `convert` makes, the mean in steps of 8-bit colour."""
    expected = np.asarray(toonify.convert(photo, style), np.float32)
    with Image.open("cartoon.png") as drawn:
        assert drawn.size == (expected.shape[1], expected.shape[0])
        return float(np.abs(np.asarray(drawn.convert("RGB"), np.float32) - expected).mean())
