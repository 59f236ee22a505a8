"""The weights that the authors of CartoonGAN published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
from keras import layers

from toonify.networks.cartoongan import CartoonGAN
from toonify.plugins import ToonifyError

# PyTorch keeps (out, in, h, w), and (in, out, h, w) for transposed convolutions; Keras keeps
# (h, w, in, out), and (h, w, out, in).
_TO_KERAS = (2, 3, 1, 0)


def import_weights(arrays: Mapping[str, np.ndarray]) -> keras.Model:
    """The published CartoonGAN network with its authors' weights.

    Args:
        arrays: `conv01_1.weight`, `conv01_1.bias`, `in01_1.scale`, `in01_1.shift` … in PyTorch's
            order; width and number of residual blocks are read from them.

    Returns:
        A model that takes and gives **BGR** in [-1, 1], (N, H, W, 3), unlike toonify's own
        generators.

    Raises:
        ToonifyError: if an array is missing, superfluous or of the wrong shape.
    """
    first = arrays.get("conv01_1.weight")
    if first is None or np.ndim(first) != 4:
        raise ToonifyError("these are not CartoonGAN's weights: there is no 4-dimensional conv01_1.weight")
    blocks = sum(name.startswith("conv") and name.endswith("_1.weight") for name in arrays) - 3
    model = CartoonGAN(width=first.shape[0], blocks=max(1, blocks)).build()
    variables = dict(_named_variables(model))
    _compare("lacks", variables.keys() - arrays.keys())
    _compare("has no place for", arrays.keys() - variables.keys())
    for name, variable in variables.items():
        array = np.asarray(arrays[name], np.float32)
        array = array.transpose(_TO_KERAS) if array.ndim == 4 else array
        if array.shape != tuple(variable.shape):
            expected = tuple(variable.shape)
            if len(expected) == 4:
                expected = tuple(np.transpose(np.empty(expected), np.argsort(_TO_KERAS)).shape)
            raise ToonifyError(
                f"CartoonGAN's {name} should have the shape {expected}, not {np.shape(arrays[name])}"
            )
        variable.assign(array)
    return model


def _named_variables(model: keras.Model) -> Iterator[tuple[str, Any]]:
    """The variables by the names that the authors gave them."""
    for layer in model.layers:
        if layer.weights:
            convolution = isinstance(layer, layers.Conv2D | layers.Conv2DTranspose)
            names = ("weight", "bias") if convolution else ("scale", "shift")
            for name, variable in zip(names, layer.weights, strict=True):
                yield f"{layer.name}.{name}", variable


def _compare(problem: str, names: set[str]) -> None:
    if names:
        listed = ", ".join(sorted(names)[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        raise ToonifyError(f"the published CartoonGAN network {problem} {listed}")
