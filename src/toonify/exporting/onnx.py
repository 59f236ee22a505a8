"""ONNX: the style's own generator with its card inside, for any ONNX runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toonify.exporting.base import draw_with_onnx
from toonify.plugins import Draw, Exporter

if TYPE_CHECKING:
    from toonify.styles import Style


class Onnx(Exporter):
    """One file of standard operators."""

    suffix = ".onnx"

    def write(self, style: Style, path: Path) -> None:
        """The generator with name, licence, halo, multiple and detail as metadata of the model."""
        import onnx

        model = onnx.load_model_from_string(style.onnx_bytes())
        card = style.manifest
        facts = {
            "name": card.name,
            "licence": card.licence,
            "range": "RGB in [-1, 1]",
            "multiple": str(card.multiple),
            "halo": "whole picture" if card.halo is None else str(card.halo),
            "detail": str(card.detail),
        }
        onnx.helper.set_model_props(model, {f"toonify.{key}": value for key, value in facts.items()})
        path.write_bytes(model.SerializeToString())

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {"ONNX Runtime": draw_with_onnx}
