"""Pictures that need not be held: drawn from a smaller copy, and enlarged when written, large ones by rows.

A panorama of 400 megapixels takes 1.6 GB as Pillow holds it, and a style draws it at a third of a megapixel.
"""

from toonify.media.large.image import LargeImage
from toonify.media.large.jpeg import save_jpeg
from toonify.media.large.png import without_pixels
from toonify.media.large.reading import is_shrunk, read_small, small_size, stored_size

__all__ = [
    "LargeImage",
    "is_shrunk",
    "read_small",
    "save_jpeg",
    "small_size",
    "stored_size",
    "without_pixels",
]
