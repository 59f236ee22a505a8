"""A style as a TensorFlow module: made of its network in Keras, saved, and opened again."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.backend_import import import_tensorflow, no_standard_error
from toonify.errors import ToonifyError, one_line
from toonify.exporting.keras_model import open_generator, pictures_of
from toonify.inference.padding import SMALLEST
from toonify.plugins import Draw, plugin_in_use
from toonify.styles import Style, defaults

if TYPE_CHECKING:
    import keras

    from toonify.storage import StyleManifest


def save(style: Style, path: Path) -> None:
    """Write a style as a SavedModel.

    It can be called, and has the signature `serving_default`: `picture` in, `cartoon` out, float32
    RGB in [-1, 1], (N, H, W, 3) of any size. The style's controls are optional arguments of the call, and
    at their defaults in the signature, which knows no optional ones. The signature `serving_bytes` takes the
    bytes of JPEG or PNG files, `picture_bytes`, (N,), and gives those of PNG files, `cartoon_bytes`; it draws
    at the style's `detail`, as `convert` does. A new process writes the same bytes for the same style.

    Raises:
        ToonifyError: if the generator is not installed or fails, or its weights do not fit.
        OSError: if the folder cannot be written.
    """
    import_tensorflow()
    import tensorflow as tf

    card = style.manifest
    module = _module(_serving_model(style), card, defaults(card.controls))
    try:
        with no_standard_error():
            signatures = {"serving_default": module.serve, "serving_bytes": module.serve_bytes}
            tf.saved_model.save(module, str(path), signatures=signatures)
    except tf.errors.OpError as error:  # "{{node …}} file; No space left on device [Op:SaveV2]"
        raise OSError(re.sub(r".*; | \[Op:\w+\]$", "", one_line(error)).lower()) from error
    _name_by_content(path / "fingerprint.pb")


def _name_by_content(fingerprint: Path) -> None:
    """Replace the random number that TensorFlow knows a SavedModel by."""
    from tensorflow.core.protobuf.fingerprint_pb2 import FingerprintDef

    found = FingerprintDef.FromString(fingerprint.read_bytes())
    found.uuid = str(found.saved_model_checksum)
    fingerprint.write_bytes(found.SerializeToString(deterministic=True))


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


def _serving_model(style: Style) -> keras.Model:
    """The network in float32; with the style's controls, if it has any, beside the picture."""
    from toonify.networks import in_float32

    card = style.manifest
    plugin, model = open_generator(style)
    if not card.controls:
        return in_float32(model)
    if plugin.controls.keys() != card.controls.keys():
        raise ToonifyError(
            f"the style '{card.name}' has the controls {', '.join(card.controls)}, and its generator "
            f"'{card.generator}' has {', '.join(plugin.controls) or 'none'}",
            "Package the style anew, as docs/styles.md tells.",
        )
    with plugin_in_use("generators", style.generator).errors():
        return in_float32(plugin.controlled(model))


def _module(model: keras.Model, card: StyleManifest, controls: Mapping[str, float]) -> Any:
    """A TensorFlow module that holds each weight once, unlike Keras' own export."""
    import tensorflow as tf

    def draw(picture: Any, *first: Any, **others: Any) -> Any:
        height, width = tf.unstack(tf.shape(picture)[1:3])
        padded = tf.gather(picture, _mirrored(height, card.multiple), axis=1)
        padded = tf.gather(padded, _mirrored(width, card.multiple), axis=2)
        numbers = {**dict(zip(controls, first, strict=False)), **others}
        given = {"picture": padded, **numbers} if controls else padded
        return model(given, training=False)[:, :height, :width]

    signature = [pictures_of(size=None)]
    numbers = [tf.TensorSpec((), tf.float32, name=name) for name in controls]
    draw.__signature__ = _signature(controls)  # type: ignore[attr-defined]
    call = tf.function(draw, input_signature=signature + numbers)
    module = tf.Module(name="toonify")
    module.weights = [weight.value for weight in model.weights]
    module.__call__ = call
    module.serve = tf.function(lambda picture: {"cartoon": call(picture)}, input_signature=signature)
    module.serve_bytes = _of_bytes(call, card.detail, card.enlarge)
    return module


def _of_bytes(call: Any, detail: int, enlarge: float) -> Any:
    """A signature that decodes files, draws each at `detail`, and encodes the drawings."""
    import tensorflow as tf

    def draw(data: Any) -> Any:
        photo = tf.cond(
            tf.io.is_jpeg(data),
            # by itself TensorFlow takes the fast transform, which is off by more than a level in the mean
            lambda: tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE"),
            lambda: tf.io.decode_image(data, channels=3, expand_animations=False),
        )
        photo = tf.ensure_shape(photo, (None, None, 3))
        picture = tf.cast(photo, tf.float32)[tf.newaxis] / 127.5 - 1
        whole = tf.shape(photo)[:2]
        if detail:
            picture = _resized(picture, _drawing_sides(whole, detail, enlarge), "lanczos3")
            picture = tf.clip_by_value(picture, -1, 1)  # which it overshoots beside edges
        cartoon = _resized(call(picture), whole, "bicubic")[0]
        pixels = tf.clip_by_value(tf.round((cartoon + 1) * 127.5), 0, 255)
        return tf.io.encode_png(tf.cast(pixels, tf.uint8))

    # TensorFlow Serving decodes what has a name with this ending.
    files = tf.TensorSpec((None,), tf.string, name="picture_bytes")
    return tf.function(
        lambda picture_bytes: {
            "cartoon_bytes": tf.map_fn(draw, picture_bytes, fn_output_signature=tf.string)
        },
        input_signature=[files],
    )


def _drawing_sides(whole: Any, detail: int, enlarge: float) -> Any:
    """The sides at which a picture is drawn; `toonify.converting.detail` in TensorFlow."""
    import tensorflow as tf

    sides = tf.cast(whole, tf.float32)
    scale = tf.minimum(enlarge, detail / tf.sqrt(tf.reduce_prod(sides)))
    scale = tf.maximum(scale, tf.minimum(detail / (2 * tf.reduce_min(sides)), 1.0))
    return tf.cast(tf.maximum(1.0, tf.round(sides * scale)), tf.int32)


def _resized(pictures: Any, sides: Any, method: str) -> Any:
    """Pictures of other sides; the same, bit for bit, where these are theirs."""
    import tensorflow as tf

    same = tf.reduce_all(tf.equal(tf.shape(pictures)[1:3], sides))
    return tf.cond(
        same, lambda: pictures, lambda: tf.image.resize(pictures, sides, method=method, antialias=True)
    )


def _signature(controls: Mapping[str, float]) -> inspect.Signature:
    """Of a function of pictures and, with defaults, of numbers: what TensorFlow lets a caller leave out."""
    import tensorflow as tf

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    numbers = [
        inspect.Parameter(name, kind, default=tf.constant(value, tf.float32))
        for name, value in controls.items()
    ]
    return inspect.Signature([inspect.Parameter("picture", kind), *numbers])


def _mirrored(side: Any, multiple: int) -> Any:
    """Which row or column each of a padded picture is; `toonify.inference.padding` in TensorFlow."""
    import tensorflow as tf

    padded = -(-tf.maximum(side, SMALLEST) // multiple) * multiple
    there_and_back = tf.range(padded) % (2 * side)
    return tf.minimum(there_and_back, 2 * side - 1 - there_and_back)
