"""A network's weights as a file that holds nothing but numbers."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import Any

import keras
import numpy as np

from toonify.errors import refusal
from toonify.manifests import write_atomically
from toonify.plugins import ToonifyError

# What NumPy and zipfile raise for damaged, encrypted, pickled and foreign files.
_DAMAGE = (
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
_HEADER_BYTES = 4096  # far above what NumPy writes before an array


def save_weights(model: keras.Model, path: Path) -> None:
    """Write every weight under its path, such as `down2/kernel`, as an `.npz`.

    Raises:
        ToonifyError: if two weights have the same path, or the file cannot be written.
    """
    arrays = {name: keras.ops.convert_to_numpy(weight) for name, weight in _by_path(model).items()}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(path, buffer.getvalue())


def load_weights(model: keras.Model, path: Path) -> None:
    """Put the weights of a file that `save_weights` wrote into a network of the same shape.

    Raises:
        ToonifyError: if the file is missing, damaged or of another network; nothing is changed then.
    """
    weights = _by_path(model)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = _read(archive, weights, path)
    except FileNotFoundError as error:
        raise ToonifyError(f"there are no weights at {path}") from error
    except OSError as error:
        raise ToonifyError(f"{path} cannot be read: {refusal(error)}") from error
    except _DAMAGE as error:
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


def _read(archive: Any, weights: dict[str, Any], path: Path) -> dict[str, np.ndarray]:
    """The arrays, each checked before it is unpacked: a small file may claim to hold a huge one."""
    missing = sorted(weights.keys() - set(archive.files))
    extra = sorted(set(archive.files) - weights.keys())
    if missing or extra:
        what = f"has no {missing[0]}" if missing else f"also has {extra[0]}"
        raise ToonifyError(f"{path} belongs to another network: it {what}")
    arrays = {}
    for name, weight in weights.items():
        shape = tuple(weight.shape)
        if archive.zip.getinfo(f"{name}.npy").file_size > 8 * int(np.prod(shape)) + _HEADER_BYTES:
            raise ToonifyError(f"{path} belongs to another network: its {name} is too large")
        array = archive[name]
        if array.shape != shape or array.dtype.kind != "f":
            raise ToonifyError(
                f"{path} belongs to another network: its {name} is {array.dtype} {array.shape}, "
                f"not float {shape}"
            )
        arrays[name] = array
    return arrays
