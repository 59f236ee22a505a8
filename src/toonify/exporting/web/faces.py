"""What the page finds faces with, to draw small ones once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toonify.faces.detector import read_detector

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

NETWORK, LICENCE = "faces/yunet.onnx.gz", "faces/LICENSE"

ZEROS = 8
"""Of the 24 bits of a weight, the last, which become 0: gzip makes 165 kB of the file instead of 202, and no
face lies elsewhere by more than a hundredth of a pixel."""


def small_detector() -> bytes:
    """The detector, an ONNX file whose weights end in zeros.

    Raises:
        ToonifyError: if it is damaged.
    """
    import onnx
    from onnx import TensorProto, numpy_helper

    proto = onnx.load_model_from_string(read_detector())
    for weight in proto.graph.initializer:
        if weight.data_type == TensorProto.FLOAT:
            weight.CopyFrom(numpy_helper.from_array(rounded(numpy_helper.to_array(weight)), weight.name))
    return proto.SerializeToString()


def rounded(weights: NDArray[float32]) -> NDArray[float32]:
    """To numbers whose last `ZEROS` bits are 0."""
    bits = weights.view(np.uint32).astype(np.uint64) + (1 << (ZEROS - 1))
    return (bits >> ZEROS << ZEROS).astype(np.uint32).view(np.float32)
