"""The networks and optimizers of a run, and all their variables in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras

from toonify.errors import usage_error
from toonify.plugins import Generator, create
from toonify.training.engines import Engine
from toonify.training.presets import OptimizerSettings, Settings


@dataclass
class Models:
    """What a run trains, and with what.

    Attributes:
        plugin: The generator's architecture.
        generator: RGB in [-1, 1], (N, H, W, 3), in and out.
        heads: Shares the generator's weights and gives its parts; `None` unless a phase needs it.
        generator_optimizer: Of the generator's trainable variables.
    """

    plugin: Generator
    generator: keras.Model
    heads: keras.Model | None
    generator_optimizer: keras.optimizers.Optimizer

    def parts(self) -> dict[str, Sequence[Any]]:
        """Every variable that a run changes, by owner, seed generators' included, in a fixed order."""
        return {
            "generator": self.generator.variables,
            "generator_optimizer": self.generator_optimizer.variables,
        }

    def variables(self) -> list[Any]:
        """The same, each once, in one list."""
        every = [variable for part in self.parts().values() for variable in part]
        return list({id(variable): variable for variable in every}.values())


def build_models(settings: Settings, engine: Engine, seed: int) -> Models:
    """New networks, the same for the same seed.

    Raises:
        ToonifyError: if a plugin is unknown or refuses its options, or a phase asks for heads that
            the generator lacks.
    """
    plugin: Generator = create("generators", settings.generator.name, settings.generator.options)
    keras.utils.set_random_seed(seed)
    with engine.scope():
        generator = plugin.build()
        heads = plugin.heads(generator) if settings.paired else None
        if settings.paired and heads is None:
            raise usage_error(
                f"the generator '{settings.generator.name}' has no heads for the paired phase to supervise",
                "Choose the generator 'lite', or a preset without a paired phase.",
            )
        return Models(plugin, generator, heads, _optimizer(settings.optimizer, generator))


def _optimizer(settings: OptimizerSettings, model: keras.Model) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.Adam(beta_1=settings.beta_1, beta_2=settings.beta_2)
    optimizer.build(model.trainable_variables)
    return optimizer
