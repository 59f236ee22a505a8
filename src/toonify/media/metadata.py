"""Metadata of a photograph that still holds for a copy; and a line of what made the copy."""

from __future__ import annotations

import math
import re
from typing import Any, Literal

from PIL import ExifTags, Image, JpegImagePlugin
from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import TiffImageFile

from toonify.media.jpeg import is_jpeg

Strip = Literal["nothing", "location", "metadata"]
"""What is to be left out: nothing, where a photograph was taken, or all that is written about it."""

GAIN_MAP = "gain map left out"

_DESCRIPTIVE = frozenset(
    {Tag.ImageDescription, Tag.Make, Tag.Model, Tag.XResolution, Tag.YResolution, Tag.ResolutionUnit}
    | {Tag.Software, Tag.DateTime, Tag.Artist, Tag.Copyright, Tag.Rating, Tag.RatingPercent}
    | {Tag.XPTitle, Tag.XPComment, Tag.XPAuthor, Tag.XPKeywords, Tag.XPSubject}
)
_BLOCKS = frozenset({ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo})
_OUTDATED = frozenset({Tag.ExifImageWidth, Tag.ExifImageHeight})
_LARGEST_EXIF = 65_533  # bytes in a JPEG segment
_SUM_OF_ANNEX_K = 3679  # of its table for luma
_LARGEST_XMP = 65_000
_HALVED = 2  # 4:2:0, as Pillow numbers how colours are sampled
_LARGEST_DENSITY = 65_535  # in a JPEG
_ORIENTATION = re.compile(rb"(tiff:Orientation(?:=[\"']|>))\s*\d+")
_GAIN_MAP = re.compile(rb"hdrgm:|HDRGainMap|hdr-gain-map", re.IGNORECASE)
_ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496"
_MOTION = re.compile(rb"(MotionPhoto|MicroVideo)(=[\"']|>)\s*1")  # as Pixel and Galaxy phones write it
_PLACE = re.compile(rb"GPS|Location|:City|:State|:Country", re.IGNORECASE)


def descriptive_exif(image: Image.Image) -> tuple[bytes, list[str]]:
    """What describes the photograph, as a block to be written into another file.

    Args:
        image: Before its pixels are loaded, for its file must still be open.

    Returns:
        At most a JPEG segment of EXIF data, without orientation and thumbnail, empty for none; and notes on
        what is left out.
    """
    try:
        exif = image.getexif()
        for left_out in (_OUTDATED, _OUTDATED | {Tag.MakerNote}):
            kept = _described(exif, left_out)
            block = kept.tobytes() if len(kept) else b""
            if len(block) <= _LARGEST_EXIF:
                return block, []
    except Exception:  # a damaged block is not worth losing the picture for
        return b"", ["damaged EXIF data left out"]
    return b"", ["EXIF data left out, too large"]


def signed(block: bytes, made_by: str) -> bytes:
    """EXIF data with what made the picture added; unchanged if it would not fit into a JPEG's segment.

    Args:
        block: EXIF data, or nothing.
        made_by: ASCII; empty for nothing to say. It stands where EXIF has the software that a picture was
            processed with, and leaves alone the camera's.
    """
    if not made_by:
        return block
    exif = read_block(block)
    exif[Tag.ProcessingSoftware] = made_by
    more = exif.tobytes()
    return more if len(more) <= _LARGEST_EXIF else block


def read_block(block: bytes, left_out: frozenset[int] = frozenset()) -> Image.Exif:
    """EXIF data that `descriptive_exif` gave, or nothing, to be changed and written again.

    Args:
        block: The data.
        left_out: Tags to leave out.
    """
    exif = Image.Exif()
    if block:
        exif.load(block)
    return _described(exif, left_out, frozenset(exif) - _BLOCKS)


def _described(exif: Image.Exif, left_out: frozenset[int], tags: frozenset[int] = _DESCRIPTIVE) -> Image.Exif:
    """What describes the photograph: some tags, and sub-blocks without what describes its old file."""
    kept = Image.Exif()
    for tag in tags.intersection(exif):
        kept[tag] = as_stored(exif[tag])
    for pointer in _BLOCKS:
        values = {tag: value for tag, value in exif.get_ifd(pointer).items() if tag not in left_out}
        if values.pop(ExifTags.IFD.Interop, None) and (told := exif.get_ifd(ExifTags.IFD.Interop)):
            values[ExifTags.IFD.Interop] = told  # in place of where it lay in the old file
        if values:
            kept[pointer] = as_stored(values)
    return kept


