"""Bringing every kind of pixel to 8-bit RGB."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from toonify.errors import ToonifyError

_MOST = 2**16 - 1  # the brightest in 16 bits


def as_rgb(image: Image.Image, profile: bytes | None = None) -> tuple[Image.Image, bytes | None]:
    """As 8 bits a channel, RGB or (where something may be transparent) RGBA.

    Args:
        image: Of any mode; one that is RGB or RGBA already comes back itself.
        profile: The ICC profile of its numbers.

    Returns:
        The image, and the profile that its numbers are in now; `None` for sRGB.

    Raises:
        ToonifyError: if its pixels are of a kind that has no colours (floating-point numbers, or whole ones
            of more than 16 bits).
    """
    own = rgb_profile(profile)
    mode, transparent = image.mode, "transparency" in image.info
    if mode in ("RGB", "RGBA", "P", "PA", "RGBa", "RGBX"):
        wanted = "RGBA" if transparent or mode in ("RGBA", "PA", "RGBa") else "RGB"
        return (image if mode == wanted else image.convert(wanted)), own
    if mode == "La":
        image, mode = image.convert("LA"), "LA"  # as which alone Pillow converts it
    if mode in ("1", "LA") or (mode == "L" and (transparent or not profile)):
        return image.convert("RGBA" if transparent or mode == "LA" else "RGB"), None
    if mode in ("L", "CMYK", "LAB"):
        return through_profile(image, profile), None
    if mode.startswith("I"):
        return _from_16_bit(image), None
    if mode in ("YCbCr", "HSV"):
        return image.convert("RGB"), None
    if mode == "F":
        raise ToonifyError(
            "holds floating-point numbers, which are not read", "Save it with 16 bits a channel."
        )
    raise ToonifyError(f"pixels of the kind '{mode}' are not supported")


def rgb_profile(profile: bytes | None) -> bytes | None:
    """An ICC profile, if it is one of RGB numbers."""
    return profile if profile and profile[16:20] == b"RGB " else None


def over_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _from_16_bit(image: Image.Image) -> Image.Image:
    # Pillow's own conversion clips at 255 instead of scaling. "I" alone may hold any range.
    known = image.mode.startswith("I;16")
    image = image.convert("I")
    low, high = (0, _MOST) if known else image.getextrema()
    if low < 0 or high > _MOST:  # type: ignore[operator]
        raise ToonifyError(
            "holds numbers below 0 or above 65,535, of which nobody knows what is white",
            "Save it with 8 or 16 bits a channel.",
        )
    scale = 1.0 if high <= 255 else 1 / 257  # type: ignore[operator]
    return image.point(lambda value: value * scale + 0.5).convert("L").convert("RGB")


def through_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB; a profile that cannot be used is ignored, as picture viewers do."""
    try:
        if image.mode == "LAB":
            source = ImageCms.createProfile("LAB")
        elif profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
        else:
            return image.convert("RGB")
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(source), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image.convert("RGB")
    return image.convert("RGB") if converted is None else converted
