"""Styles: folders that hold a trained generator, and the ones that come with toonify.

Light to import: neither ONNX nor any other framework is loaded before `Style.onnx_bytes()`.
"""

from toonify.styles.style import Style, bundled_styles, load_style

__all__ = ["Style", "bundled_styles", "load_style"]
