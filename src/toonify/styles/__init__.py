"""Styles: a trained generator and its card, in a folder or a file; packages bring them, so does toonify.

Light to import: neither ONNX nor any other framework is loaded before `Style.network()`.
"""

from toonify.styles.checkpoints import split_step
from toonify.styles.controls import COLOUR, choose, defaults
from toonify.styles.loading import (
    AnyStyle,
    default_style,
    find_checkpoint,
    load_each,
    load_style,
    style_given,
    style_names,
)
from toonify.styles.style import Style

__all__ = [
    "COLOUR",
    "AnyStyle",
    "Style",
    "choose",
    "default_style",
    "defaults",
    "find_checkpoint",
    "load_each",
    "load_style",
    "split_step",
    "style_given",
    "style_names",
]
