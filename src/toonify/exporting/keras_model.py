"""A style's network in Keras on TensorFlow, with its weights: for a file, and for TensorFlow's converters."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.backend_import import import_tensorflow
from toonify.errors import ToonifyError
from toonify.plugins import Draw, Generator, create, plugin_in_use
from toonify.storage.archives import pack_files
from toonify.styles import Style

if TYPE_CHECKING:
    import keras


def save(style: Style, path: Path) -> None:
    """Write a style as a `.keras` file: pictures in, cartoons out, in Keras' own layers.

    Controls are at their defaults: an input of such a model cannot be left out. A new process writes the same
    bytes for the same style.

    Raises:
        ToonifyError: as `open_generator`.
    """
    model = open_in_float32(style)
    from toonify.networks import in_standard_layers

    in_standard_layers(model).save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["metadata.json"] = _without_date(parts["metadata.json"])
    parts["config.json"] = _with_objects_numbered(parts["config.json"])
    path.write_bytes(pack_files(parts))


def _without_date(metadata: bytes) -> bytes:
    known = json.loads(metadata)
    return json.dumps({key: value for key, value in known.items() if key != "date_saved"}).encode()


def _with_objects_numbered(config: bytes) -> bytes:
    """Objects that layers share have their place in memory for a name; here they are counted instead."""
    numbers: dict[bytes, int] = {}

    def numbered(found: re.Match[bytes]) -> bytes:
        return b"%s%d" % (found[1], numbers.setdefault(found[2], len(numbers)))

    return re.sub(rb'("shared_object_id": )(\d+)', numbered, config)


def open_file(path: Path) -> Draw:
    """A `.keras` file in Keras, loaded in safe mode."""
    import_tensorflow()
    import keras

    model = keras.models.load_model(path, compile=False, safe_mode=True)
    return lambda pictures: keras.ops.convert_to_numpy(model(pictures, training=False))


def open_generator(style: Style) -> tuple[Generator, keras.Model]:
    """A style's architecture, and its network with the style's weights. Needs Keras on TensorFlow.

    Raises:
        ToonifyError: if the generator is not installed or fails, or its weights are missing or do not fit.
    """
    import_tensorflow()
    from toonify.networks import load_weights

    card = style.manifest
    plugin: Generator = create("generators", style.generator, card.generator_options)
    with plugin_in_use("generators", style.generator).errors():
        model = plugin.build()
    weights = style.weights_bytes()
    if weights is None:
        raise ToonifyError(f"{style.path} has lost its {style.files.weights.name}")
    load_weights(model, style.files.weights, weights)
    return plugin, model


def open_in_float32(style: Style) -> keras.Model:
    """A style's network with its weights, its controls at their defaults; raises as `open_generator`."""
    _, model = open_generator(style)
    from toonify.networks import in_float32

    return in_float32(model)


def pictures_of(size: tuple[int, int] | None) -> Any:
    """What a network takes, as TensorFlow says it: one `picture` of that width and height, or any of any."""
    import tensorflow as tf

    shape = (1, size[1], size[0], 3) if size else (None, None, None, 3)
    return tf.TensorSpec(shape, tf.float32, name="picture")


def cannot_convert(style: Style, why: str, size: tuple[int, int] | None) -> ToonifyError:
    """The error for a network that a converter of TensorFlow's does not take.

    Args:
        style: Whose network.
        why: What the converter says.
        size: That of the only pictures; converters take more networks for one size than for many.
    """
    card = style.manifest
    return ToonifyError(
        f"the style '{card.name}', of the generator '{card.generator}', cannot be exported: {why}",
        f"{'Export' if size else 'Give a `size`, which may be enough, or export'} it to onnx or saved-model.",
    )
