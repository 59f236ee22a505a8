"""Pictures too large to be held: drawn from a smaller copy, and enlarged a few rows at a time when written.

A panorama of 400 megapixels takes 1.6 GB as Pillow holds it, and a style draws it at a third of a megapixel.
"""

from toonify.media.large.image import LARGE, LargeImage, is_shrunk
from toonify.media.large.jpeg import save_in_strips

__all__ = ["LARGE", "LargeImage", "is_shrunk", "save_in_strips"]
