"""Pictures of 16 bits a channel: Pillow decodes and encodes 8 of them, so the rest of the way is here."""

from toonify.media.deep.image import AnyImage, DeepImage, eight_bits
from toonify.media.deep.reading import deep_kind, is_deep_png, read_deep, with_transparency
from toonify.media.deep.writing import HOLDS_DEEP, save_deep

__all__ = [
    "HOLDS_DEEP",
    "AnyImage",
    "DeepImage",
    "deep_kind",
    "eight_bits",
    "is_deep_png",
    "read_deep",
    "save_deep",
    "with_transparency",
]
