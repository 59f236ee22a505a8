"""A style that inks: its lines as a style of their own, and the mask that these should be."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.errors import ToonifyError
from toonify.exporting.base import OTHER_TRAINING, draw_original
from toonify.exporting.keras_model import open_generator
from toonify.inference.verification import compare
from toonify.plugins import Draw, create
from toonify.storage import StyleFolder
from toonify.styles import Style, defaults

if TYPE_CHECKING:
    from toonify.networks.blocks import InkedGenerator


def write_lines(style: Style, path: Path, name: str) -> None:
    """Write the style folder of a style's lines: what its ink needs of the network, with the same weights.

    Args:
        style: Whose ink.
        path: The folder to make.
        name: For its card, which is that of `style` otherwise.

    Raises:
        ToonifyError: if the style draws no ink by itself, its generator is not installed, its weights do
            not fit, or the folder cannot be written.
    """
    _, inked = _open_inked(style)
    from toonify.networks import save_weights, to_onnx

    card = style.manifest
    # Full ink is as dark as the controls say; how sharply it begins, and how much there is, stay.
    options = {**card.generator_options, "lines": True, "ink_strength": 1.0}
    plugin: InkedGenerator = create("generators", style.generator, options)
    model = plugin.build()
    weights = {weight.path: weight for weight in inked.weights}
    for weight in model.weights:
        weight.assign(weights[weight.path])
    path.mkdir()
    save_weights(model, StyleFolder(path).weights)
    to_onnx(plugin.controlled(model), StyleFolder(path).generator, defaults(plugin.controls))
    dataclasses.replace(
        card,
        name=name,
        generator=style.generator,
        generator_options=options,
        controls=dict(plugin.controls),
        painter="",
        description=f"Ink alone, black on white: the lines of the style {card.name}",
        training={**card.training, "lines_of": card.name},
        figures={},
    ).write(path)


def ink_mask(style: Style) -> Draw:
    """Draws the mask of a style's own ink, `σ(gain · logit + bias)`, as black on white.

    Raises:
        ToonifyError: as `write_lines`, or if the style draws something else with its weights than without.
    """
    plugin, model = _open_inked(style)
    import keras

    inked = keras.Model(model.input, plugin.laid(model)[-1])

    def whole(pictures: Any) -> Any:
        return keras.ops.convert_to_numpy(model(pictures, training=False))

    def mask(pictures: Any) -> Any:
        logits = keras.ops.convert_to_numpy(inked(pictures, training=False))
        cover = 1 / (1 + np.exp(-(plugin.ink_gain * logits + plugin.ink_bias)))
        return np.repeat(1 - 2 * cover, 3, axis=-1).astype(np.float32)

    own = [probe for probe in draw_original(style) if not probe.odd]
    compare(whole, own, str(style.files.weights), hint=OTHER_TRAINING)
    return mask


def _open_inked(style: Style) -> tuple[InkedGenerator, Any]:
    """As `open_generator`, which must come before all that imports Keras."""
    plugin, model = open_generator(style)
    from toonify.networks.blocks import InkedGenerator

    if not isinstance(plugin, InkedGenerator):
        raise ToonifyError(
            f"the style '{style.manifest.name}' draws no ink by itself: its generator is "
            f"'{style.manifest.generator}'",
            "Lines are those of a style with the generator lite or unet.",
        )
    return plugin, model
