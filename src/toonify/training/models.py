"""The networks and optimizers of a run, and all their variables in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from toonify.errors import usage_error
from toonify.networks import build_discriminator
from toonify.plugins import AdversarialLoss, Backbone, Generator, blaming, create
from toonify.training.engines import Engine
from toonify.training.presets import ContentSettings, OptimizerSettings, Settings


@dataclass
class Models:
    """What a run trains, and with what; `None` is what its phases do not need.

    Attributes:
        plugin: The generator's architecture.
        generator: RGB in [-1, 1], (N, H, W, 3), in and out.
        heads: Shares the generator's weights and gives its parts.
        backbone: Frozen; from the same RGB to features.
        discriminator: From the same RGB to raw patch logits.
        adversary: Both sides' losses.
        generator_optimizer: Of the generator's trainable variables.
        discriminator_optimizer: Of the discriminator's.
    """

    plugin: Generator
    generator: keras.Model
    generator_optimizer: keras.optimizers.Optimizer
    heads: keras.Model | None = None
    backbone: keras.Model | None = None
    discriminator: keras.Model | None = None
    discriminator_optimizer: keras.optimizers.Optimizer | None = None
    adversary: AdversarialLoss | None = None

    def parts(self) -> dict[str, Sequence[Any]]:
        """Every variable that a run changes, by owner, seed generators' included, in a fixed order."""
        owners = ("generator", "generator_optimizer", "discriminator", "discriminator_optimizer")
        present = {owner: getattr(self, owner) for owner in owners}
        return {owner: part.variables for owner, part in present.items() if part is not None}

    def variables(self) -> list[Any]:
        """The same and the backbone's, each once, in one list."""
        every = [variable for part in self.parts().values() for variable in part]
        every += self.backbone.variables if self.backbone else []
        return list({id(variable): variable for variable in every}.values())


def build_models(settings: Settings, engine: Engine, seed: int) -> Models:
    """New networks, the same for the same seed.

    Raises:
        ToonifyError: if a plugin is unknown or refuses its options, the backbone's weights cannot be
            had, or a phase asks for heads that the generator lacks.
    """
    plugin: Generator = create("generators", settings.generator.name, settings.generator.options)
    with engine.scope():
        keras.utils.set_random_seed(seed)
        with blaming(f"the generator '{settings.generator.name}'"):
            generator = plugin.build()
        models = Models(plugin, generator, _optimizer(settings.optimizer, generator))
        if settings.paired:
            models.heads = _heads(plugin, generator, settings.generator.name)
        if settings.content:
            models.backbone = _backbone(settings.content, seed)
        if settings.adversarial:
            keras.utils.set_random_seed(seed)
            models.adversary = create("losses", settings.adversarial.loss, settings.adversarial.options)
            models.discriminator = build_discriminator()
            models.discriminator_optimizer = _optimizer(settings.optimizer, models.discriminator)
    return models


def _optimizer(settings: OptimizerSettings, model: keras.Model) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.Adam(beta_1=settings.beta_1, beta_2=settings.beta_2)
    optimizer.build(model.trainable_variables)
    return optimizer


def _heads(plugin: Generator, generator: keras.Model, name: str) -> keras.Model:
    with blaming(f"the generator '{name}'"):
        heads = plugin.heads(generator)
    if heads is None:
        raise usage_error(
            f"the generator '{name}' has no heads for the paired phase to supervise",
            "Choose the generator 'lite', or a preset without a paired phase.",
        )
    return heads


def _backbone(content: ContentSettings, seed: int) -> keras.Model:
    # Random weights are not in checkpoints: a resumed run draws the same ones again.
    keras.utils.set_random_seed(seed)
    plugin: Backbone = create("backbones", content.backbone, {})
    with blaming(f"the backbone '{content.backbone}'"):
        return plugin.build(content.weights, content.layer or plugin.default_layer)
