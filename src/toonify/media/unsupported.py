"""What is not read, and what to do about it: other kinds of files, and pictures that Pillow shows wrongly."""

from __future__ import annotations

import re

from PIL import Image
from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import TiffImageFile

from toonify.errors import ToonifyError
from toonify.media.jpeg_2000 import bits_of
from toonify.media.sources import Source

BEGINNING = 1000
"""Bytes by which files of other kinds are known."""

_RAW_SUFFIXES = frozenset(
    {".dng", ".nef", ".nrw", ".cr2", ".cr3", ".arw", ".orf", ".raf", ".rw2", ".pef", ".srw"}
)
_REDUCED = 1  # in NewSubfileType: a smaller version of another picture in the file

_RAW = ("a camera's raw data, which are not read", "Develop them to JPEG, PNG or TIFF first.")
_EXPORT = "Save it as PNG or JPEG first."
_TIFF = "Save it with 8 or 16 bits a channel, all channels of a pixel together."

_KINDS = tuple(
    (re.compile(beginning, re.DOTALL | re.IGNORECASE), message, hint)
    for beginning, message, hint in (
        (rb"\s*<(!doctype html|html|head|body)", "a web page, not a picture", "Download the picture itself."),
        (rb"\s*(<[?!][^>]*>\s*)*<svg", "a drawing in SVG, which is not read", _EXPORT),
        (rb"%PDF", "a PDF document, which is not read", _EXPORT),
        (rb"8BP[SB]", "a Photoshop document, which is not read", _EXPORT),
        (rb"gimp xcf", "a GIMP document, which is not read", _EXPORT),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript, which is not read", _EXPORT),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", "JPEG XL, which is not read", _EXPORT),
        (rb"\x76\x2f\x31\x01|#\?(RADIANCE|RGBE)|PF\s", "a picture of floats, which are not read", _EXPORT),
        (rb"qoif|DDS |icns|SIMPLE  =|farbfeld|P7\n", "a picture in a format that is not read", _EXPORT),
        (rb"....ftypcrx|FUJIFILMCCD|IIU\0|IIR[OS]|MMOR", *_RAW),
        (rb"PK\x03\x04|7z\xbc\xaf|Rar!|\x1f\x8b", "an archive, not a picture", "Unpack it first."),
        (rb"version https://git-lfs", "a placeholder of Git LFS", "git lfs pull fetches that."),
        (rb"\xff\xd8\xff", "a JPEG that is damaged, or of a kind that is not read", _EXPORT),
        (rb"II[*+]\0|MM\0[*+]", "a TIFF that is damaged, or of a kind that is not read", _TIFF),
        (rb"\Z", "empty", "The copy or download that should have filled it may have failed."),
    )
)  # fmt: skip


def unsupported(beginning: bytes, suffix: str) -> ToonifyError:
    """The error for a file that is no picture that can be read.

    Args:
        beginning: Its first bytes, `BEGINNING` of them at most.
        suffix: How its name ends, in lower case.
    """
    if beginning and suffix in _RAW_SUFFIXES:
        return ToonifyError(*_RAW)
    told = (found[1:] for found in _KINDS if found[0].match(beginning))
    return ToonifyError(*next(told, ("not a picture in a known format",)))


def refuse_misread(image: Image.Image, source: Source) -> None:
    """Make sure that Pillow would show what a file holds.

    Args:
        image: As it was opened.
        source: Its file.

    Raises:
        ToonifyError: if it is a TIFF or a JPEG 2000 of which it would show something else.
        OSError: if that cannot be read.
    """
    if image.format == "JPEG2000" and not image.mode.startswith("I;16") and (bits := bits_of(source)) > 8:
        # Pillow rounds, and the brightest becomes black.
        raise ToonifyError(
            f"a JPEG 2000 of {bits} bits a channel, which is not read",
            "Save it with 8 bits a channel, or as PNG or TIFF.",
        )
    if not isinstance(image, TiffImageFile):
        return
    tags = image.tag_v2
    is_preview = Tag.SubIFDs in tags and tags.get(Tag.NewSubfileType, 0) & _REDUCED  # as of NEF and ARW
    if Tag.DNGVersion in tags or is_preview:
        raise ToonifyError(f"{_RAW[0]}, but for a preview of {image.width} x {image.height} pixels", _RAW[1])
    bits = max(tags.get(Tag.BitsPerSample, (1,)))
    deep = bits > 8
    if deep and bits % 8:
        raise ToonifyError(f"a TIFF of {bits} bits a channel, which is not read", _TIFF)
    if deep and tags.get(Tag.PlanarConfiguration) == 2:
        raise ToonifyError("a TIFF of 16 bits with each channel by itself (planar), which is not read", _TIFF)
    if deep and tags.get(Tag.PhotometricInterpretation) == 0:
        raise ToonifyError(
            "a TIFF of 16 bits in which 0 is white, which is not read", "Save it with 0 as black."
        )
