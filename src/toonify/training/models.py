"""The networks and optimizers of a run, and all their variables in one order."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops

from toonify.errors import usage_error
from toonify.networks import build_discriminator, build_feature_discriminator
from toonify.plugins import (
    AdversarialLoss,
    AdversarialTerm,
    Backbone,
    Generator,
    create,
    own_name,
    plugin_in_use,
)
from toonify.training.dataset import Dataset
from toonify.training.engines import Engine
from toonify.training.objectives import Objective, networks_used
from toonify.training.promises import check_backbone, check_generator, check_loss, need_network
from toonify.training.settings import BackboneSettings, Settings
from toonify.training.terms.pairs import HeadTerm, Regions


@dataclass(frozen=True)
class Discriminator:
    """The network of an adversarial term, and the optimizer of its trainable variables."""

    network: keras.Model
    optimizer: keras.optimizers.Optimizer

    def forward(self, pictures: Any) -> Any:
        """Raw patch logits, float32."""
        return ops.cast(self.network(pictures, training=True), "float32")


@dataclass
class Models:
    """What a run trains, and with what; `None` is what its phases do not need.

    Attributes:
        plugin: The generator's architecture.
        generator: RGB in [-1, 1], (N, H, W, 3), in and out.
        generator_optimizer: Of its trainable variables.
        objectives: What it minimises, by phase.
        average: The same network with the running average of its weights.
        heads: Shares the generator's weights and gives its parts.
        backbone: Frozen; from the same RGB to features.
        backbone_name: Of its plugin.
        discriminators: By the terms' names.
        gan_loss: Both sides' losses.
    """

    plugin: Generator
    generator: keras.Model
    generator_optimizer: keras.optimizers.Optimizer
    objectives: Mapping[str, Objective]
    average: keras.Model | None = None
    heads: keras.Model | None = None
    backbone: keras.Model | None = None
    backbone_name: str = ""
    discriminators: dict[str, Discriminator] = field(default_factory=dict)
    gan_loss: AdversarialLoss = field(default_factory=lambda: create("losses", own_name("losses", "gan"), {}))

    @property
    def inference_model(self) -> keras.Model:
        """The network that draws samples and becomes the style."""
        return self.average or self.generator

    @property
    def head_channels(self) -> dict[str, int]:
        """The channels of the generator's heads, by name; nothing where no phase asks for any."""
        if self.heads is None:
            return {}
        side = self.plugin.multiple * 8
        heads = self.heads.compute_output_spec(keras.KerasTensor((1, side, side, 3)))
        return {name: head.shape[-1] for name, head in heads.items()}

    def update_average(self, decay: Any) -> None:
        """Move the average towards the generator: average · decay + generator · (1 - decay)."""
        if self.average is None:
            return
        decay = ops.convert_to_tensor(decay, "float32")  # NumPy 1 makes 1 - decay a float64
        for slow, fast in zip(self.average.variables, self.generator.variables, strict=True):
            slow.assign(slow * decay + fast * (1 - decay))

    def parts(self) -> dict[str, Sequence[Any]]:
        """Every variable that a run changes, by owner, seed generators' included, in a fixed order."""
        owners: dict[str, Any] = {
            "generator": self.generator,
            "generator_optimizer": self.generator_optimizer,
            "average": self.average,
        }
        for name, discriminator in self.discriminators.items():
            owners[f"{name}_discriminator"] = discriminator.network
            owners[f"{name}_discriminator_optimizer"] = discriminator.optimizer
        return {owner: part.variables for owner, part in owners.items() if part is not None}

    def variables(self) -> list[Any]:
        """The same, and the backbone's, each once, in one list."""
        every = [variable for part in self.parts().values() for variable in part]
        every += self.backbone.variables if self.backbone else []
        return list({id(variable): variable for variable in every}.values())


