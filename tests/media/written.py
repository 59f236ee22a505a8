"""Pictures written and opened again, and an RGB profile."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageCms

from toonify.media import Picture, save_picture

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def again(picture: Picture, path: Path, file_format: str) -> Image.Image:
    """The picture as Pillow finds it in a file that was written of it."""
    save_picture(picture, path, file_format)
    return Image.open(path)
