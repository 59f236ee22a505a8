"""Generators, the discriminator, their layers, and how models become files."""

from __future__ import annotations

from toonify.networks.export_onnx import to_onnx

__all__ = ["to_onnx"]
