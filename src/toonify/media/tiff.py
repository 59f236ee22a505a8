"""What a TIFF file is made of (TIFF 6.0): a directory of tags, written by Pillow, and strips of pixels."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from toonify.media.metadata import as_stored

_HEADERS = {b"II": b"II*\0" + bytes(4), b"MM": b"MM\0*" + bytes(4)}
"""How a file begins, by which byte of its numbers comes first."""


def directory_of(
    tags: ImageFileDirectory_v2,
    kept: Iterable[int],
    others: Mapping[Tag, int | Sequence[int]],
    lengths: Sequence[int],
) -> ImageFileDirectory_v2:
    """The directory of a file whose strips follow it, one after another.

    Args:
        tags: Of another file, which begins with the same kind of header.
        kept: Those that are taken from there, if it has them.
        others: Tags with new values.
        lengths: Of the strips, in bytes.
    """
    starts = [0, *itertools.accumulate(lengths[:-1])]  # from the first strip: Pillow adds where that lies
    others = {**others, Tag.StripOffsets: starts, Tag.StripByteCounts: lengths}
    directory = ImageFileDirectory_v2(_HEADERS[tags.prefix])
    for tag in {*kept}.intersection(tags) - others.keys():
        directory.tagtype[tag] = tags.tagtype[tag]
        directory[tag] = as_stored(tags[tag])
    for tag, value in others.items():
        directory[tag] = value
    return directory
