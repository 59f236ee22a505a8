"""Any TensorFlow Hub module, or SavedModel of one's own, that gives features."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np

from toonify.plugins import Backbone, ToonifyError, one_line, unknown, usage_error

USUAL = "serving_default"  # the signature that is taken when there are several
PROBE = 64  # side of the picture that a module is tried on, in pixels

Call = Callable[[Any], Any]
SCALES: dict[str, Call] = {
    "unit": lambda pictures: (pictures + 1) / 2,
    "signed": lambda pictures: pictures,
    "bytes": lambda pictures: (pictures + 1) * 127.5,
}


class Hub(Backbone):
    """A SavedModel with a signature from pictures to features; on TensorFlow only.

    Its weights are the module itself: `build` takes the folder of a SavedModel or a TensorFlow Hub
    handle for `weights`, and the name of an output for `layer`.

    Args:
        scale: What numbers the module wants: `unit` (0 to 1, TensorFlow Hub's convention for
            pictures), `signed` (-1 to 1) or `bytes` (0 to 255).
        signature: Which one to call; empty for `serving_default`, or the only one.

    Raises:
        ToonifyError: if there is no such scale.
    """

    default_layer = ""  # the only output
    licence = "the module's own"

    def __init__(self, scale: str = "unit", signature: str = "") -> None:
        if scale not in SCALES:
            raise unknown("scale of the backbone 'hub' called", scale, SCALES)
        self.scale = scale
        self.signature = signature

    def build(self, weights: str, layer: str) -> keras.Model:
        """Frozen. Pictures are resized where the module takes but one size. See `Backbone.build`.

        Raises:
            ToonifyError: if Keras does not run on TensorFlow; if the module cannot be had or loaded;
                if it has no such signature or output, or that is not from pictures to features; if no
                gradient flows back to the picture, for then nothing could be learnt from it.
        """
        if keras.backend.backend() != "tensorflow":
            raise usage_error(
                f"the backbone 'hub' runs on TensorFlow only, and Keras runs on {keras.backend.backend()}",
                "Train on TensorFlow, or choose another `backbone`.",
            )
        module = _loaded(_folder(weights), weights)
        signature = _signature(module, self.signature, weights)
        function = module.signatures[signature]
        argument, output = _argument(function, weights), _output(function.structured_outputs, layer, weights)
        features = _features(module, signature, argument, output, SCALES[self.scale])
        _check_gradient(features, weights)
        pictures = keras.Input((None, None, 3), name="picture")
        # Not `TFSMLayer`, which would load the module again, and gives all outputs.
        called = keras.layers.Lambda(features, dtype="float32", name="features")(pictures)
        model = keras.Model(pictures, called, name="hub")
        model.trainable = False
        return model


def _features(module: Any, signature: str, argument: Any, output: str, scaled: Call) -> Call:
    """A signature as a function from RGB in [-1, 1], (N, H, W, 3), to features, (N, h, w, c)."""
    sides = tuple(argument.shape[1:3]) if argument.shape.rank else (None, None)

    def features(pictures: Any) -> Any:
        if None not in sides:
            pictures = keras.ops.image.resize(pictures, sides, interpolation="bilinear")
        # By way of the module, whose variables live as long as it does.
        made = module.signatures[signature](**{argument.name: scaled(pictures)})[output]
        return made if len(made.shape) == 4 else made[:, None, None, :]

    return features


def _folder(weights: str) -> Path:
    """Where the module is on this disk, downloaded if need be."""
    if weights in ("imagenet", "none"):
        raise usage_error(
            "the backbone 'hub' needs a module",
            "`backbone_weights` takes the folder of a SavedModel, or a TensorFlow Hub handle.",
        )
    path = _downloaded(weights) if "://" in weights else Path(weights)
    if not any((path / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt")):
        raise usage_error(
            f"{weights} is not the folder of a SavedModel: it has no saved_model.pb",
            "`backbone_weights` takes such a folder, or a TensorFlow Hub handle.",
        )
    return path


def _downloaded(handle: str) -> Path:
    try:
        import tensorflow_hub
    except ImportError as error:
        raise ToonifyError(
            f"TensorFlow Hub does not load: {one_line(error)}",
            'Install it with: pip install tensorflow-hub "setuptools<81"',
        ) from error
    # By default they would lie in /tmp, where another user may have put something else before.
    os.environ.setdefault("TFHUB_CACHE_DIR", str(_cache() / "tfhub_modules"))
    try:
        with contextlib.redirect_stdout(sys.stderr):  # it reports its progress on standard output
            return Path(tensorflow_hub.resolve(handle))
    except Exception as error:
        raise ToonifyError(
            f"{handle} could not be downloaded: {one_line(error)}",
            "Give the folder of a SavedModel as `backbone_weights`.",
        ) from error


def _cache() -> Path:
    """The user's folder for caches, as the XDG Base Directory Specification has it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _loaded(folder: Path, weights: str) -> Any:
    import tensorflow as tf

    try:
        # In a thread of its own: loaded in the scope of several devices, which is its thread's alone, a
        # signature could be called within a step only.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(tf.saved_model.load, str(folder)).result()
    except Exception as error:
        raise ToonifyError(f"{weights} does not load as a SavedModel: {one_line(error)}") from error


