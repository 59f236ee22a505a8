"""Styles: folders that hold a trained generator, and the ones that come with toonify.

Light to import: neither ONNX nor any other framework is loaded before `Style.onnx_bytes()`.
"""

from toonify.styles.style import GENERATOR_FILE, WEIGHTS_FILE, Style, bundled_styles, load_style

__all__ = ["GENERATOR_FILE", "WEIGHTS_FILE", "Style", "bundled_styles", "load_style"]
