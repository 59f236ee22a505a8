"""`cartoongan`: the generator of CartoonGAN (Chen et al., 2018), as its authors published it."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from toonify.networks.layers import InstanceNorm, NearestUpsampling, ReflectionPadding
from toonify.plugins import Generator, usage_error

EPSILON = 1e-9
MOST = {"width": 256, "blocks": 64}  # a style's card may come from anyone, and ask for any network


class CartoonGAN(Generator):
    """The published network layer by layer, with the names of its layers.

    It pads by reflection before the outer 7 × 7 convolutions and in the residual blocks, and with
    zeros elsewhere; pairs of convolutions share one norm. Sides that are no multiples of 4 come out
    longer (65 becomes 68).

    Args:
        width: Channels at the full size; four times as many in the residual blocks.
        blocks: Residual blocks.
        leak: Slope of the ReLUs below 0; the paper's have none.
        resize: Enlarge by repeating pixels before a convolution, where the paper's transposed ones overlap
            unevenly and leave a grid (Odena, Dumoulin and Olah: Deconvolution and Checkerboard Artifacts,
            2016, https://distill.pub/2016/deconv-checkerboard). Has no published weights.

    Raises:
        ToonifyError: if a number of them is below 1 or above `MOST`, or `leak` is not 0 to 1.
    """

    halo = None  # instance norm looks at the whole picture
    multiple = 4

    def __init__(self, width: int = 64, blocks: int = 8, leak: float = 0.0, resize: bool = False) -> None:
        for name, value in {"width": width, "blocks": blocks}.items():
            most = MOST[name]
            if not 1 <= value <= most:
                raise usage_error(
                    f"the option {name} of the generator 'cartoongan' should be 1 to {most}, not {value}"
                )
        if not 0 <= leak <= 1:
            raise usage_error(f"the option leak of the generator 'cartoongan' should be 0 to 1, not {leak}")
        self.width = width
        self.blocks = blocks
        self.leak = leak
        self.resize = resize

    def build(self) -> keras.Model:
        """From RGB in [-1, 1], (N, H, W, 3), to the same; sides of at least 8, multiples of 4."""
        width, leak, last = self.width, self.leak, 4 + self.blocks
        picture = keras.Input((None, None, 3), name="picture")
        pixels = _reflected(picture, width, 7, "conv01_1")
        pixels = _normalised(pixels, "in01_1", leak)
        pixels = _down(pixels, 2 * width, "02", leak)
        pixels = _down(pixels, 4 * width, "03", leak)
        for number in range(4, last):
            pixels = _residual(pixels, f"{number:02}", leak)
        enlarge = _resized if self.resize else _transposed
        for number, filters in enumerate((2 * width, width)):
            pixels = enlarge(pixels, filters, f"deconv{number + 1:02}_1")
            pixels = _zero_padded(pixels, filters, f"deconv{number + 1:02}_2")
            pixels = _normalised(pixels, f"in{last + number:02}_1", leak)
        pixels = _reflected(pixels, 3, 7, "deconv03_1")
        cartoon = layers.Activation("tanh", dtype="float32", name="cartoon")(pixels)
        return keras.Model(picture, cartoon, name="cartoongan")


def _normalised(pixels: Any, name: str, leak: float) -> Any:
    pixels = InstanceNorm(EPSILON, name=name)(pixels)
    return layers.ReLU(negative_slope=leak, name=f"{name}_relu")(pixels)


def _reflected(pixels: Any, filters: int, size: int, name: str) -> Any:
    pixels = ReflectionPadding(size // 2, name=f"{name}_pad")(pixels)
    return layers.Conv2D(filters, size, name=name)(pixels)


def _zero_padded(pixels: Any, filters: int, name: str, strides: int = 1) -> Any:
    # Padded by hand: with strides, "same" pads even sides at their end only.
    pixels = layers.ZeroPadding2D(1, name=f"{name}_pad")(pixels)
    return layers.Conv2D(filters, 3, strides=strides, name=name)(pixels)


def _down(pixels: Any, filters: int, number: str, leak: float) -> Any:
    pixels = _zero_padded(pixels, filters, f"conv{number}_1", strides=2)
    pixels = _zero_padded(pixels, filters, f"conv{number}_2")
    return _normalised(pixels, f"in{number}_1", leak)


def _residual(pixels: Any, number: str, leak: float) -> Any:
    filters = pixels.shape[-1]
    inner = _reflected(pixels, filters, 3, f"conv{number}_1")
    inner = _normalised(inner, f"in{number}_1", leak)
    inner = _reflected(inner, filters, 3, f"conv{number}_2")
    inner = InstanceNorm(EPSILON, name=f"in{number}_2")(inner)
    return layers.Add(name=f"add{number}")([inner, pixels])


def _transposed(pixels: Any, filters: int, name: str) -> Any:
    # PyTorch's padding 1 and output padding 1: without padding, less the first row and column.
    pixels = layers.Conv2DTranspose(filters, 3, strides=2, name=name)(pixels)
    return layers.Cropping2D(((1, 0), (1, 0)), name=f"{name}_crop")(pixels)


def _resized(pixels: Any, filters: int, name: str) -> Any:
    pixels = NearestUpsampling(name=f"{name}_upsample")(pixels)
    return _zero_padded(pixels, filters, name)
