"""Encoding pictures, whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from PIL import ExifTags, Image, PngImagePlugin

from toonify.errors import ToonifyError, lacks_memory, refusal
from toonify.media.colours import over_white, through_profile
from toonify.media.compression import PREDICTOR, WEBP_METHOD, png_options
from toonify.media.deep import DeepImage, eight_bits
from toonify.media.large import LargeImage, save_jpeg
from toonify.media.metadata import read_block, signed
from toonify.media.picture import AnyImage, Picture
from toonify.media.writing_in_rows import HOLDS_DEEP, save_rows
from toonify.storage import Part, put_in_place

QUALITY = 95
"""Of JPEG and WebP, 1 to 100; a JPEG is written with at least that which it was read with."""

WRITABLE = {"JPEG": 65_500, "PNG": 2**31 - 1, "WEBP": 16_383, "BMP": 2**31 - 1, "TIFF": 2**31 - 1}
"""Formats that `save_picture` writes, and the longest side that each can hold, in pixels."""

SAYS_WHAT_MADE_IT = frozenset({"JPEG", "PNG", "WEBP", "TIFF"})
"""Of these, the formats with a place for `Picture.made_by`."""

WRITTEN_IN_BANDS = HOLDS_DEEP | {"JPEG"}
"""Of these, the formats of which the whole picture need not be in memory."""


def check_fits(size: tuple[int, int], file_format: str) -> None:
    """Make sure that a format can hold a picture of this size (width, height).

    Raises:
        ToonifyError: if it cannot.
    """
    limit = WRITABLE[file_format]
    if max(size) > limit:
        raise ToonifyError(f"{size[0]} x {size[1]} is too large for {file_format}: at most {limit} a side")


def save_picture(picture: Picture, path: Path, file_format: str, *, over: bool = True) -> None:
    """Encode beside `path`, then rename, so that no half-written file is ever seen.

    Args:
        picture: What to write; `made_by` goes into its EXIF data, of formats in `SAYS_WHAT_MADE_IT`.
        path: Where.
        file_format: One of `WRITABLE`. JPEG and BMP lay transparency over white.
        over: Whether an existing file is replaced.

    Raises:
        ToonifyError: if the disk is full, the folder cannot be written or the format cannot hold it.
    """
    with refusals(), Part(path) as part:
        with io.FileIO(part.path, "w") as raw, _NoDescriptor(raw) as file:
            _encode(picture, file, file_format)
        put_in_place(part.path, path, flush=False, over=over)  # a batch would wait for the disk each time


def encode_picture(picture: Picture, file_format: str = "") -> bytes:
    """The file of a picture, in the format that it was read from, or PNG where that is only read.

    Args:
        picture: What to write, as of `save_picture`.
        file_format: One of `WRITABLE`, to write another.

    Raises:
        ToonifyError: if the format cannot hold it.
    """
    file_format = file_format or ("JPEG" if picture.format == "MPO" else picture.format)
    written = io.BytesIO()
    with refusals():
        _encode(picture, written, file_format if file_format in WRITABLE else "PNG")
    return written.getvalue()


def _encode(picture: Picture, file: BinaryIO, file_format: str) -> None:
    check_fits(picture.image.size, file_format)
    options = _options(picture, file_format)
    if isinstance(picture.image, LargeImage) and file_format == "JPEG":
        halved = picture.colours_halved and picture.image.is_coarse
        save_jpeg(picture.image, file, options, halved=halved)
        return
    if file_format in HOLDS_DEEP and _is_in_rows(picture.image):
        save_rows(picture.image, file, file_format, options)
        return
    image = eight_bits(picture.image)
    if file_format not in ("PNG", "WEBP", "TIFF"):
        image = over_white(image)
    if file_format == "BMP" and picture.icc_profile:
        image = through_profile(image, picture.icc_profile)
    if file_format == "TIFF":
        options["compression"] = "tiff_lzw"
    if file_format == "PNG":
        options |= png_options(image)
    image.save(file, format=file_format, **options)


def _is_in_rows(image: AnyImage) -> TypeGuard[DeepImage | LargeImage]:
    """Whether it is written by rows; Pillow is faster for pictures that fit."""
    return isinstance(image, DeepImage) or (isinstance(image, LargeImage) and image.by_rows)


def _options(picture: Picture, file_format: str) -> dict[str, Any]:
    """Options for Pillow's writer of a format."""
    exif = signed(picture.exif, picture.made_by)
    options: dict[str, Any] = {"dpi": picture.density}
    if file_format != "BMP":
        options |= {"icc_profile": picture.icc_profile, "exif": exif or None}
    if file_format == "JPEG":
        options |= {
            "quality": max(QUALITY, picture.jpeg_quality),
            "subsampling": 0,
            "xmp": picture.xmp or None,
        }
    elif file_format == "WEBP":
        options |= {"quality": QUALITY, "method": WEBP_METHOD, "xmp": picture.xmp or None}
    elif file_format == "PNG" and picture.xmp:
        options |= {"pnginfo": _as_text(picture.xmp)}
    elif file_format == "TIFF":
        options |= {"exif": _flat(exif, picture.xmp)}
    return {key: value for key, value in options.items() if value is not None}


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what goes wrong in writing into a `ToonifyError`."""
    try:
        yield
    except (OSError, ValueError, RuntimeError, SystemError, MemoryError) as error:
        told = "too large for the memory of this machine" if lacks_memory(error) else refusal(error)
        raise ToonifyError(f"cannot be written: {told}") from error


class _NoDescriptor(io.BufferedWriter):
    """Hides the file descriptor: through Python's file a full disk raises an error that says so."""

    def fileno(self) -> int:
        raise io.UnsupportedOperation


def _as_text(xmp: bytes) -> PngImagePlugin.PngInfo:
    """XMP data as PNG has it."""
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", xmp.decode("utf-8", "replace"))
    return texts


def _flat(block: bytes, xmp: bytes) -> Image.Exif:
    """A TIFF's tags: EXIF data without its sub-blocks, which Pillow cannot write into a compressed one, and
    XMP data.
    """
    exif = read_block(block)
    for pointer in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        exif.pop(pointer, None)
    if xmp:
        exif[ExifTags.Base.XMLPacket] = xmp
    exif[ExifTags.Base.Predictor] = PREDICTOR
    return exif
