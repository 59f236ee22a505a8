"""The table of formats: one module each, imported with its frameworks only when used."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toonify.errors import unknown, usage_error
from toonify.exporting import onnx, saved_model
from toonify.styles import Style

Draw = Callable[[Any], Any]
"""Draws a batch of pictures: float32 RGB in [-1, 1], (N, H, W, 3), to the same."""


@dataclass(frozen=True)
class Format:
    """A way to write a style down.

    Attributes:
        suffix: What the style's name becomes.
        check: Raises a `ToonifyError` when the style, or what is at the path now, stands in the way.
        write: Writes a style at a path.
        runtimes: By name, what opens the written path in a runtime and gives back a way to draw.
    """

    suffix: str
    check: Callable[[Style, Path], None]
    write: Callable[[Style, Path], None]
    runtimes: Mapping[str, Callable[[Path], Draw]]


FORMATS: Mapping[str, Format] = {
    "onnx": Format(".onnx", onnx.check, onnx.write, {"ONNX Runtime": onnx.open_file}),
    "saved-model": Format(
        "-saved-model",
        saved_model.check,
        saved_model.write,
        {"TensorFlow": saved_model.open_folder, "TensorFlow Hub": saved_model.open_with_hub},
    ),
}


def chosen(names: Iterable[str]) -> dict[str, Format]:
    """The formats of those names, each once.

    Raises:
        ToonifyError: if there is none of a name, or there are no names.
    """
    formats = {}
    for name in names:
        if name not in FORMATS:
            raise unknown("export format", name, FORMATS)
        formats[name] = FORMATS[name]
    if not formats:
        raise usage_error("no export format is given", f"Choices: {', '.join(FORMATS)}.")
    return formats
