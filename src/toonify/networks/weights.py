"""A network's weights as a file that holds nothing but numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from toonify.plugins import ToonifyError
from toonify.storage import replacing
from toonify.storage.arrays import Damaged, StoredArray, open_arrays


def save_weights(model: keras.Model, path: Path) -> None:
    """Write every weight under its path, such as `down2/kernel`, as an `.npz`.

    Weights that float16 holds exactly (`round_to_half`) take half of the room.

    Raises:
        ToonifyError: if two weights have the same path, or the file cannot be written.
    """
    weights = {name: keras.ops.convert_to_numpy(weight) for name, weight in _by_path(model).items()}
    arrays: dict[str, Any] = {name: in_least(array) for name, array in weights.items()}
    with replacing(path) as part, open(part, "wb") as file:
        np.savez_compressed(file, **arrays)


def round_to_half(model: keras.Model) -> None:
    """Round every weight to what float16 holds: 11 bits, of which pictures of 8 show nothing."""
    for weight in model.weights:
        half = keras.ops.convert_to_numpy(weight).astype(np.float16)
        weight.assign(half.astype(np.float32))


def in_least(array: np.ndarray) -> np.ndarray:
    """The array itself, or as float16 if that is the same numbers."""
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.array_equal(half.astype(array.dtype), array) else array


def load_weights(model: keras.Model, path: Path, data: bytes | None = None) -> None:
    """Put the weights of a file that `save_weights` wrote into a network of the same shape.

    Args:
        model: The network.
        path: The file.
        data: What is in it, where it is in memory already; `path` is then only its name in messages.

    Raises:
        ToonifyError: if the file is missing, damaged or of another network; nothing is changed then.
    """
    weights = _by_path(model)
    if data is None and not path.exists():
        raise ToonifyError(f"there are no weights at {path}")
    try:
        with open_arrays(path, data) as stored:
            arrays = _read(stored, weights, path)
    except Damaged as error:
        raise ToonifyError(f"{path} is damaged: not a file of weights") from error
    for name, weight in weights.items():
        weight.assign(arrays[name])


def _by_path(model: keras.Model) -> dict[str, Any]:
    weights = {weight.path: weight for weight in model.weights}
    if len(weights) != len(model.weights):
        raise ToonifyError(
            f"the network '{model.name}' has two weights of the same path",
            "Give each of its layers a name of its own.",
        )
    return weights


def _read(stored: Mapping[str, StoredArray], weights: Mapping[str, Any], path: Path) -> dict[str, np.ndarray]:
    """The arrays, each checked before it is unpacked: a small file may claim to hold a huge one."""
    missing, extra = sorted(weights.keys() - stored.keys()), sorted(stored.keys() - weights.keys())
    if missing or extra:
        what = f"has no {missing[0]}" if missing else f"also has {extra[0]}"
        raise ToonifyError(f"{path} belongs to another network: it {what}")
    for name, weight in weights.items():
        found, shape = stored[name], tuple(weight.shape)
        if found.shape != shape or found.dtype.kind != "f":
            raise ToonifyError(
                f"{path} belongs to another network: its {name} is {found.dtype} {found.shape}, "
                f"not float {shape}"
            )
    return {name: stored[name].read() for name in weights}
