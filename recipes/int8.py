"""Make a style's generator in 8 bits, `generator.int8.onnx`, beside the one that it is made of.

    python recipes/int8.py runs/mine/style PHOTOS

Static, by QDQ: a scale for each output channel of a convolution and for each tensor between them, from
the least and greatest values that come up on PHOTOS, a folder of photographs of people and places. The
first convolution stays in float32: a picture's 256 values lie between those of a scale with a zero. So
does the last at half the size (`head`) and what follows: colours of [-1, 1] share a tensor with logits of
ten times that, and a sigmoid with a gain magnifies what is rounded away.

It pays for `lite`, which the preset `pairs` trains. For `unet`, of which the bundled styles are made, it
does not: it is slower in 8 bits (0.76 to 0.9 times as fast), for its convolutions are small and its colours
are mixed from paints.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from toonify.media import find_pictures, open_rgb
from toonify.styles import load_style
from toonify.styles.style import MADE_OF

SIDE = 512
"""Pixels of the longer side of a picture that is looked at."""

IN_FLOAT = ("down2", "cartoon", "ink", "change", "colour", "head")
"""Layers of `lite` that stay in float32, by how their names begin."""


class Photographs(CalibrationDataReader):
    """The pictures of a folder, one by one, as a generator takes them."""

    def __init__(self, folder: Path, multiple: int) -> None:
        self._pictures = self._read(folder, multiple)

    def _read(self, folder: Path, multiple: int) -> Iterator[dict[str, Any]]:
        for path in sorted(find_pictures(folder)):
            image = open_rgb(path)
            image.thumbnail((SIDE, SIDE))
            width, height = (side // multiple * multiple for side in image.size)
            pixels = np.asarray(image.crop((0, 0, width, height)), np.float32)
            yield {"picture": pixels[np.newaxis] / np.float32(127.5) - 1}

    def get_next(self) -> dict[str, Any] | None:
        """As ONNX Runtime asks for them."""
        return next(self._pictures, None)


def in_float(node: onnx.NodeProto) -> bool:
    """Whether it belongs to a layer that stays in float32; names are paths such as `…/head_1/BiasAdd`."""
    return any(part.rsplit("_", 1)[0] in IN_FLOAT for part in node.name.split("/"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("style", type=Path, help="its folder")
    parser.add_argument("photos", type=Path, help="a folder")
    arguments = parser.parse_args()
    style = load_style(arguments.style)
    model = onnx.load_model_from_string(style.onnx_bytes())
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "int8.onnx")
        quantize_static(
            style.files.generator,
            made,
            Photographs(arguments.photos, style.manifest.multiple),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Add", "Relu", "Resize"],
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[node.name for node in model.graph.node if in_float(node)],
        )
        quantised = onnx.load(made)
    del quantised.metadata_props[:]
    onnx.helper.set_model_props(quantised, {MADE_OF: style.fingerprint})
    style.files.int8.write_bytes(quantised.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
