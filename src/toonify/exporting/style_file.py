"""One file to pass on: a style as toonify itself takes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting.base import open_style
from toonify.plugins import Draw, Exporter, ToonifyError, open_arrays

if TYPE_CHECKING:
    from toonify.styles import Style


class StyleFile(Exporter):
    """A plain zip of the style's own files, which can be read without being unpacked."""

    suffix = ".toonify"
    takes_pictures = False
    close_ups = True

    def write(self, style: Style, path: Path) -> None:
        """The card, the network, the weights and the words that the style has."""
        weights = style.weights_bytes()
        if weights is not None:
            _check_arrays(style.files.weights, weights)
        path.write_bytes(style.packed())

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {"toonify": open_style}


def _check_arrays(path: Path, data: bytes) -> None:
    """Damage is told here, not passed on."""
    with open_arrays(path, data) as arrays:
        if not arrays:
            raise ToonifyError(f"{path} is damaged: it holds no weights")
