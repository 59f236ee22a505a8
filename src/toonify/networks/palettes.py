"""Heads that choose each pixel's colour from a palette of its surroundings."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from toonify.networks.blocks import INK_AT_START, Blur, LogitBlur
from toonify.networks.calm import where_calm
from toonify.networks.layers import DepthToSpace, NearestUpsampling, Shape, depth_to_space, register
from toonify.networks.mean_shift import MeanShift

UNDECIDED = 0.6
"""How decided the choice among paints is where a picture is calm, against elsewhere: blurs leave specks."""


@register
class Palette(layers.Layer):
    """Colours chosen from a palette that changes slowly from place to place: areas are flat by construction.

    Args:
        paints: How many colours a place has to choose among.
        gain: How decided the choice is: 1 as trained, more for crisper borders.
    """

    def __init__(self, paints: int, gain: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.paints = paints
        self.gain = gain

    def call(self, inputs: list[Any]) -> Any:
        """`[logits (N, H, W, 4 · paints), palette (N, H, W, 3 · paints)]` → RGB, (N, 2 · H, 2 · W, 3).

        Four logits of each paint are those of a square of 2 × 2 pixels.
        """
        pixels = ops.stack(self.squares(*inputs), axis=-1)
        return depth_to_space(ops.reshape(pixels, (*ops.shape(pixels)[:3], 12)))

    def squares(self, logits: Any, palette: Any) -> list[Any]:
        """Red, green and blue, each (N, H, W, 4): of the four pixels of a square."""
        shares = ops.exp(ops.clip(self.gain * logits, -40.0, 40.0))
        shares = [shares[..., 4 * paint : 4 * paint + 4] for paint in range(self.paints)]
        whole = sum(shares[1:], shares[0])
        colours = []
        for channel in range(3):
            starts = range(channel, 3 * self.paints, 3)
            of_paint = [palette[..., start : start + 1] for start in starts]
            mixed = [share * colour for share, colour in zip(shares, of_paint, strict=True)]
            colours.append(sum(mixed[1:], mixed[0]) / whole)
        return colours

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        batch, height, width = input_shape[0][:3]
        return (batch, height and 2 * height, width and 2 * width, 3)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "paints": self.paints, "gain": self.gain}


def palette_heads(
    pixels: Any,
    places: Any,
    picture: Any,
    paints: int,
    gain: float,
    *,
    smooth: bool,
    mean_shift: float,
    calm: Any,
) -> tuple[Any, Any]:
    """Colour, chosen from a palette, and ink logits; four pixels to each half-size one.

    Args:
        pixels: Features at half the size: which paint a pixel gets, and whether it is inked.
        places: Features at an eighth: the palette of a place, as changes of its mean colour.
        picture: RGB in [-1, 1].
        paints: Colours of a palette.
        gain: See `Palette`.
        smooth: Blur what the choice is made by.
        mean_shift: Bandwidth within which neighbouring palettes agree on a colour; 0 leaves them as they are.
        calm: How much of both a half-size pixel gets, (N, H / 2, W / 2, 1), from 0 to 1; `None` for all.
    """
    palette = _palettes(places, picture, paints, mean_shift, calm)
    choice = layers.Conv2D(4 * paints, 3, padding="same", dtype="float32", name="choice")(pixels)
    if smooth:
        blurred = LogitBlur(2, dtype="float32", name="choice_blur")(choice)
        if calm is not None:
            blurred = layers.Rescaling(UNDECIDED, dtype="float32", name="choice_undecided")(blurred)
        choice = where_calm(choice, blurred, calm, "choice_where_calm")
    colour = Palette(paints, gain, dtype="float32", name="colour")([choice, palette])
    ink = layers.Conv2D(
        4,
        3,
        padding="same",
        dtype="float32",
        kernel_initializer=keras.initializers.VarianceScaling(1e-3),
        bias_initializer=keras.initializers.Constant(INK_AT_START),
        name="ink_pixels",
    )(pixels)
    return colour, DepthToSpace(dtype="float32", name="ink")(ink)


def _palettes(places: Any, picture: Any, paints: int, mean_shift: float, calm: Any) -> Any:
    """The palette of each half-size pixel, (N, H / 2, W / 2, 3 · paints); arguments as of `palette_heads`."""
    change = layers.Conv2D(
        3 * paints,
        1,
        dtype="float32",
        kernel_initializer=keras.initializers.VarianceScaling(1e-3),
        bias_initializer=keras.initializers.Constant(np.repeat(np.linspace(-0.6, 0.6, paints), 3)),
        name="palette_change",
    )(places)
    mean = layers.AveragePooling2D(8, dtype="float32", name="mean")(picture)
    means = layers.Concatenate(dtype="float32", name="means")([mean] * paints)
    palette = layers.Add(dtype="float32", name="palette")([change, means])
    if mean_shift:
        shifted = MeanShift(mean_shift, dtype="float32", name="mean_shift")(palette)
        to_eighth = layers.AveragePooling2D(4, dtype="float32", name="calm8")
        palette = where_calm(palette, shifted, calm, "palette_where_calm", to_eighth)
    for part in (4, 2):
        palette = NearestUpsampling(dtype="float32", name=f"palette{part}")(palette)
        palette = Blur(dtype="float32", name=f"palette{part}_blur")(palette)
    return palette
