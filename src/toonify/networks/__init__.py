"""Generators, the discriminators, their layers, and how models become files."""

from __future__ import annotations

from toonify.networks.discriminator import build_discriminator, build_feature_discriminator
from toonify.networks.export_onnx import in_float32, to_onnx
from toonify.networks.import_weights import import_weights
from toonify.networks.standard_layers import in_standard_layers
from toonify.networks.weights import load_weights, round_to_half, save_weights

__all__ = [
    "build_discriminator",
    "build_feature_discriminator",
    "import_weights",
    "in_float32",
    "in_standard_layers",
    "load_weights",
    "round_to_half",
    "save_weights",
    "to_onnx",
]
