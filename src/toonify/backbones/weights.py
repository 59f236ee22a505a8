"""Weights of a backbone from a file: Keras' `.weights.h5`, its older `.h5`, or plain `.npz`.

A file may hold more layers than are needed, or only those up to the chosen one. It may come from
anyone: no array is unpacked before its shape is known to fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from toonify.plugins import Damaged, StoredArray, ToonifyError, open_arrays, usage_error

HINT = "Give another file as `backbone_weights`, or an earlier layer as `content_layer`."

# What h5py raises for damaged and foreign files, and `open_arrays` for damaged archives.
_DAMAGE = (Damaged, OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)


@dataclass(frozen=True)
class Stored:
    """An array in an open file."""

    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]


Arrays = dict[str, dict[str, Stored]]  # by layer and name, such as kernel or moving_mean


def load_file(model: keras.Model, path: Path, backbone: str) -> None:
    """Put a file's weights into every layer of a model that has any.

    Args:
        model: A network of keras.applications, perhaps cut.
        path: `.npz` with keys `<layer>/<kernel|bias|gamma|beta|moving_mean|moving_variance>`, or
            `.h5`, or `.weights.h5`.
        backbone: What to call the network in messages.

    Raises:
        ToonifyError: if the file cannot be read, lacks a layer, or has one of another shape or with
            other things than finite numbers; nothing is changed then.
    """
    if not path.is_file():
        raise usage_error(
            f"`backbone_weights`: there is no file {path}", "It should be 'imagenet', 'none' or a file."
        )
    try:
        with _opened(path, model) as arrays:
            found = [
                (weight, _fitting(arrays.get(layer.name, {}).get(weight.name), layer, weight, path, backbone))
                for layer in model.layers
                for weight in layer.weights
            ]
    except _DAMAGE as error:
        raise ToonifyError(
            f"{path} cannot be read as weights",
            "`backbone_weights` takes .weights.h5, .h5, or .npz with keys like block1_conv1/kernel.",
        ) from error
    for weight, array in found:
        weight.assign(array)


def _fitting(stored: Stored | None, layer: Any, weight: Any, path: Path, backbone: str) -> np.ndarray:
    name = f"{layer.name}/{weight.name}"
    if stored is None:
        raise ToonifyError(f"{path} has no {name} for {backbone}", HINT)
    if stored.shape != tuple(weight.shape):
        raise ToonifyError(
            f"{path} does not fit {backbone}: {name} is {stored.shape}, not {tuple(weight.shape)}", HINT
        )
    array = stored.read()
    if array.dtype.kind not in "fiu" or not np.all(np.isfinite(array)):
        raise ToonifyError(f"{path} does not fit {backbone}: {name} holds more than finite numbers", HINT)
    return array


@contextmanager
def _opened(path: Path, model: keras.Model) -> Iterator[Arrays]:
    if path.suffix == ".npz":
        with open_arrays(path) as stored:
            yield _from_npz(stored)
        return
    with h5py.File(path) as file:
        old = "layer_names" in file.attrs or "model_weights" in file
        yield _from_old_h5(file) if old else _from_new_h5(file, model)


def _from_npz(stored: Mapping[str, StoredArray]) -> Arrays:
    arrays: Arrays = {}
    for key, array in stored.items():
        layer, _, name = key.rpartition("/")
        arrays.setdefault(layer, {})[name] = Stored(array.shape, array.read)
    return arrays


def _from_old_h5(file: Any) -> Arrays:
    """Groups named after layers; inside, names such as `block1_conv1/kernel:0`."""
    root = file.get("model_weights", file)
    arrays: Arrays = {}
    for layer in root:
        for name in root[layer].attrs.get("weight_names", ()):
            text = name.decode() if isinstance(name, bytes) else str(name)
            arrays.setdefault(layer, {})[_last(text)] = _dataset(root[layer][text])
    return arrays


def _dataset(dataset: Any) -> Stored:
    return Stored(dataset.shape, partial(np.asarray, dataset))


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1].split(":")[0]


def _from_new_h5(file: Any, model: keras.Model) -> Arrays:
    """Groups named after layers' types and counted, in the model's order: `layers/conv2d_3/vars/0`."""
    arrays: Arrays = {}
    for layer, key in _keys(model):
        stored = file["layers"].get(f"{key}/vars", {})
        for index, weight in enumerate(layer.weights):
            if str(index) in stored:
                arrays.setdefault(layer.name, {})[weight.name] = _dataset(stored[str(index)])
    return arrays


def _keys(model: keras.Model) -> Iterator[tuple[Any, str]]:
    counts: Counter[str] = Counter()
    for layer in model.layers:
        kind = _SNAKE.get(type(layer), "")
        yield layer, f"{kind}_{counts[kind]}" if counts[kind] else kind
        counts[kind] += 1


_SNAKE = {keras.layers.Conv2D: "conv2d", keras.layers.BatchNormalization: "batch_normalization"}
