"""ONNX: the style's own generator with its card inside, for any ONNX runtime."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from toonify.exporting import float16
from toonify.exporting.base import draw_with_onnx
from toonify.plugins import Control, Draw, Exporter

if TYPE_CHECKING:
    from onnx import GraphProto

    from toonify.styles import Style


class Onnx(Exporter):
    """One file of standard operators."""

    suffix = ".onnx"
    takes_controls = True

    def write(self, style: Style, path: Path) -> None:
        """The generator with name, licence, halo, multiple, detail, painter and controls as metadata.

        A control is an input that may be left out: the file holds its default.
        """
        import onnx

        model = onnx.load_model_from_string(self.network(style))
        card = style.manifest
        facts = {
            "name": card.name,
            "licence": card.licence,
            "range": "RGB in [-1, 1]",
            "multiple": str(card.multiple),
            "halo": "whole picture" if card.halo is None else str(card.halo),
            "detail": str(card.detail),
            "enlarge": f"{card.enlarge:g}",
        }
        if card.painter:
            facts["painter"] = card.painter
        if card.controls:
            controls = {name: dataclasses.asdict(control) for name, control in card.controls.items()}
            facts["controls"] = json.dumps(controls)
            _set_defaults(model.graph, card.controls)
        onnx.helper.set_model_props(model, {f"toonify.{key}": value for key, value in facts.items()})
        path.write_bytes(model.SerializeToString())

    def network(self, style: Style) -> bytes:
        """The generator as it is."""
        return style.onnx_bytes()

    def runtimes(self) -> Mapping[str, Callable[[Path], Draw]]:
        return {"ONNX Runtime": draw_with_onnx}


class OnnxFloat16(Onnx):
    """The same file with its weights as float16, half as large; runtimes compute in float32."""

    suffix = "-float16.onnx"
    tolerance = float16.TOLERANCE
    least_psnr = float16.LEAST_PSNR

    def network(self, style: Style) -> bytes:
        """The generator with each weight rounded to 11 significant bits."""
        return float16.half_weights(style.onnx_bytes())


def _set_defaults(graph: GraphProto, controls: Mapping[str, Control]) -> None:
    """What a graph takes for each control if it is given none, and what each is for."""
    from onnx import numpy_helper

    float16.drop_defaults(graph)
    for value in graph.input:
        if value.name in controls:
            control = controls[value.name]
            value.doc_string = f"{control.minimum:g} to {control.maximum:g}; {control.description}"
            shape = [1] * len(value.type.tensor_type.shape.dim)
            default = np.full(shape, control.default, np.float32)
            graph.initializer.append(numpy_helper.from_array(default, value.name))
