"""Core ML: a network as a package for Apple's systems."""

from toonify.exporting.coreml.exporter import CoreML

__all__ = ["CoreML"]
