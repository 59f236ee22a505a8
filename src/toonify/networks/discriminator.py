"""The discriminators: one of pictures, one of a backbone's features."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from toonify.networks.layers import InstanceNorm
from toonify.networks.spectral import SpectralConv2D

SLOPE = 0.2


def build_discriminator(width: int = 32, *, norm: bool = True, spectral: bool = False) -> keras.Model:
    """Judges overlapping patches of a picture (Chen et al., 2018, §3.1.2 and fig. 2).

    Instance norm where the paper has batch norm, which makes the pictures of a batch depend on each
    other and would undo a gradient penalty.

    Args:
        width: Channels of the first convolution.
        norm: Instance norm from the second block on.
        spectral: Every convolution's kernel divided by its largest singular value.

    Returns:
        From RGB in [-1, 1], (N, H, W, 3), to raw float32 logits, (N, ⌈H/4⌉, ⌈W/4⌉, 1): real is
        above 0 where the loss says so.
    """
    kind = SpectralConv2D if spectral else layers.Conv2D
    picture = keras.Input((None, None, 3), name="picture")
    pixels = _convolution(kind, picture, width, "flat")
    pixels = _convolution(kind, pixels, 2 * width, "down2", strides=2)
    pixels = _convolution(kind, pixels, 4 * width, "block2", norm=norm)
    pixels = _convolution(kind, pixels, 4 * width, "down4", strides=2)
    pixels = _convolution(kind, pixels, 8 * width, "block4", norm=norm)
    pixels = _convolution(kind, pixels, 8 * width, "features", norm=norm)
    logits = kind(1, 3, padding="same", dtype="float32", name="logits")(pixels)
    return keras.Model(picture, logits, name="discriminator")


def build_feature_discriminator(
    channels: int, scale: float = 1.0, width: int = 32, *, norm: bool = False, spectral: bool = False
) -> keras.Model:
    """Judges every point of a backbone's features by its surroundings of 5 × 5 points.

    The frozen backbone does most of the seeing, as in Projected GANs (Sauer et al., NeurIPS 2021, section
    3), so that few layers are to be learnt.

    Args:
        channels: Of the features.
        scale: How large they usually are: above 0. They are divided by it.
        width: An eighth of the channels of the widest convolution, as in `build_discriminator`.
        norm: Instance norm from the second convolution on.
        spectral: Every convolution's kernel divided by its largest singular value.

    Returns:
        From features, (N, h, w, channels), to raw float32 logits, (N, h, w, 1).
    """
    kind = SpectralConv2D if spectral else layers.Conv2D
    features = keras.Input((None, None, channels), name="features")
    points = ShortTails(scale, name="short_tails")(features)
    points = layers.LeakyReLU(negative_slope=SLOPE)(kind(2 * width, 1, name="mixed")(points))
    points = _convolution(kind, points, 4 * width, "block", norm=norm)
    points = _convolution(kind, points, 8 * width, "surroundings", norm=norm)
    logits = kind(1, 1, dtype="float32", name="logits")(points)
    return keras.Model(features, logits, name="feature_discriminator")


class ShortTails(layers.Layer):
    """asinh(features / scale), element by element: features have long tails, and this has none.

    Args:
        scale: How large they usually are. It is a weight that is not trained, so that checkpoints keep it.
    """

    def __init__(self, scale: float, **options: Any) -> None:
        super().__init__(**options)
        self.scale = self.add_weight(
            name="scale",
            shape=(),
            initializer=keras.initializers.Constant(scale),
            trainable=False,
            autocast=False,
            aggregation="only_first_replica",
        )

    def call(self, features: Any) -> Any:
        return ops.arcsinh(features / ops.cast(self.scale, features.dtype))


def _convolution(
    kind: type[Any], pixels: Any, filters: int, name: str, *, strides: int = 1, norm: bool = False
) -> Any:
    """3 × 3, then the norm if asked for, then leaky ReLU."""
    pixels = kind(filters, 3, strides=strides, padding="same", name=name)(pixels)
    if norm:
        pixels = InstanceNorm(name=f"{name}_norm")(pixels)
    return layers.LeakyReLU(negative_slope=SLOPE, name=f"{name}_relu")(pixels)
