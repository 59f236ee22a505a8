"""A TIFF, read some strips at a time: Pillow's reader gives whole pictures.

Strips are compressed each by itself (TIFF 6.0, page 19), so that a few of them are a file, under the same
tags: of fewer rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image
from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from toonify.media.bands import row_bands
from toonify.media.sources import Source, open_source
from toonify.media.tiff import directory_of

_HOW_STORED = (
    *(Tag.ImageWidth, Tag.BitsPerSample, Tag.Compression, Tag.PhotometricInterpretation, Tag.FillOrder),
    *(Tag.SamplesPerPixel, Tag.PlanarConfiguration, Tag.T4Options, Tag.T6Options, Tag.Predictor),
    *(Tag.ColorMap, Tag.ExtraSamples, Tag.SampleFormat, Tag.JPEGTables),
    *(Tag.YCbCrCoefficients, Tag.YCbCrSubSampling, Tag.ReferenceBlackWhite),
)
"""Tags of the pixels of a part as of the whole."""

_MODES = frozenset({"1", "L", "P", "RGB", "CMYK", "LAB", "I;16", "I;16B"})
"""Pillow's, of those without transparency; how other numbers are scaled hangs on all of them."""

_MOST = 2**24  # pixels of a strip


def is_in_strips(image: Image.Image) -> bool:
    """Whether it is a TIFF of strips that are small enough, and none of it is transparent.

    Args:
        image: Before its pixels are loaded.
    """
    if not isinstance(image, TiffImageFile) or image.mode not in _MODES or image.has_transparency_data:
        return False
    tags = image.tag_v2
    starts, lengths = tags.get(Tag.StripOffsets), tags.get(Tag.StripByteCounts, ())
    if starts is None or len(starts) != len(lengths) or tags.get(Tag.PlanarConfiguration, 1) != 1:
        return False
    return tags[Tag.ImageWidth] * _rows(tags) <= _MOST


def stored_size(image: TiffImageFile) -> tuple[int, int]:
    """Width and height as they are in the file; Pillow turns TIFF upright by itself."""
    return image.tag_v2[Tag.ImageWidth], image.tag_v2[Tag.ImageLength]


def _rows(tags: ImageFileDirectory_v2) -> int:
    """Of each strip but the last."""
    height = tags[Tag.ImageLength]
    return max(1, min(tags.get(Tag.RowsPerStrip, height), height))


def strips(image: TiffImageFile, source: Source) -> Iterator[Image.Image]:
    """The whole picture from the top, some of its strips at a time.

    Args:
        image: One of which `is_in_strips` was true; it stays as it is.
        source: Its file.

    Raises:
        OSError: if its data is damaged.
    """
    tags, each = image.tag_v2, _rows(image.tag_v2)
    starts, lengths = tags[Tag.StripOffsets], tags[Tag.StripByteCounts]
    with open_source(source) as file:
        for top, bottom in row_bands(stored_size(image), each):
            some = slice(top // each, -(-bottom // each))
            data = []
            for start, length in zip(starts[some], lengths[some], strict=True):
                file.seek(start)
                data.append(file.read(length))
            whole = _file(tags, bottom - top, data)
            with Image.open(io.BytesIO(whole), formats=["TIFF"]) as part:
                part.load()
                yield part


def _file(tags: ImageFileDirectory_v2, height: int, data: list[bytes]) -> bytes:
    """These strips, under the tags of the picture that they are a part of."""
    rows = min(tags.get(Tag.RowsPerStrip, height), height)
    others = {Tag.ImageLength: height, Tag.RowsPerStrip: rows}
    written = io.BytesIO()
    directory_of(tags, _HOW_STORED, others, [len(strip) for strip in data]).save(written)
    written.writelines(data)
    return written.getvalue()
