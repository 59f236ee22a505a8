"""A style's network, rebuilt from its weights, as a LiteRT file; by TensorFlow's own converter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from toonify.backend_import import no_standard_error
from toonify.errors import one_line
from toonify.exporting.keras_model import cannot_convert, open_in_float32, pictures_of

if TYPE_CHECKING:
    from toonify.styles import Style


def convert(style: Style, size: tuple[int, int] | None = None, *, half: bool = False) -> bytes:
    """A LiteRT file: `picture` in, `cartoon` out, float32 RGB in [-1, 1], (N, H, W, 3).

    Its controls are at their defaults: an input of such a file cannot be left out.

    Args:
        style: Whose network.
        size: Width and height of a single picture; otherwise N, H and W are free.
        half: Store the weights as float16.

    Raises:
        ToonifyError: if the generator is not installed or fails, its weights do not fit, or it needs an
            operator that LiteRT lacks.
    """
    model = open_in_float32(style)
    import tensorflow as tf

    module = tf.Module(name="toonify")
    module.weights = [weight.value for weight in model.weights]
    module.draw = tf.function(
        lambda picture: {"cartoon": model(picture, training=False)}, [pictures_of(size)]
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.draw.get_concrete_function()], module)
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    with no_standard_error():
        try:
            return bytes(converter.convert())
        except Exception as error:  # the converter's own class is not public
            lacking = re.search(r"^(?:TF Select|Custom) ops: (.+)$", str(error), re.MULTILINE)
            why = f"has no operator {lacking[1]}" if lacking else f"refuses it: {one_line(error)}"
            raise cannot_convert(style, f"LiteRT {why}", size) from error
