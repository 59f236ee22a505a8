"""TensorFlow beneath Keras."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from toonify.training.engines.base import Batch, Engine, Figures, Step


class TensorFlowEngine(Engine):
    """One device, or as many as its strategy finds.

    Args:
        strategy: One of `tf.distribute`; `None` for one device, TensorFlow's own choice.
    """

    failures = (tf.errors.OpError,)

    def __init__(self, strategy: tf.distribute.Strategy | None = None) -> None:
        self._strategy = strategy or tf.distribute.get_strategy()
        self.replicas = self._strategy.num_replicas_in_sync
        cluster = self._strategy.cluster_resolver
        if cluster and cluster.cluster_spec():
            self.worker = cluster.task_id
            self.workers = cluster.cluster_spec().num_tasks("worker")

    def scope(self) -> AbstractContextManager[Any]:
        return self._strategy.scope()

    def seed(self, seed: int) -> None:
        keras.utils.set_random_seed(seed)

    def value_and_grad(
        self, function: Callable[[], tuple[Any, Any]], variables: Sequence[Any]
    ) -> tuple[Any, list[Any]]:
        # Only what is asked for is watched: a generator's step does not pay for the discriminator's weights.
        values = [variable.value for variable in variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            loss, aux = function()
        return aux, tape.gradient(loss, values)

    def input_gradient(self, function: Callable[[Any], Any], x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    def apply(self, optimizer: Any, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        if self.replicas > 1:
            gradients = self._ready_to_sum(gradients)
        optimizer.apply(gradients, variables)

    def _ready_to_sum(self, gradients: Sequence[Any]) -> list[Any]:
        """Keras adds up the replicas' gradients, and looks at one replica's to see if they are finite."""
        local = sum(tf.reduce_sum(gradient * 0) for gradient in gradients if gradient is not None)
        context = tf.distribute.get_replica_context()
        flaw = context.all_reduce(tf.distribute.ReduceOp.SUM, local)  # 0, or not a number
        return [None if gradient is None else gradient / self.replicas + flaw for gradient in gradients]

    def compile(self, step: Step, variables: Sequence[Any]) -> Step:
        # XLA is slower on a CPU: 72 ms a step against 40.
        return tf.function(
            lambda batch: self._strategy.run(step, (batch,)), autograph=False, jit_compile=False
        )

    def forward(self, model: Any) -> Callable[..., Any]:
        compiled = tf.function(lambda pictures: model(pictures, training=False), autograph=False)
        return lambda pictures, training=False: compiled(tf.convert_to_tensor(pictures))

    def put(self, batch: Mapping[str, np.ndarray]) -> Batch:
        here = self.replicas // self.workers

        def part(context: Any) -> Batch:
            index = context.replica_id_in_sync_group % here
            return {name: tf.convert_to_tensor(_slice(array, index, here)) for name, array in batch.items()}

        return (
            self._strategy.experimental_distribute_values_from_function(part)
            if here > 1
            else {name: tf.convert_to_tensor(array) for name, array in batch.items()}
        )

    def fetch(self, figures: Figures) -> dict[str, float]:
        mean = tf.distribute.ReduceOp.MEAN
        return {name: float(self._strategy.reduce(mean, value, axis=None)) for name, value in figures.items()}

    def agreed(self, wanted: bool) -> bool:
        return wanted if self.workers == 1 else self._summed(float(wanted)) > 0

    def broadcast(self, number: int) -> int:
        if self.workers == 1:
            return number
        here = self.replicas // self.workers
        return round(self._summed(number / here if self.worker == 0 else 0.0))

    def _summed(self, number: float) -> float:
        """The sum of all replicas' numbers; each has its machine's."""
        return float(self._sum(tf.constant(number, tf.float32)))

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def _sum(self, number: Any) -> Any:
        return self._strategy.reduce(
            tf.distribute.ReduceOp.SUM, self._strategy.run(lambda: tf.identity(number)), axis=None
        )


def _slice(array: np.ndarray, index: int, parts: int) -> np.ndarray:
    """A replica's part of the pictures; values that are the same for all replicas stay whole."""
    if not array.ndim:
        return array
    size = len(array) // parts
    return array[index * size : (index + 1) * size]
