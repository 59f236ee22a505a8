"""A style's network, made anew from its weights, as a LiteRT file; by TensorFlow's own converter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from toonify.backend_import import no_standard_error
from toonify.errors import ToonifyError, one_line
from toonify.exporting.tensorflow_module import open_generator

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
    _, built = open_generator(style)
    import tensorflow as tf

    from toonify.networks import in_float32

    model = in_float32(built)
    shape = (1, size[1], size[0], 3) if size else (None, None, None, 3)
    picture = tf.TensorSpec(shape, tf.float32, name="picture")
    module = tf.Module(name="toonify")
    module.weights = [weight.value for weight in model.weights]
    module.draw = tf.function(lambda picture: {"cartoon": model(picture, training=False)}, [picture])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.draw.get_concrete_function()], module)
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    with no_standard_error():
        try:
            return bytes(converter.convert())
        except Exception as error:  # the converter's own class is not public
            raise _refusal(error, style) from error


def _refusal(error: Exception, style: Style) -> ToonifyError:
    card = style.manifest
    lacking = re.search(r"^(?:TF Select|Custom) ops: (.+)$", str(error), re.MULTILINE)
    what: Any = f"LiteRT has no operator {lacking[1]}" if lacking else f"LiteRT refuses it: {one_line(error)}"
    return ToonifyError(
        f"the style '{card.name}', of the generator '{card.generator}', cannot be exported: {what}",
        "Export it to onnx or saved-model.",
    )
