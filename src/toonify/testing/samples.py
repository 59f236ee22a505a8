"""What plugins are tried on, and the backend that they run on: the same numbers each time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from toonify.plugins import NOISE_CHANNELS
from toonify.training.engines import Engine, choose_backend, make_engine


def chosen_engine() -> Engine:
    name = os.environ.get("KERAS_BACKEND", "tensorflow")
    choose_backend(name)
    return make_engine(name, "none")


def compiled(engine: Engine, step: Callable[[Any], dict[str, Any]], **given: Any) -> Mapping[str, Any]:
    """What a step gives that is compiled, as in training: while it is traced, tensors have no values."""
    return engine.compile(step, [])(given)


def some_pictures(
    count: int, height: int = 32, width: int = 32, *, seed: int = 0, channels: int = 3
) -> np.ndarray[Any, Any]:
    chance = np.random.default_rng(seed)
    return chance.uniform(-1, 1, (count, height, width, channels)).astype(np.float32)


def some_noise() -> np.ndarray[Any, Any]:
    return np.random.default_rng(7).random((2, 1, 1, NOISE_CHANNELS), np.float32)


def some_logits(around: float) -> Any:
    return as_tensor(some_pictures(2, 4, 4, channels=1) / 10 + around)


def as_tensor(array: Any) -> Any:
    from keras import ops

    return ops.convert_to_tensor(array, "float32")


def as_numbers(tensor: Any) -> np.ndarray[Any, Any]:
    from keras import ops

    return np.asarray(ops.convert_to_numpy(ops.cast(tensor, "float32")))
