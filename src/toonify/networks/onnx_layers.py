"""Layers in the form that ONNX Runtime runs fastest; elsewhere they stay as they are trained."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from toonify.networks.layers import depth_to_space
from toonify.networks.palettes import Palette


def in_planes(model: keras.Model) -> keras.Model:
    """The same function with the same weights, its palettes mixed by `PlanarPalette`.

    Args:
        model: In float32. The two share all other layers; without a palette it is the model itself.
    """
    inner = model._flatten_layers(include_self=False)
    if not any(type(layer) is Palette for layer in inner):
        return model

    def form(layer: Any) -> Any:
        return PlanarPalette.from_config(layer.get_config()) if type(layer) is Palette else layer

    return keras.models.clone_model(model, clone_function=form, recursive=True)


class PlanarPalette(Palette):
    """A palette mixed in whole planes, (N, C, H, W), which is how ONNX Runtime holds pictures.

    A plane of shares times a plane of paint runs along memory, four pixels times one paint do not. Of
    three ways to add up the paints ONNX Runtime is fastest at a product of matrices.
    """

    def call(self, inputs: list[Any]) -> Any:
        logits, palette = inputs
        shares = ops.exp(ops.clip(logits * self.gain, -40.0, 40.0))
        # Of these the shape, for whoever else looks at logits keeps them from being clipped as they are made.
        batch, height, width = ops.shape(shares)[:3]
        shares = self._planes(shares, 4)
        palette = self._planes(palette, 3)
        ones = ops.ones((1, self.paints))

        def added_up(planes: Any) -> Any:
            """(N, paints, 4, H · W) → (N, 1, 4 · H · W)"""
            return ops.matmul(ones, ops.reshape(planes, (batch, self.paints, -1)))

        whole = added_up(shares)
        colours = [added_up(shares * palette[:, :, channel : channel + 1]) / whole for channel in range(3)]
        pixels = ops.stack([ops.reshape(colour, (batch, 4, -1)) for colour in colours], axis=2)
        pixels = ops.reshape(pixels, (batch, 12, height, width))
        return depth_to_space(ops.transpose(pixels, (0, 2, 3, 1)))

    def _planes(self, pixels: Any, kinds: int) -> Any:
        """(N, H, W, paints · kinds) → (N, paints, kinds, H · W)"""
        planes = ops.transpose(pixels, (0, 3, 1, 2))
        return ops.reshape(planes, (ops.shape(pixels)[0], self.paints, kinds, -1))
