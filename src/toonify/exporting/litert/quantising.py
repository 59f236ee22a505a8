"""LiteRT files in 8 bits, by Google's AI Edge Quantizer, which can leave out an operator by its name."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from toonify.backend_import import no_standard_error
from toonify.exporting.int8 import Operation, is_fixed, output_layers
from toonify.exporting.litert.runtime import start

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

HEADROOM = 1.5
"""By which values may outgrow those that were seen. The quantizer averages what it sees from picture to
picture, and what is cut off costs far more than coarser steps do: without it `drawn` fell to 24 dB in a
photograph of a face, with it no photograph below 38 dB."""

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV")


def quantise(model: bytes, pictures: Iterable[NDArray[float32]]) -> bytes:
    """A LiteRT file in 8 bits: weights by channel, values by what they are for `pictures`.

    Pictures and cartoons stay float32, and so do the output layers.

    Args:
        model: A file in float32.
        pictures: To calibrate with, (N, H, W, 3), RGB in [-1, 1].
    """
    from ai_edge_quantizer.qtyping import TFLOperationName as Names
    from ai_edge_quantizer.quantizer import Quantizer

    ((signature, _),) = start(model).get_signature_list().items()
    quantizer = Quantizer(bytearray(model))
    quantizer.add_static_config(".*", Names.ALL_SUPPORTED, activation_num_bits=8, weight_num_bits=8)
    for place in (Names.INPUT, Names.OUTPUT):
        quantizer.update_quantization_recipe(".*", place, algorithm_key="no_quantize")
    for name in output_layers(_operations(model)):
        pattern = f"^{re.escape(name)}"
        quantizer.update_quantization_recipe(pattern, Names.ALL_SUPPORTED, algorithm_key="no_quantize")
    with no_standard_error(), warnings.catch_warnings():  # bars of progress, and remarks on memory
        warnings.simplefilter("ignore")
        found = quantizer.calibrate({signature: [{"picture": picture} for picture in pictures]})
        quantised = quantizer.quantize(_with_headroom(found), enable_progress_report=False).quantized_model
    return _with_vectors_shared(bytes(quantised))


def _with_headroom(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Ranges of values, each `HEADROOM` times as wide."""
    return {
        tensor: {
            bound: value * HEADROOM if bound in ("min", "max") else value for bound, value in each.items()
        }
        for tensor, each in found.items()
    }


def _operations(model: bytes) -> Iterator[Operation]:
    """Of a file, each by the name of its first output."""
    interpreter = start(model)
    tensors = {tensor["index"]: tensor["name"] for tensor in interpreter.get_tensor_details()}
    made = set[int]()
    for node in interpreter._get_ops_details():
        inputs, outputs = list(node["inputs"]), list(node["outputs"])
        learnt = node["op_name"] in CONVOLUTIONS and inputs[1] not in made
        convolves = learnt and not is_fixed(interpreter.get_tensor(inputs[1]))
        made.update(outputs)
        yield Operation(tensors[outputs[0]], inputs, outputs, convolves)


def _with_vectors_shared(model: bytes) -> bytes:
    """The same file with each vector of numbers once: an eighth of it is zero points, all of them 0."""
    import flatbuffers
    from ai_edge_litert.tools.flatbuffer_utils import read_model_from_bytearray

    class Builder(flatbuffers.Builder):
        def __init__(self) -> None:
            super().__init__(len(model))
            self.written: dict[tuple[str, bytes], Any] = {}

        def CreateNumpyVector(self, numbers: Any) -> Any:
            key = (numbers.dtype.str, numbers.tobytes())
            if key not in self.written:
                self.written[key] = super().CreateNumpyVector(numbers)
            return self.written[key]

    builder = Builder()
    builder.Finish(read_model_from_bytearray(model).Pack(builder), b"TFL3")
    return bytes(builder.Output())
