"""`unet`: a generator that sees a whole face at once, and knows what it paints."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from toonify.networks.blocks import (
    InkedGenerator,
    LogitBlur,
    convolution,
    drawing_heads,
    residuals,
    upsample,
)
from toonify.networks.calm import Calm, where_calm
from toonify.networks.layers import NearestUpsampling
from toonify.networks.palettes import Palette, palette_heads

WIDEST, MOST_REGIONS, MOST_PAINTS = 64, 64, 32

DEPTHS = {4: 2, 8: 3, 16: 3, 32: 5}
"""Inverted residuals at each part of the size, on the way down; at a thirty-second in all."""


class UNet(InkedGenerator):
    """Draws flat colours and ink separately, as `lite` does, from a wider view.

    An encoder to a thirty-second of the size and back (Ronneberger et al., 2015, fig. 1), of inverted
    residuals without normalisation: where `lite` sees 96 pixels around a point, a cheek and no face, this
    one sees the head. Upsampling from the smallest sizes is bilinear.

    With `regions`, it also tells what each pixel belongs to (skin, hair, eyes ...), and paints by what it
    told: the probabilities are added to the features that the drawing is made from.

    With `paints`, it chooses each pixel's colour from a palette of its surroundings, eighths of the size
    apart: what it is not sure of becomes a border in the wrong place, not a blur, and areas are flat.

    Args:
        width: Channels at half the size; 2, 4, 6 and 8 times as many at the smaller ones.
        regions: Kinds of regions that it tells apart; 0 for none.
        paints: Colours of a palette; 0 for a colour of each pixel's own.
        paint_gain: How decided the choice among paints is when drawing; 1 as it was learnt.
        mean_shift: Bandwidth, in RGB of [-1, 1], within which neighbouring palettes agree on a colour when
            drawing: surfaces become one tone. 0 leaves them as they were learnt. See `MeanShift`.
        smooth: Blur, when drawing, what paints are chosen by, and what ink is laid by, over neighbouring
            pixels. Borders and lines become even; with higher gains they stay as crisp.
        calm: The deviation of the picture's luma, in [-1, 1], below which `mean_shift` and `smooth` are for:
            what is busier is drawn as it was learnt. 0 is for all of it. See `Calm`.
        saturation: How far the drawing's colours are from grey: 1 as they were learnt.
        contrast: How far their luma is from that of a dark grey: above 1, lights are lighter.
        ink_strength: How much of the colours ink covers at most, 0 to 1.
        ink_gain: How sharply ink begins.
        ink_bias: How much ink there is: more above 0, less below.
        lines: Draw the ink alone, black on white.

    Raises:
        ToonifyError: if a value is not in its range: `width` 1 to `WIDEST`, `regions` 0 to `MOST_REGIONS`,
            `paints` 0 to `MOST_PAINTS`, `paint_gain` 0.1 to 100, `mean_shift`, `calm` and `ink_strength`
            0 to 1, `saturation` and `contrast` 0 to 4.
    """

    name = "unet"
    halo = 416  # on each side, 448 with `mean_shift`; a test takes the measure
    multiple = 32

    def __init__(
        self,
        width: int = 16,
        regions: int = 0,
        paints: int = 0,
        paint_gain: float = 1.0,
        mean_shift: float = 0.0,
        smooth: bool = False,
        calm: float = 0.0,
        saturation: float = 1.0,
        contrast: float = 1.0,
        ink_strength: float = 0.9,
        ink_gain: float = 1.3,
        ink_bias: float = -0.3,
        lines: bool = False,
    ) -> None:
        options = {
            "width": (width, 1, WIDEST),
            "regions": (regions, 0, MOST_REGIONS),
            "paints": (paints, 0, MOST_PAINTS),
            "paint_gain": (paint_gain, 0.1, 100),
            "mean_shift": (mean_shift, 0, 1),
            "calm": (calm, 0, 1),
            "saturation": (saturation, 0, 4),
            "contrast": (contrast, 0, 4),
        }
        super().__init__(options, ink_strength, ink_gain, ink_bias, lines)
        self.width = width
        self.regions = regions
        self.paints = paints
        self.paint_gain = paint_gain
        self.mean_shift = mean_shift
        if mean_shift:
            self.halo = 448
        self.smooth = smooth
        self.calm = calm
        self.saturation = saturation
        self.contrast = contrast

    def build(self) -> keras.Model:
        """From RGB in [-1, 1], (N, H, W, 3) with sides that are multiples of 32, to the same."""
        width = self.width
        picture = keras.Input((None, None, 3), name="picture")
        half = pixels = convolution(picture, width, "down2", strides=2)
        skips = []
        for number, (part, depth) in enumerate(DEPTHS.items(), start=1):
            pixels = convolution(pixels, 2 * number * width, f"down{part}", strides=2)
            pixels = residuals(pixels, depth, f"down{part}")
            skips.append(pixels)
        for part, skip in zip((16, 8, 4), reversed(skips[:-1]), strict=True):
            pixels = upsample(pixels, skip, f"up{part}", smooth=True)
            pixels = residuals(pixels, DEPTHS[part], f"up{part}")
            if part == 8:
                places = pixels
        if self.regions:
            pixels = _by_region(pixels, self.regions)
        pixels = upsample(pixels, half, "up2")
        pixels = convolution(pixels, width, "draw1")
        pixels = convolution(pixels, width, "draw2")
        calm = Calm(self.calm, dtype="float32", name="calm")(picture) if self.calm else None
        if self.paints:
            colour, ink = palette_heads(
                pixels,
                places,
                picture,
                self.paints,
                self.paint_gain,
                smooth=self.smooth,
                mean_shift=self.mean_shift,
                calm=calm,
            )
        else:
            colour, ink = drawing_heads(pixels, picture)
        if self.smooth:
            blurred = LogitBlur(dtype="float32", name="ink_blur")(ink)
            to_whole = NearestUpsampling(dtype="float32", name="calm_pixels")
            ink = where_calm(ink, blurred, calm, "ink_where_calm", to_whole)
        return self.inked(picture, colour, ink)

    def heads(self, model: keras.Model) -> keras.Model:
        """`colour`, before it is clipped to [-1, 1], (N, H, W, 3); `ink`, logits, (N, H, W, 1).

        With `regions` also `regions`, logits, (N, H, W, regions), of squares of 4 × 4 pixels.
        """
        outputs = dict(super().heads(model).output)
        if self.paints and not self.lines:  # learnt undecided, from palettes as they are
            palette = model.get_layer("palette").output
            for name in ("palette4", "palette4_blur", "palette2", "palette2_blur"):
                palette = model.get_layer(name)(palette)
            chosen = [model.get_layer("choice").output, palette]
            outputs["colour"] = Palette(self.paints, dtype="float32", name="undecided")(chosen)
        if self.regions:
            logits = model.get_layer("regions").output
            for name in ("regions2", "regions1"):
                logits = NearestUpsampling(dtype="float32", name=name)(logits)
            outputs["regions"] = logits
        return keras.Model(model.input, outputs, name="unet_heads")


def _by_region(pixels: Any, regions: int) -> Any:
    """The features, with what each pixel belongs to added."""
    logits = layers.Conv2D(regions, 1, dtype="float32", name="regions")(pixels)
    shares = layers.Softmax(name="region_shares")(logits)
    painted = layers.Conv2D(pixels.shape[-1], 1, name="region_paint")(shares)
    return layers.Add(name="region_add")([pixels, painted])
