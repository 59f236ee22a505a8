"""Opening pictures: only known formats, and their size is checked before anything is decoded."""

from __future__ import annotations

import importlib.util
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from toonify.errors import ToonifyError, lacks_memory, one_line, refusal
from toonify.media.films.containers import begins_like_a_film
from toonify.media.finding import SUFFIXES
from toonify.media.heif import is_heif, teach_pillow
from toonify.media.jpeg_2000 import told_beside
from toonify.media.png_metadata import forgiving
from toonify.media.sources import Source, need_regular_file, open_source, pillow_source, suffix_of
from toonify.media.unsupported import BEGINNING, refuse_misread, unsupported

READABLE = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "PPM")  # JPEG brings MPO with it
MAX_PIXELS = 500_000_000
MAX_ICON_PIXELS = 2**20  # Pillow decodes icons when it opens them
_STEPS = {"L;2": 255 // 3, "L;4": 255 // 15}
"""By Pillow's unpackers of PNG's greys of 2 and 4 bits: what lies between two of them."""

_OPENING = threading.Lock()
# Pillow complains about damaged metadata on standard error; what matters here comes as an exception.
# Not `catch_warnings` around each call: it is not safe among threads.
# Only these: a program that makes an error of Pillow's DecompressionBombWarning keeps that.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
warnings.filterwarnings("ignore", f"Image size .* exceeds limit of {MAX_ICON_PIXELS // 2} pixels")


@contextmanager
def opened(source: Source, max_pixels: int = MAX_PIXELS) -> Iterator[Image.Image]:
    """A file, or its bytes, as Pillow opens it, its header read and its size checked.

    Raises:
        ToonifyError: as `read_picture`, for whatever is done with it inside.
    """
    try:
        with _decoding(), _header(source) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise ToonifyError(
                    f"too large: {width} x {height} is {width * height / 1e6:.0f} megapixels, "
                    f"the limit is {max_pixels / 1e6:.0f}"
                )
            refuse_misread(image, source)
            if image.format == "JPEG2000":
                image.info |= told_beside(source)
            yield image
    except UnidentifiedImageError as error:
        raise _what_it_is(source) from error


@contextmanager
def _decoding() -> Iterator[None]:
    """Turn into a `ToonifyError` whatever Pillow's decoders raise, which a damaged file may provoke."""
    try:
        yield
    except (ToonifyError, UnidentifiedImageError):
        raise
    except Exception as error:
        if lacks_memory(error):
            raise ToonifyError("too large for the memory of this machine") from error
        raise ToonifyError(reason(error)) from error


def load(image: Image.Image) -> None:
    """Decode an image that somebody else opened, which Pillow puts off until its pixels are asked for.

    Raises:
        ToonifyError: if its file is damaged, or it was closed.
    """
    try:
        with _decoding():
            image.load()
    except ToonifyError as error:
        raise ToonifyError(f"the picture cannot be read: {error.message}") from error


def _what_it_is(source: Source) -> ToonifyError:
    """In place of a picture, as far as its first bytes tell."""
    suffix = suffix_of(source)
    with open_source(source) as file:
        beginning = file.read(BEGINNING)
    if begins_like_a_film(beginning):
        if suffix in SUFFIXES:
            return ToonifyError("a film that is called like a picture", "Rename it, to end in .mp4 say.")
        return ToonifyError("a film, and no picture")
    return unsupported(beginning, suffix)


def _header(source: Source) -> Image.Image:
    """Open without decoding, with our own limit in place of Pillow's lower one."""
    if isinstance(source, Path):
        need_regular_file(source)
    try:
        return open_header(pillow_source(source), _formats(source))
    except UnidentifiedImageError:
        if is_heif(source):
            return _open_heif(source)
        half = MAX_ICON_PIXELS // 2  # Pillow refuses twice its limit
        return open_header(pillow_source(source), ("ICO",), half)


def _open_heif(source: Source) -> Image.Image:
    teach_pillow()
    try:
        return open_header(pillow_source(source), ("HEIF",))
    except UnidentifiedImageError as error:
        raise ToonifyError("a HEIC picture that is damaged or cut short") from error


def _formats(source: Source) -> tuple[str, ...]:
    """What a file may hold. TGA has no signature, so almost anything could be one: its name must say so."""
    with_avif = ("AVIF",) if importlib.util.find_spec("PIL.AvifImagePlugin") else ()  # from Pillow 11.3 on
    return (*READABLE, *with_avif, *(("TGA",) if suffix_of(source) == ".tga" else ()))


def open_header(source: Path | BinaryIO, formats: tuple[str, ...], most: int | None = None) -> Image.Image:
    """As `Image.open`, with another limit on pixels, and less strict with what is around those of a PNG."""
    with _OPENING, forgiving():
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, most
        try:
            image = Image.open(source, formats=formats)
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    if image.format == "TIFF":
        image.filename = ""  # or Pillow maps it into memory, with sides swapped, if it lies on its side
    elif image.format == "PNG" and "transparency" in image.info and image.tile:
        image.info["transparency"] *= _STEPS.get(str(image.tile[0].args), 1)  # left as stored
    return image


def reason(error: BaseException) -> str:
    """Why a file could not be read or written, for a message that names it already."""
    if isinstance(error, OSError) and error.strerror:
        return refusal(error)
    told = one_line(error)
    if told.startswith("Unsupported"):
        return f"of a kind that is not read ({told})"
    return f"{'closed already' if 'closed' in told else 'damaged or cut short'} ({told})"
