"""`lite`: a generator for pictures of any size on any machine."""

from __future__ import annotations

import keras

from toonify.networks.blocks import InkedGenerator, convolution, drawing_heads, residuals, upsample

WIDEST = 256


class Lite(InkedGenerator):
    """Draws flat colours and ink, seeing a hundred pixels around each.

    An encoder to an eighth of the size and back, of inverted residuals (Sandler et al., 2018, §3.3)
    without any normalisation, so that a tile with its halo equals the same pixels of the whole.

    Args:
        width: Channels at half the size; twice and four times as many at a quarter and an eighth.
        ink_strength: How much of the colours ink covers at most, 0 to 1.
        ink_gain: How sharply ink begins.
        ink_bias: How much ink there is: more above 0, less below.
        lines: Draw the ink alone, black on white.

    Raises:
        ToonifyError: if `width` is below 1 or above `WIDEST`, or `ink_strength` is not 0 to 1.
    """

    name = "lite"
    # On each side a pixel sees at most 1 (first convolution, whole size) + 2 (half) + 12 + 4
    # (quarter) + 48 (eighth) + 12 (quarter) + 6 (half) pixels, and 7 more where the upsampled grids
    # meet: 92, rounded up to the grid.
    halo = 96
    multiple = 8

    def __init__(
        self,
        width: int = 24,
        ink_strength: float = 0.9,
        ink_gain: float = 1.3,
        ink_bias: float = -0.3,
        lines: bool = False,
    ) -> None:
        super().__init__({"width": (width, 1, WIDEST)}, ink_strength, ink_gain, ink_bias, lines)
        self.width = width

    def build(self) -> keras.Model:
        """From RGB in [-1, 1], (N, H, W, 3) with sides that are multiples of 8, to the same."""
        width = self.width
        picture = keras.Input((None, None, 3), name="picture")
        half = convolution(picture, width, "down2", strides=2)
        quarter = convolution(half, 2 * width, "down4", strides=2)
        quarter = residuals(quarter, 3, "down4")
        pixels = convolution(quarter, 4 * width, "down8", strides=2)
        pixels = residuals(pixels, 6, "middle8")
        pixels = upsample(pixels, quarter, "up4")
        pixels = residuals(pixels, 3, "up4")
        pixels = upsample(pixels, half, "up2")
        pixels = convolution(pixels, width, "draw1")
        pixels = convolution(pixels, width, "draw2")
        return self.inked(picture, *drawing_heads(pixels, picture))
