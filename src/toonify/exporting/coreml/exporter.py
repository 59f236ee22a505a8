"""The format: an ML Program in float32, run on macOS, and interpreted elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting.base import check_size, need_own, need_package, need_weights
from toonify.exporting.coreml import package
from toonify.plugins import Draw, Exporter

if TYPE_CHECKING:
    from toonify.styles import Style

RUN, NOT_RUN = "Core ML", "Core ML (not run here: its program, read back, in TensorFlow)"


class CoreML(Exporter):
    """A Core ML package for macOS 13 and iOS 16, in float32; its controls are at their defaults.

    Only macOS runs it. Elsewhere the written program is read back and interpreted.

    Args:
        size: Width and height of the only pictures that it takes; left out, it takes any multiples of the
            style's up to 4096 pixels, 16 at once.
    """

    suffix = ".mlpackage"
    needs_tensorflow = True
    largest_side = package.LARGEST_SIDE

    def __init__(self, size: tuple[int, int] | None = None) -> None:
        self.size = size

    def check(self, style: Style, path: Path) -> None:
        """coremltools and the weights must be there, and only a Core ML package may be replaced."""
        need_own(path, "Core ML package", package.is_one(path), package.FILES)
        need_package("this format", "coremltools")
        need_weights(style, "which a Core ML package is")
        check_size(style, self.size)

    def write(self, style: Style, path: Path) -> None:
        package.save(style, path, self.size)

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {RUN: package.run} if sys.platform == "darwin" else {NOT_RUN: package.interpret}
