"""Keras: one `.keras` file of Keras' own layers, to be trained further or built into another model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting import keras_model
from toonify.exporting.base import need_weights
from toonify.plugins import Draw, Exporter

if TYPE_CHECKING:
    from toonify.styles import Style


class KerasFile(Exporter):
    """A Keras model that loads without toonify and in safe mode; its controls are at their defaults."""

    suffix = ".keras"
    needs_tensorflow = True

    def check(self, style: Style, path: Path) -> None:
        """The weights must be there."""
        super().check(style, path)
        need_weights(style, "which a Keras model is")

    def write(self, style: Style, path: Path) -> None:
        keras_model.save(style, path)

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {"Keras": keras_model.open_file}
