"""Weights of a backbone from a file: Keras' `.weights.h5`, its older `.h5`, or plain `.npz`.

A file may hold more layers than are needed, or only those up to the chosen one.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from toonify.plugins import ToonifyError, usage_error

Arrays = dict[str, dict[str, np.ndarray]]  # by layer and name, such as kernel or moving_mean
HINT = "Give another file with --backbone-weights, or --content-layer NAME for an earlier layer."


def load_file(model: keras.Model, path: Path, backbone: str) -> None:
    """Put a file's weights into every layer of a model that has any.

    Args:
        model: A network of keras.applications, perhaps cut.
        path: `.npz` with keys `<layer>/<kernel|bias|gamma|beta|moving_mean|moving_variance>`, or
            `.h5`, or `.weights.h5`.
        backbone: What to call the network in messages.

    Raises:
        ToonifyError: if the file cannot be read, lacks a layer, or has one of another shape;
            nothing is changed then.
    """
    arrays = _read(model, path)
    found = []
    for layer in model.layers:
        for weight in layer.weights:
            array = arrays.get(layer.name, {}).get(weight.name)
            if array is None:
                raise ToonifyError(f"{path} has no {layer.name}/{weight.name} for {backbone}", HINT)
            if array.shape != tuple(weight.shape):
                raise ToonifyError(
                    f"{path} does not fit {backbone}: {layer.name}/{weight.name} is {array.shape}, "
                    f"not {tuple(weight.shape)}",
                    HINT,
                )
            found.append((weight, array))
    for weight, array in found:
        weight.assign(array)


def _read(model: keras.Model, path: Path) -> Arrays:
    if not path.is_file():
        raise usage_error(
            f"--backbone-weights: there is no file {path}", "It should be 'imagenet', 'none' or a file."
        )
    try:
        if path.suffix == ".npz":
            return _from_npz(path)
        with h5py.File(path) as file:
            if "layer_names" in file.attrs or "model_weights" in file:
                return _from_old_h5(file)
            return _from_new_h5(file, model)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ToonifyError(
            f"{path} cannot be read as weights",
            "--backbone-weights takes .weights.h5, .h5, or .npz with keys like block1_conv1/kernel.",
        ) from error


def _from_npz(path: Path) -> Arrays:
    arrays: Arrays = {}
    with np.load(path, allow_pickle=False) as archive:
        for key in archive.files:
            layer, _, name = key.rpartition("/")
            arrays.setdefault(layer, {})[name] = archive[key]
    return arrays


def _from_old_h5(file: Any) -> Arrays:
    """Groups named after layers; inside, names such as `block1_conv1/kernel:0`."""
    root = file.get("model_weights", file)
    arrays: Arrays = {}
    for layer in root:
        for name in root[layer].attrs.get("weight_names", ()):
            text = name.decode() if isinstance(name, bytes) else str(name)
            arrays.setdefault(layer, {})[_last(text)] = np.asarray(root[layer][text])
    return arrays


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1].split(":")[0]


def _from_new_h5(file: Any, model: keras.Model) -> Arrays:
    """Groups named after layers' types and counted, in the model's order: `layers/conv2d_3/vars/0`."""
    arrays: Arrays = {}
    for layer, key in _keys(model):
        stored = file["layers"].get(f"{key}/vars", {})
        for index, weight in enumerate(layer.weights):
            if str(index) in stored:
                arrays.setdefault(layer.name, {})[weight.name] = np.asarray(stored[str(index)])
    return arrays


def _keys(model: keras.Model) -> Iterator[tuple[Any, str]]:
    counts: Counter[str] = Counter()
    for layer in model.layers:
        kind = _SNAKE.get(type(layer), "")
        yield layer, f"{kind}_{counts[kind]}" if counts[kind] else kind
        counts[kind] += 1


_SNAKE = {keras.layers.Conv2D: "conv2d", keras.layers.BatchNormalization: "batch_normalization"}
