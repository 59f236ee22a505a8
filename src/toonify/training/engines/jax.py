"""JAX beneath Keras: stateful Keras code as a pure function, differentiated and compiled by XLA."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from toonify.training.engines.base import Batch, Engine, Figures, Step


class JaxEngine(Engine):
    """One process; the batch is spread over its devices, the variables are on each.

    XLA divides the work as the batch is divided: means over a batch are means over all devices, so
    gradients need no averaging of ours.

    Args:
        mirrored: Use all of this machine's devices, not just the first.
    """

    failures = (jax.errors.JaxRuntimeError,)

    def __init__(self, *, mirrored: bool = False) -> None:
        devices = jax.local_devices() if mirrored else jax.local_devices()[:1]
        mesh = Mesh(np.array(devices), ("batch",))
        self.replicas = len(devices)
        self._spread = NamedSharding(mesh, PartitionSpec("batch"))
        self._on_each = NamedSharding(mesh, PartitionSpec())
        self._scope: Any = None

    def seed(self, seed: int) -> None:
        # What Keras' own `set_random_seed` does, but for TensorFlow, which it would import, and which
        # would then claim the accelerator's memory.
        random.seed(seed)
        np.random.seed(seed)

    def value_and_grad(
        self, function: Callable[[], tuple[Any, Any]], variables: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        # Scopes do not see each other's values, so there is one, whose values are swapped.
        scope = self._scope
        before = scope.state_mapping

        def pure(values: list[Any]) -> tuple[Any, Any]:
            scope.state_mapping = before | {
                id(variable): value for variable, value in zip(variables, values, strict=True)
            }
            loss, aux = function()
            return loss, (aux, scope.state_mapping)

        values = [before[id(variable)] for variable in variables]
        (_, (aux, after)), gradients = jax.value_and_grad(pure, has_aux=True)(values)
        scope.state_mapping = after
        return aux, gradients

    def input_gradient(self, function: Callable[[Any], Any], x: Any) -> Any:
        return jax.grad(lambda x: function(x).sum())(x)

    def apply(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        values, state = optimizer.stateless_apply(
            [variable.value for variable in optimizer.variables],
            gradients,
            [variable.value for variable in variables],
        )
        for variable, value in zip([*variables, *optimizer.variables], [*values, *state], strict=True):
            variable.assign(value)

    def compile(self, step: Step, variables: Sequence[Any]) -> Step:
        def pure(state: list[Any], batch: Batch) -> tuple[Figures, list[Any]]:
            with keras.StatelessScope(list(zip(variables, state, strict=True))) as self._scope:
                figures = step(batch)
                return figures, [variable.value for variable in variables]

        compiled = jax.jit(pure, donate_argnums=0, out_shardings=(None, self._on_each))

        def run(batch: Batch) -> Figures:
            state = jax.device_put([variable.value for variable in variables], self._on_each)
            figures, state = compiled(state, batch)
            for variable, value in zip(variables, state, strict=True):
                variable.assign(value)
            return figures

        return run

    def forward(self, model: Any) -> Callable[..., Any]:
        compiled = jax.jit(lambda *arguments: model.stateless_call(*arguments, training=False)[0])

        def run(pictures: Any, training: bool = False) -> Any:
            trained = [variable.value for variable in model.trainable_variables]
            others = [variable.value for variable in model.non_trainable_variables]
            return compiled(trained, others, pictures)

        return run

    def put(self, batch: Mapping[str, np.ndarray]) -> Batch:
        return {
            name: jax.device_put(array, self._spread if array.ndim else self._on_each)
            for name, array in batch.items()
        }

    def fetch(self, figures: Figures) -> dict[str, float]:
        return {name: float(value) for name, value in jax.device_get(figures).items()}
