"""Lines: of a style that inks, a style that draws the ink alone, black on white."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting import inked_style
from toonify.exporting.base import need_own, need_weights, open_style
from toonify.plugins import Draw, Exporter

if TYPE_CHECKING:
    from toonify.styles import Style


class Lines(Exporter):
    """A style folder with the part of the network that the ink needs, and the same weights."""

    suffix = "-lines"
    takes_pictures = False
    painted = False
    close_ups = True
    needs_tensorflow = True

    def check(self, style: Style, path: Path) -> None:
        """The weights must be there, and only a style may be replaced."""
        need_weights(style, "which its lines are", "Give the run folder that it was trained in.")
        own = (style.manifest.FILE, style.files.generator.name, style.files.weights.name)
        need_own(path, "style", (path / style.manifest.FILE).is_file(), own)

    def write(self, style: Style, path: Path) -> None:
        inked_style.write_lines(style, path, f"{style.manifest.name}{self.suffix}")

    def original(self, style: Style) -> Draw:
        return inked_style.ink_mask(style)

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {"ONNX Runtime": open_style}
