"""Pictures of 16 bits a channel: Pillow decodes and encodes 8 of them, so the rest of the way is here."""

from toonify.media.deep.image import DeepImage, WholeImage, eight_bits
from toonify.media.deep.reading import deep_kind, has_deep_transparency, read_deep, with_transparency

__all__ = [
    "DeepImage",
    "WholeImage",
    "deep_kind",
    "eight_bits",
    "has_deep_transparency",
    "read_deep",
    "with_transparency",
]
