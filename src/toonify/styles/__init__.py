"""Styles: folders that hold a trained generator; packages bring them, and so does toonify.

Light to import: neither ONNX nor any other framework is loaded before `Style.onnx_bytes()`.
"""

from toonify.styles.style import Style, load_style

__all__ = ["Style", "load_style"]