def _signature(module: Any, name: str, weights: str) -> str:
    """The signature to call: the one of that name, the usual one, or the only one."""
    signatures = getattr(module, "signatures", {})
    if not signatures:
        raise ToonifyError(
            f"{weights} has no signature, so there is no telling what to call",
            "Save it with one: tf.saved_model.save(module, path, signatures=…), or model.export(path).",
        )
    chosen = name or (USUAL if USUAL in signatures else next(iter(signatures)))
    if chosen not in signatures:
        raise unknown(f"signature of {weights} called", name, signatures)
    if not name and chosen != USUAL and len(signatures) > 1:
        raise usage_error(
            f"{weights} has several signatures",
            f"Choose one with `backbone_options` signature=NAME: {', '.join(sorted(signatures))}.",
        )
    return chosen


def _argument(function: Any, weights: str) -> Any:
    """The specification of the signature's one argument, which must take batches of pictures."""
    arguments = list(function.structured_input_signature[1].values())
    if len(arguments) == 1:
        (argument,) = arguments
        wanted = (None, *argument.shape[1:3], 3) if argument.shape.rank == 4 else (None,) * 4
        some_batch = argument.shape.rank is None or argument.shape[0] is None
        if argument.dtype == "float32" and some_batch and argument.shape.is_compatible_with(wanted):
            return argument
    takes = " and ".join(_described(argument) for argument in arguments) or "nothing"
    raise ToonifyError(
        f"{weights} takes {takes}, not any number of float32 pictures (N, H, W, 3)",
        "`backbone_options` signature=NAME chooses another of its signatures.",
    )


def _output(outputs: dict[str, Any], name: str, weights: str) -> str:
    """The output to take: the one of that name, or the only one that may be features."""
    if name and name not in outputs:
        raise unknown(f"output of {weights} called", name, outputs)
    fit = [
        key
        for key, output in sorted(outputs.items())
        if key == (name or key) and output.dtype.is_floating and output.shape.rank in (2, 4)
    ]
    if not fit:
        gives = ", ".join(f"{key}: {_described(output)}" for key, output in sorted(outputs.items()))
        raise ToonifyError(
            f"{weights} gives no features{f' as {name!r}' if name else ''}: float (N, h, w, c), or (N, c)",
            f"It gives {gives}.",
        )
    if len(fit) > 1:
        raise usage_error(
            f"{weights} gives several features", f"Choose them with `content_layer`: {', '.join(fit)}."
        )
    return fit[0]


def _check_gradient(features: Call, weights: str) -> None:
    """Refuse what fails on a picture, or does not change, to first order, with it."""
    import tensorflow as tf

    chance = np.random.default_rng(0)
    picture = tf.constant(chance.uniform(-1, 1, (1, PROBE, PROBE, 3)).astype(np.float32))
    try:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            made = features(picture)
            # Weighted at random: the sum of what was normalised does not change.
            total = tf.reduce_sum(tf.cast(made, tf.float32) * chance.normal(size=made.shape))
        gradient = tape.gradient(total, picture)
    except LookupError:  # an operation without a gradient
        gradient = None
    except Exception as error:  # whatever TensorFlow makes of a foreign graph
        raise ToonifyError(
            f"{weights} fails on a picture of {PROBE} × {PROBE} pixels: {one_line(error)}",
            "Does it want pictures? `backbone_options` signature=NAME chooses another of its signatures.",
        ) from error
    if gradient is None or not bool(tf.reduce_any(gradient != 0)):
        raise ToonifyError(
            f"no gradient flows through {weights} to the picture, so nothing can be learnt from it",
            "Choose another `content_layer`, or a module that is not quantised.",
        )


def _described(argument: Any) -> str:
    shape = "of any shape" if argument.shape.rank is None else tuple(argument.shape)
    return f"{argument.dtype.name} {shape}"
