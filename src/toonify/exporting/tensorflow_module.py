"""A style as a TensorFlow module: made from its weights, saved, and opened again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.backend_import import import_tensorflow, no_standard_error
from toonify.errors import ToonifyError, one_line
from toonify.inference.padding import SMALLEST
from toonify.plugins import Draw, create, plugin_errors
from toonify.styles import Style

if TYPE_CHECKING:
    import keras


def save(style: Style, path: Path) -> None:
    """Write a style as a SavedModel.

    It can be called, and has the signature `serving_default`: `picture` in, `cartoon` out, float32
    RGB in [-1, 1], (N, H, W, 3) of any size.

    Raises:
        ToonifyError: if the generator is not installed or fails, its weights do not fit, or the folder
            cannot be written.
    """
    import_tensorflow()
    import tensorflow as tf

    module = _module(_generator(style), style.manifest.multiple)
    try:
        with no_standard_error():
            tf.saved_model.save(module, str(path), signatures={"serving_default": module.serve})
    except tf.errors.OpError as error:
        raise ToonifyError(f"{path.parent} cannot be written to: {one_line(error)}") from error


def open_signature(path: Path) -> Draw:
    """A SavedModel in TensorFlow, by its signature."""
    import_tensorflow()
    import tensorflow as tf

    with no_standard_error():
        signature = tf.saved_model.load(str(path)).signatures["serving_default"]
    return lambda pictures: signature(picture=tf.constant(pictures))["cartoon"].numpy()


def open_with_hub(path: Path) -> Draw:
    """A SavedModel in TensorFlow Hub, by calling it.

    Raises:
        ToonifyError: if TensorFlow Hub is not there.
    """
    import_tensorflow()
    try:
        with no_standard_error():
            import tensorflow_hub

            module = tensorflow_hub.load(str(path))
    except ImportError as error:
        raise ToonifyError(
            f"the SavedModel cannot be checked, TensorFlow Hub does not load: {one_line(error)}",
            'Install it with: pip install tensorflow-hub "setuptools<81"',
        ) from error
    return lambda pictures: module(pictures).numpy()


def _generator(style: Style) -> keras.Model:
    from toonify.networks import in_float32, load_weights

    card = style.manifest
    plugin = create("generators", card.generator, card.generator_options)
    with plugin_errors(f"the generator '{card.generator}'"):
        model = plugin.build()
    weights = style.weights_bytes()
    if weights is None:
        raise ToonifyError(f"{style.path} has lost its {style.files.weights.name}")
    load_weights(model, style.files.weights, weights)
    return in_float32(model)


def _module(model: keras.Model, multiple: int) -> Any:
    """A TensorFlow module that holds each weight once, unlike Keras' own export."""
    import tensorflow as tf

    def draw(picture: Any) -> Any:
        height, width = tf.unstack(tf.shape(picture)[1:3])
        padded = tf.gather(picture, _mirrored(height, multiple), axis=1)
        padded = tf.gather(padded, _mirrored(width, multiple), axis=2)
        return model(padded, training=False)[:, :height, :width]

    signature = [tf.TensorSpec((None, None, None, 3), tf.float32, name="picture")]
    call = tf.function(draw, input_signature=signature)
    module = tf.Module(name="toonify")
    module.weights = [weight.value for weight in model.weights]
    module.__call__ = call
    module.serve = tf.function(lambda picture: {"cartoon": call(picture)}, input_signature=signature)
    return module


def _mirrored(side: Any, multiple: int) -> Any:
    """Which row or column each of a padded picture is; `toonify.inference.padding` in TensorFlow."""
    import tensorflow as tf

    padded = -(-tf.maximum(side, SMALLEST) // multiple) * multiple
    there_and_back = tf.range(padded) % (2 * side)
    return tf.minimum(there_and_back, 2 * side - 1 - there_and_back)
