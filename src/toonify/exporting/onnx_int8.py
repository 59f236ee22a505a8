"""ONNX in 8 bits, by ONNX Runtime's own quantiser: weights by channel, values by their range."""

from __future__ import annotations

import contextlib
import importlib
import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.exporting import calibration, int8
from toonify.exporting.float16 import drop_defaults
from toonify.exporting.onnx import Onnx
from toonify.plugins import import_onnxruntime

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray
    from onnx import GraphProto

    from toonify.styles import Style

CONVOLUTIONS = ("Conv", "ConvTranspose")


class OnnxInt8(Onnx):
    """An ONNX file in 8 bits, weights and values, but for its first and last layers; in QDQ form.

    Args:
        calibrate: A folder of pictures like those it will draw; left out, pictures are made.
    """

    suffix = "-int8.onnx"
    least_psnr = int8.LEAST_PSNR

    def __init__(self, calibrate: Path | None = None) -> None:
        self.calibrate = calibrate

    def check(self, style: Style, path: Path) -> None:
        """A network that normalises is refused, and so is a folder without pictures."""
        super().check(style, path)
        int8.check_survives(style)
        calibration.check_folder(self.calibrate)

    def network(self, style: Style) -> bytes:
        """The generator, calibrated with its controls at their defaults."""
        card = style.manifest
        pictures = calibration.calibration_pictures(self.calibrate, card.multiple)
        numbers = {name: control.default for name, control in card.controls.items()}
        return quantise(style.onnx_bytes(), pictures, numbers)


def quantise(
    model: bytes,
    pictures: Iterable[NDArray[float32]],
    controls: Mapping[str, float],
    *,
    exact: bool = False,
) -> bytes:
    """A network in 8 bits; its inputs and its output stay float32, and so do its first and last layers.

    The first convolution is that of a picture, whose 256 values lie half way between those of a scale of 256
    steps that has a zero: in 8 bits the whole picture would be shifted. To spare both ends of a network is
    usual since DoReFa-Net (Zhou et al., 2016, §2.7).

    Args:
        model: An ONNX file, checked: `picture` in, and numbers.
        pictures: To calibrate with, (N, H, W, 3), RGB in [-1, 1].
        controls: The numbers beside the picture, by name, at which it is calibrated.
        exact: For processors that cannot saturate (VNNI) alone: weights use all of their 8 bits.
    """
    import onnx

    import_onnxruntime()  # silent, before its tools import it
    quantization: Any = importlib.import_module("onnxruntime.quantization")
    proto = onnx.load_model_from_string(model)
    drop_defaults(proto.graph)  # all inputs are given here, and the runtime would remark on each default
    _fold_casts(proto.graph)
    _name_nodes(proto.graph)
    operations = list(_operations(proto.graph))
    in_float32 = [*int8.input_layers(operations), *int8.output_layers(operations)]
    numbers = {name: np.array(value, np.float32) for name, value in controls.items()}
    seen = iter([{"picture": picture, **numbers} for picture in pictures])

    class Pictures(quantization.CalibrationDataReader):
        def get_next(self) -> dict[str, Any] | None:
            return next(seen, None)

    with tempfile.TemporaryDirectory(prefix="toonify-") as folder, _quiet():
        path = Path(folder, "int8.onnx")
        quantization.quantize_static(
            proto,
            path,
            Pictures(),
            quant_format=quantization.QuantFormat.QDQ,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            per_channel=True,
            # Weights use 7 of their 8 bits. On x86 without VNNI, ONNX Runtime adds two products in 16 bits,
            # which saturate: with all 8 `comic` came to 33 dB there, and `drawn` to 28, with 7 to 40 and 39.
            # A file may be used on another processor than makes it, so each is made so, though where nothing
            # saturates that costs 0.5 dB (`drawn`) to 2.1 (`comic`). Weights without a sign never saturate,
            # but take a sixth more time.
            reduce_range=not exact,
            nodes_to_exclude=in_float32,
        )
        return path.read_bytes()


def _operations(graph: GraphProto) -> Iterator[int8.Operation]:
    from onnx import numpy_helper

    weights = {weight.name: weight for weight in graph.initializer}
    for node in graph.node:
        kernel = weights.get(node.input[1]) if node.op_type in CONVOLUTIONS else None
        convolves = kernel is not None and not int8.is_fixed(numpy_helper.to_array(kernel))
        yield int8.Operation(node.name, node.input, node.output, convolves)


def _fold_casts(graph: GraphProto) -> None:
    """Weights that are stored as float16, in float32: the quantiser takes no others."""
    from onnx import numpy_helper

    weights = {weight.name: weight for weight in graph.initializer}
    for node in [node for node in graph.node if node.op_type == "Cast" and node.input[0] in weights]:
        weight = weights[node.input[0]]
        values = numpy_helper.to_array(weight).astype(np.float32)
        weight.CopyFrom(numpy_helper.from_array(values, node.output[0]))
        graph.node.remove(node)


def _name_nodes(graph: GraphProto) -> None:
    """Each by a name of its own, which is how the quantiser is told of them."""
    for number, node in enumerate(graph.node):
        node.name = f"{number} {node.name}".strip()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the quantiser's advice off the terminal; what goes wrong it raises."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(level)
