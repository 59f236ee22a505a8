"""Decoding pictures."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from toonify.media.bands import is_large, row_bands
from toonify.media.colour_space import ColourSpace
from toonify.media.colours import as_rgb, over_white, rgb_profile, through_profile
from toonify.media.deep import deep_kind, eight_bits, has_deep_transparency, read_deep, with_transparency
from toonify.media.header import bits_lost
from toonify.media.integrity import check_whole
from toonify.media.jpeg import decode_jpeg
from toonify.media.large import (
    LargeImage,
    is_shrunk,
    read_small,
    stored_size,
    without_pixels,
)
from toonify.media.metadata import (
    GAIN_MAP,
    density,
    descriptive_exif,
    descriptive_xmp,
    halves_colours,
    jpeg_quality,
    tells_of_gain_map,
)
from toonify.media.opening import MAX_PIXELS, opened
from toonify.media.orientation import SIDEWAYS, turn_of, turned
from toonify.media.picture import AnyImage, Picture
from toonify.media.png_metadata import left_out
from toonify.media.sources import Source
from toonify.storage import AnyPath

_ONE_OF_MANY = {
    **dict.fromkeys(("GIF", "PNG", "WEBP", "AVIF"), "only the first frame"),
    "TIFF": "only the first page",
    "HEIF": "only the main picture",
}
"""What is read of files with several pictures. Those of an MPO show the same thing, and need no note."""

_BESIDE = 5  # pictures of such a file that are looked at


def read_picture(
    source: Source,
    *,
    max_pixels: int = MAX_PIXELS,
    deep: bool = False,
    enough: tuple[int, int] | None = None,
) -> Picture:
    """Decode a file, or its bytes, with everything that a faithful copy of it needs.

    Args:
        source: What to read.
        max_pixels: The most that it may have.
        deep: Keep 16 bits a channel, where a PNG or TIFF has them.
        enough: A size (width, height) that serves as well as its own. A JPEG, and a large PNG or TIFF, is
            then read at that one or more, and becomes a `LargeImage`.

    Raises:
        ToonifyError: if it is no picture of a known format, damaged, too large or unreadable.
    """
    with opened(source, max_pixels) as image:
        kind = deep_kind(image) if deep else None
        small = enough if not kind and is_shrunk(image) else None
        decoded = decode_jpeg(image, source, small)
        if not decoded:
            check_whole(image, source)
        space = ColourSpace.of(image, source)
        notes = [*_losses(image, deep=kind is not None or bool(space.high_range)), *space.notes]
        if image.format == "MPO" and _has_gain_map_beside(source):
            notes.append(GAIN_MAP)
        deep_transparency = has_deep_transparency(image)
        about = without_pixels(source) if small and image.format == "PNG" else image
        if image.format == "PNG":
            about.load()  # before its EXIF data, which may follow and would be blamed
            notes += [*left_out(image), *left_out(about)]
        exif, exif_notes = descriptive_exif(about)
        sideways = turn_of(about) in SIDEWAYS
        if not (decoded or small):
            image.load()
        turn = turn_of(about)  # asked again: Pillow turns TIFF upright as it loads it
        xmp, xmp_notes = descriptive_xmp(about)
        dots, profile = density(about), space.profile
        rgb: AnyImage
        if kind:
            rgb = space.in_usual_range(turned(read_deep(image, source, kind), turn))
            profile = rgb_profile(profile) if kind == "colours" else None
        elif small:
            size = stored_size(image)  # before its decoder is set to a smaller one
            seen, profile = as_rgb(decoded, profile) if decoded else read_small(image, source, small, profile)
            rgb = LargeImage(space.in_usual_range(turned(seen, turn)), size[::-1] if sideways else size)
        else:
            seen, profile = _in_rgb(
                decoded or _shown(image), source, space, turn, deep_transparency=deep_transparency
            )
            rgb = _detached(seen, image)
        return Picture(
            rgb,
            profile,
            exif,
            image.format or "PNG",
            notes=[*dict.fromkeys([*notes, *exif_notes, *xmp_notes])],
            xmp=xmp,
            density=dots[::-1] if dots and sideways else dots,
            jpeg_quality=jpeg_quality(image),
            colours_halved=halves_colours(image),
        )


def _in_rgb(
    image: Image.Image,
    source: Source,
    space: ColourSpace,
    turn: Image.Transpose | None = None,
    *,
    deep_transparency: bool = False,
) -> tuple[Image.Image, bytes | None]:
    """As `as_rgb`, turned, in the usual range; `deep_transparency` as `has_deep_transparency` told of it."""
    seen = with_transparency(image, source) if deep_transparency else image
    rgb, profile = as_rgb(turned(seen, turn), space.profile)
    return space.in_usual_range(rgb), profile


def _detached(rgb: Image.Image, image: Image.Image) -> Image.Image:
    """Without what is known of the file that it was read from: Pillow would write it into the next one."""
    if image.format == "TIFF" and rgb is image:
        rgb = image.copy()  # a copy does not carry the old file's tags
    rgb.info = {}
    return rgb


def open_rgb(path: AnyPath, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """A picture for training: upright, mode RGB, in sRGB, transparency laid over white.

    Raises:
        ToonifyError: as `read_picture`.
    """
    picture = read_picture(Path(path), max_pixels=max_pixels)
    return _in_srgb(eight_bits(picture.image), picture.icc_profile)


def glance(path: Path, side: int) -> tuple[Image.Image, tuple[int, int]]:
    """A quick, smaller `open_rgb`: JPEG is decoded smaller, others are reduced.

    Args:
        path: The file.
        side: The short side keeps at least so many pixels, if it has them.

    Returns:
        The picture, and width and height of the whole one, upright.

    Raises:
        ToonifyError: as `read_picture`.
    """
    with opened(path) as image:
        width, height = image.size
        if decoded := decode_jpeg(image, path, (side, side)):
            small = _in_srgb(*as_rgb(decoded, image.info.get("icc_profile")))
        else:
            small = _glimpse(image, path, side)
        turn = turn_of(image)
        return turned(small, turn), (height, width) if turn in SIDEWAYS else (width, height)


def _glimpse(image: Image.Image, path: Path, side: int) -> Image.Image:
    """As `glance`, by Pillow's decoders, and not turned upright."""
    check_whole(image, path)
    image.draft(None, (side, side))
    deep_transparency, space = has_deep_transparency(image), ColourSpace.of(image, path)
    image.load()
    image = _shown(image)
    if is_large(image.size) and image.mode != "I":  # whose scale depends on all pixels
        return _reduced(image, path, side, space)
    return _in_srgb(*_in_rgb(image, path, space, deep_transparency=deep_transparency))


