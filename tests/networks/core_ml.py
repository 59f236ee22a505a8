"""A layer as a Core ML program."""

from __future__ import annotations

from typing import Any

import pytest


def core_ml_program(layer: Any, **options: Any) -> Any:
    """Of a layer that takes (1, H, W, 3) of 8 to 64 pixels a side, as `given`; skipped without coremltools.

    Args:
        layer: A Keras layer.
        options: Of `coremltools.convert`.
    """
    ct = pytest.importorskip("coremltools")
    import tensorflow as tf

    signature = [tf.TensorSpec((1, None, None, 3), tf.float32, name="given")]
    function = tf.function(lambda given: layer(given), input_signature=signature)
    made = ct.convert(
        [function.get_concrete_function()],
        source="tensorflow",
        inputs=[ct.TensorType("given", ct.Shape((1, ct.RangeDim(8, 64), ct.RangeDim(8, 64), 3)))],
        convert_to="milinternal",
        compute_precision=ct.precision.FLOAT32,
        **options,
    )
    return made.functions["main"]
