"""LiteRT, formerly TensorFlow Lite: a network in one file, for phones and small machines."""

from toonify.exporting.litert.formats import LiteRT, LiteRTFloat16, LiteRTInt8

__all__ = ["LiteRT", "LiteRTFloat16", "LiteRTInt8"]