def _shown(image: Image.Image) -> Image.Image:
    """A picture as browsers show it: of a BMP or TGA that is transparent all over nobody filled the alpha,
    and around a first frame of a GIF that does not cover its canvas there is nothing.
    """
    if isinstance(image, GifImageFile) and image.dispose_extent and "transparency" not in image.info:
        return _alone(image, image.dispose_extent)
    bands = image.getbands() if image.format in ("BMP", "TGA") else ()
    unfilled = "A" in bands and image.getchannel("A").getextrema() == (0, 0)
    return image.convert("L" if image.mode == "LA" else "RGB") if unfilled else image


def _alone(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """A part of a picture, with nothing around it."""
    if box == (0, 0, *image.size):
        return image
    canvas = Image.new("RGBA", image.size)
    canvas.paste(image.crop(box), box[:2])
    return canvas


def _reduced(image: Image.Image, path: Path, side: int, space: ColourSpace) -> Image.Image:
    """A picture in sRGB, averaged over squares of whole pixels, with `side` on its short side at least."""
    factor = max(1, min(image.size) // (2 * side))
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top, bottom in row_bands(image.size, factor):
        band = image.crop((0, top, image.width, bottom))
        small.paste(_in_srgb(*_in_rgb(band, path, space)).reduce(factor), (0, top // factor))
    return small


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    image = over_white(image)
    return through_profile(image, profile) if profile else image


def _losses(image: Image.Image, *, deep: bool) -> list[str]:
    notes = []
    with suppress(Exception):  # a damaged second frame is no reason to lose the first
        if getattr(image, "is_animated", False) and image.format in _ONE_OF_MANY:
            notes.append(_ONE_OF_MANY[image.format])
            if image.format != "HEIF":  # which says itself where its main picture is
                image.seek(0)
    return notes if deep else [*notes, *bits_lost(image)]


def _has_gain_map_beside(source: Source) -> bool:
    """Whether one of the further pictures of a JPEG is a gain map, of which the first need not speak."""
    with suppress(Exception), opened(source) as image:
        for number in range(1, min(getattr(image, "n_frames", 1), _BESIDE)):
            image.seek(number)
            if tells_of_gain_map(image):
                return True
    return False