class _Text(str):
    """A text whose bytes Pillow, having read each for a letter (Latin-1), would write as `?` but for ASCII's.

    EXIF's texts are ASCII by the standard, and UTF-8 by what programs write: names have their accents.
    """

    __slots__ = ()

    def encode(self, encoding: str = "latin-1", errors: str = "replace") -> bytes:
        return super().encode("latin-1", "replace")


def as_stored(value: Any) -> Any:
    """A value, or a table of values, with texts that are written as they were read."""
    if isinstance(value, dict):
        return {tag: as_stored(each) for tag, each in value.items()}
    return _Text(value) if isinstance(value, str) else value


def descriptive_xmp(image: Image.Image) -> tuple[bytes, list[str]]:
    """What other programs wrote about the photograph (XMP, ISO 16684), as a block for another file.

    Args:
        image: PNG must be loaded.

    Returns:
        At most a JPEG segment, saying that the photograph is upright, empty for none; and notes on what is
        left out.
    """
    block = _xmp(image)
    notes = [GAIN_MAP] if tells_of_gain_map(image) else []
    moving = _MOTION.search(block)
    if moving:
        notes.append("film of the motion photo left out")
    if moving or _GAIN_MAP.search(block):  # it says where to find what is not there any more
        return b"", notes
    if len(block) > _LARGEST_XMP:
        return b"", [*notes, "XMP data left out, too large"]
    return _ORIENTATION.sub(rb"\g<1>1", block), notes


def _xmp(image: Image.Image) -> bytes:
    block = image.info.get("xmp") or b""
    return block.encode() if isinstance(block, str) else bytes(block).rstrip(b"\0")


def tells_of_gain_map(image: Image.Image) -> bool:
    """Whether a picture has a gain map, or is one: by XMP, as Apple's in HEIC, or as ISO's in JPEG."""
    beside = image.info.get("aux") or {}  # by pillow-heif
    segments = getattr(image, "applist", ())  # by Pillow, of a JPEG
    return (
        bool(_GAIN_MAP.search(_xmp(image)))
        or any("gainmap" in str(kind).lower() for kind in beside)
        or any(bytes(data).startswith(_ISO_GAIN_MAP) for _, data in segments)
    )


def density(image: Image.Image) -> tuple[float, float] | None:
    """Dots an inch, across and down, as stored; `None` where the file says nothing that can be."""
    if isinstance(image, TiffImageFile) and Tag.XResolution not in image.tag_v2:
        return None  # Pillow says 1
    try:
        across, down = (float(number) for number in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    sound = all(math.isfinite(number) and 0 < number <= _LARGEST_DENSITY for number in (across, down))
    return (across, down) if sound else None


def jpeg_quality(image: Image.Image) -> int:
    """The quality that a JPEG was written with, by libjpeg's scale from 50 to 100; 0 for other formats.

    From 50 on, its tables are those of Annex K of ITU-T T.81, times (200 - 2 quality) / 100.
    """
    tables = getattr(image, "quantization", None)
    if not tables:
        return 0
    if max(tables[0]) == 1:  # smaller numbers there are not
        return 100
    return max(0, round(100 - 50 * sum(tables[0]) / _SUM_OF_ANNEX_K))


def says_exif(image: Image.Image) -> bool:
    """Whether the header has EXIF data; to find any behind the pixels, Pillow would decode a whole PNG."""
    return image.format == "TIFF" or "exif" in image.info


def halves_colours(image: Image.Image) -> bool:
    """Whether it is a JPEG with one colour for each square of four pixels (4:2:0)."""
    return is_jpeg(image) and JpegImagePlugin.get_sampling(image) == _HALVED


def without_location(exif: bytes, xmp: bytes) -> tuple[bytes, bytes]:
    """The same blocks of EXIF and XMP data without the place where a photograph was taken.

    Makers' notes are undocumented, and XMP has many ways to tell of a place: a block that does
    goes as a whole.
    """
    if exif:
        kept = read_block(exif, frozenset({Tag.MakerNote}))
        kept.pop(ExifTags.IFD.GPSInfo, None)
        exif = kept.tobytes() if len(kept) else b""
    return exif, b"" if _PLACE.search(xmp) else xmp
