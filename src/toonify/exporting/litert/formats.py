"""The formats: float32, weights as float16, and 8 bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting import calibration, float16, int8
from toonify.exporting.base import check_size, need_package, need_weights
from toonify.exporting.litert import conversion, quantising, runtime
from toonify.plugins import Draw, Exporter

if TYPE_CHECKING:
    from toonify.styles import Style


class LiteRT(Exporter):
    """A LiteRT (TensorFlow Lite) file of built-in operators, in float32.

    Args:
        size: Width and height of the only pictures that it takes; left out, it takes any multiples of the
            style's, several at once.
    """

    suffix = ".tflite"
    needs_tensorflow = True
    packages: tuple[str, ...] = ("ai_edge_litert",)

    def __init__(self, size: tuple[int, int] | None = None) -> None:
        self.size = size

    def check(self, style: Style, path: Path) -> None:
        """LiteRT and the weights must be there, and the size be one that the style takes."""
        super().check(style, path)
        for package in self.packages:
            need_package("this format", package)
        need_weights(style, "which a LiteRT file is")
        check_size(style, self.size)

    def write(self, style: Style, path: Path) -> None:
        path.write_bytes(conversion.convert(style, self.size))

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {"LiteRT": runtime.open_file}


class LiteRTFloat16(LiteRT):
    """The same file with its weights as float16, half as large; processors compute in float32."""

    suffix = "-float16.tflite"
    tolerance = float16.TOLERANCE
    least_psnr = float16.LEAST_PSNR

    def write(self, style: Style, path: Path) -> None:
        path.write_bytes(conversion.convert(style, self.size, half=True))


class LiteRTInt8(LiteRT):
    """The same file in 8 bits, a third as large: weights and values, but for the output layers.

    Args:
        size: Width and height of the only pictures that it takes; left out, it takes any multiples of the
            style's, several at once.
        calibrate: A folder of pictures like those it will draw; left out, pictures are made.
    """

    suffix = "-int8.tflite"
    least_psnr = int8.LEAST_PSNR
    packages = ("ai_edge_litert", "ai_edge_quantizer")

    def __init__(self, size: tuple[int, int] | None = None, calibrate: Path | None = None) -> None:
        super().__init__(size)
        self.calibrate = calibrate

    def check(self, style: Style, path: Path) -> None:
        """As of the others; a network that normalises is refused, and so is a folder without pictures."""
        super().check(style, path)
        int8.check_survives(style)
        calibration.check_folder(self.calibrate)

    def write(self, style: Style, path: Path) -> None:
        pictures = calibration.calibration_pictures(self.calibrate, style.manifest.multiple, self.size)
        path.write_bytes(quantising.quantise(conversion.convert(style, self.size), pictures))
