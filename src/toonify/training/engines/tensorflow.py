"""TensorFlow beneath Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import tensorflow as tf

from toonify.training.engines.base import Batch, Engine, Figures, Step


class TensorFlowEngine(Engine):
    """One process, one device: TensorFlow's own choice."""

    def scope(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def value_and_grad(
        self, function: Callable[[], tuple[Any, Any]], variables: Sequence[Any]
    ) -> tuple[tuple[Any, Any], list[Any]]:
        # Only what is asked for is watched: a generator's step does not pay for the discriminator's weights.
        values = [variable.value for variable in variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            loss, beside = function()
        return (loss, beside), tape.gradient(loss, values)

    def input_gradient(self, function: Callable[[Any], Any], x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    def apply(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        optimizer.apply(gradients, variables)

    def compile(self, step: Step, variables: Sequence[Any]) -> Step:
        # XLA is slower on a CPU: 72 ms a step against 40.
        return tf.function(step, autograph=False, jit_compile=False)

    def put(self, batch: Mapping[str, np.ndarray]) -> Batch:
        return {name: tf.convert_to_tensor(array) for name, array in batch.items()}

    def reduce(self, figures: Figures) -> dict[str, float]:
        return {name: float(value) for name, value in figures.items()}
