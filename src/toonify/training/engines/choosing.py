"""From the names that people type to an engine; a framework is not imported before it is chosen."""

from __future__ import annotations

import functools
import json
import os
import typing
from typing import Any

from toonify.backend_import import import_keras, installed, keras_backend
from toonify.distributions import needs
from toonify.errors import one_line, unknown, usage_error
from toonify.training.engines.base import Engine
from toonify.training.request import EngineName

ENGINES = typing.get_args(EngineName)
CLUSTER = "TF_CONFIG"
EXAMPLE = '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'


def choose_backend(engine: str) -> None:
    """Let Keras run on an engine's framework. Must come before anything that imports Keras.

    Raises:
        ToonifyError: as `check_backend`.
    """
    check_backend(engine)
    import_keras(engine)


def check_backend(engine: str) -> None:
    """Whether Keras can run on an engine's framework; imports neither.

    Raises:
        ToonifyError: if the engine is unknown or not installed, or Keras runs on another already.
    """
    if engine not in ENGINES:
        error = unknown("engine", engine, ENGINES)
        raise usage_error(error.message, f"{error.hint} Unset KERAS_BACKEND, or give an `engine`.")
    if not installed(engine):
        raise needs(f"the engine '{engine}'", engine)
    if (wanted := keras_backend(engine)) != engine:
        raise usage_error(
            f"the engine is '{engine}', but Keras runs on '{wanted}'",
            f"Set KERAS_BACKEND={engine}, unset it, or choose `engine` {wanted}. "
            "In Python: before anything imports Keras.",
        )


def make_engine(name: str, strategy: str) -> Engine:
    """The engine, after `choose_backend`.

    Args:
        name: One of `ENGINES`.
        strategy: `none`, `mirrored` or `multiworker`.

    Raises:
        ToonifyError: if the engine has no such strategy.
    """
    if name == "jax":
        from toonify.training.engines.jax import JaxEngine

        if strategy == "multiworker":
            raise usage_error(
                "the engine 'jax' trains on the devices of one machine",
                "Give the `strategy` mirrored, or the `engine` tensorflow.",
            )
        return JaxEngine(mirrored=strategy == "mirrored")
    from toonify.training.engines.tensorflow import TensorFlowEngine

    return TensorFlowEngine(_strategy(strategy))


@functools.cache  # a second one in a process would number its messages between devices like the first
def _strategy(name: str) -> Any:
    import tensorflow as tf

    if name == "mirrored":
        # All accelerators; on a machine without any, its (perhaps several virtual) processors.
        found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
        return tf.distribute.MirroredStrategy([device.name for device in found])
    return tf.distribute.MultiWorkerMirroredStrategy() if name == "multiworker" else None


def worker_index(strategy: str) -> int:
    """Which machine of the cluster this is; the first one, 0, writes the run's files.

    Raises:
        ToonifyError: if `TF_CONFIG` does not describe a cluster: TensorFlow itself would end in a
            traceback, or wait for workers that are not there.
    """
    if strategy != "multiworker":
        return 0
    text = os.environ.get(CLUSTER, "")
    hint = f"Give each worker its own, such as {CLUSTER}='{EXAMPLE}'."
    if not text:
        raise usage_error(f"the `strategy` multiworker needs {CLUSTER}, which is not set", hint)
    try:
        document = json.loads(text)
    except ValueError as error:
        raise usage_error(f"{CLUSTER} is not JSON: {one_line(error)}", hint) from error
    try:
        workers, task = document["cluster"]["worker"], document["task"]
        index, kind = task["index"], task["type"]
    except (KeyError, TypeError, IndexError) as error:
        raise usage_error(f"{CLUSTER} lacks cluster.worker, task.type or task.index", hint) from error
    if not isinstance(workers, list) or not all(isinstance(worker, str) for worker in workers):
        raise usage_error(f"{CLUSTER}: cluster.worker should be a list of host:port", hint)
    if kind != "worker" or type(index) is not int or not 0 <= index < len(workers):
        raise usage_error(f"{CLUSTER}: task should be one of the {len(workers)} workers, not {task}", hint)
    return index
