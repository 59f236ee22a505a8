"""Pictures with faces, made of the sample photograph that has one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

ASTRONAUT = Path(__file__).parents[2] / "samples" / "astronaut.jpg"


def portrait(side: int = 128) -> Image.Image:
    """One person, (side, side); the face is about a fifth of it high."""
    with Image.open(ASTRONAUT) as photo:
        return photo.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


def group(people: int, side: int = 128) -> Image.Image:
    """So many of them in a row."""
    row = Image.new("RGB", (people * side, side))
    for index in range(people):
        row.paste(portrait(side), (index * side, 0))
    return row


def close_up(side: int = 128) -> np.ndarray:
    """The face with hair and shoulders, evenly lit: RGB, (side, side, 3), uint8."""
    return np.asarray(portrait(512).crop((112, 10, 332, 230)).resize((side, side), Image.Resampling.LANCZOS))


def shaded(picture: np.ndarray, light: float = 0.04) -> np.ndarray:
    """The same with only a part of its light on the left half, and a soft edge in between."""
    across = np.linspace(-1, 1, picture.shape[1])[None, :, None]
    falling = light + (1 - light) / (1 + np.exp(-across * 30))
    return np.rint(((picture / 255) ** 2.2 * falling) ** (1 / 2.2) * 255).astype(np.uint8)