def build_models(
    settings: Settings, objectives: Mapping[str, Objective], engine: Engine, seed: int
) -> Models:
    """New networks, the same for the same seed and engine.

    Raises:
        ToonifyError: if a plugin is unknown or refuses its options, the backbone's weights cannot be
            had, or a phase asks for heads that the generator lacks.
    """
    plugin: Generator = create("generators", settings.generator.name, settings.generator.options)
    networks = networks_used(objectives)
    keras.config.set_dtype_policy(settings.precision)
    try:
        with engine.scope():
            engine.seed(seed)
            generator = _generator(plugin, settings.generator.name)
            models = Models(plugin, generator, _optimizer(settings, generator), objectives)
            if settings.ema:
                engine.seed(seed)
                models.average = _generator(plugin, settings.generator.name)
            if "heads" in networks:
                models.heads = _heads(plugin, generator, settings.generator.name)
                _need_heads(models, settings.generator.name)
            if settings.backbone and "backbone" in networks:
                engine.seed(seed)  # random weights are not in checkpoints: a resumed run draws them again
                models.backbone = _backbone(settings.backbone)
                models.backbone_name = settings.backbone.name
            if settings.adversarial:
                models.gan_loss = create("losses", settings.adversarial.loss, settings.adversarial.options)
                check_loss(models.gan_loss, settings.adversarial.loss)
                engine.seed(seed)
                models.discriminators = {
                    name: _discriminator(settings, term, models.backbone)
                    for name, term in objectives["adversarial"].adversaries.items()
                }
    finally:
        keras.config.set_dtype_policy("float32")
    return models


def _generator(plugin: Generator, name: str) -> keras.Model:
    with plugin_in_use("generators", name).errors():
        model = plugin.build()
    check_generator(plugin, model, name)
    return model


def _discriminator(settings: Settings, term: AdversarialTerm, backbone: keras.Model | None) -> Discriminator:
    options = dataclasses.asdict(settings.discriminator)
    if term.judges_features:
        assert backbone
        network = build_feature_discriminator(
            backbone.output_shape[-1], scale=_usual_size(backbone), **options
        )
    else:
        network = build_discriminator(**options)
    return Discriminator(network, _optimizer(settings, network))


def _usual_size(backbone: keras.Model) -> float:
    """How large a backbone's features are, of a picture of noise: 0.01 of one, 100 of another."""
    noise = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype("float32")
    features = ops.cast(backbone(noise, training=False), "float32")
    return float(ops.mean(ops.abs(features))) or 1.0


def _optimizer(settings: Settings, model: keras.Model) -> keras.optimizers.Optimizer:
    optimizer: Any = keras.optimizers.Adam(**dataclasses.asdict(settings.optimizer))
    if settings.precision == "mixed_float16":
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
    optimizer.build(model.trainable_variables)
    return optimizer


def _heads(plugin: Generator, generator: keras.Model, name: str) -> keras.Model:
    label = plugin_in_use("generators", name)
    with label.errors():
        heads = plugin.heads(generator)
    if heads is None:
        raise usage_error(
            f"the generator '{name}' has no heads for the terms to supervise",
            "Choose the `generator` lite, or a `preset` whose terms need no heads.",
        )
    need_network(heads, label, "heads()")
    return heads


def _need_heads(models: Models, name: str) -> None:
    """Raise a `ToonifyError` for a head that a term looks at and the generator lacks."""
    there = models.head_channels
    for objective in models.objectives.values():
        for label, term in objective.terms.items():
            if isinstance(term, HeadTerm) and term.head not in there:
                raise usage_error(
                    f"the generator '{name}' has the heads {', '.join(sorted(there))}, "
                    f"and no '{term.head}' for the term '{label}'",
                    "Choose another `preset`, or other `generator_options`, or begin with another style.",
                )


def check_labels(models: Models, dataset: Dataset) -> None:
    """Make sure that heads have a channel for every label that they should tell apart.

    TensorFlow would fail at the first label that is too high, or compute NaN; JAX would pass over it.

    Raises:
        ToonifyError: if one lacks some.
    """
    for objective in models.objectives.values():
        for term in objective.terms.values():
            if not isinstance(term, Regions):
                continue
            told, highest = models.head_channels[term.head], dataset.shards(term.array).highest
            if highest >= told:
                raise usage_error(
                    f"the head '{term.head}' tells the labels 0 to {told - 1} apart, and {term.array} has "
                    f"labels up to {highest}",
                    "Give the generator a channel for each by its `generator_options`; that of unet is "
                    f"regions={highest + 1}.",
                )


def _backbone(settings: BackboneSettings) -> keras.Model:
    plugin: Backbone = create("backbones", settings.name, settings.options)
    with plugin_in_use("backbones", settings.name).errors():
        model = plugin.build(settings.weights, settings.layer or plugin.default_layer)
    check_backbone(model, settings.name)
    return model
