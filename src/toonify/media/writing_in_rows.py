"""Encoding some rows at a time, as PNG or TIFF: what has 16 bits a channel, of which Pillow knows grey
alone, and what is too large for Pillow, which takes whole pictures.

What stands around the pixels (colour profile, EXIF and XMP data, density) Pillow writes, as of any picture:
into a file of a single pixel, whose place the others take. What is left is to compress them, which zlib does.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from PIL import Image
from PIL.ExifTags import Base as Tag

from toonify.errors import ToonifyError
from toonify.media.bands import row_bands
from toonify.media.png import SIGNATURE, filtered, png_chunks, write_chunk

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

HOLDS_DEEP = frozenset({"PNG", "TIFF"})
"""Formats that are written here, also with 16 bits a channel."""

_LEVEL = 6  # zlib's own choice between time and size
_STRIP = 2**18  # bytes of a TIFF's strip, before it is compressed
_LARGEST_TIFF = 2**32 - 2**20  # bytes, for its addresses are numbers of 32 bits
_SHORT, _LONG = 3, 4  # TIFF's types of numbers


class Rows(Protocol):
    """A picture that gives its rows: a `DeepImage`, a `LargeImage`."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""

    @property
    def mode(self) -> str:
        """RGB or RGBA."""

    @property
    def bits(self) -> int:
        """Of each channel: 8 or 16."""

    def band(self, top: int, bottom: int) -> NDArray[Any]:
        """Those from `top` to before `bottom`, (h, W, channels), uint8 or uint16."""


def save_rows(image: Rows, file: BinaryIO, file_format: str, options: Mapping[str, Any]) -> None:
    """Write a picture with all of its bits.

    Args:
        image: The picture.
        file: Where to write; it must be possible to go back in it.
        file_format: One of `HOLDS_DEEP`.
        options: What else is to be in the file, as Pillow's writer of the format takes it.

    Raises:
        ToonifyError: if it is too large for a TIFF.
    """
    single = io.BytesIO()
    Image.new(image.mode, (1, 1)).save(single, file_format, **options)
    (_save_png if file_format == "PNG" else _save_tiff)(image, file, single.getvalue())


def _save_png(image: Rows, file: BinaryIO, single: bytes) -> None:
    """By the PNG specification, third edition."""
    around = [chunk for chunk in png_chunks(single) if chunk[0] not in (b"IHDR", b"IDAT")]
    colour_type = 2 if image.mode == "RGB" else 6
    width, height = image.size
    file.write(SIGNATURE)
    write_chunk(file, b"IHDR", struct.pack(">2L5B", width, height, image.bits, colour_type, 0, 0, 0))
    for chunk in around[:-1]:
        write_chunk(file, *chunk)
    deflating = zlib.compressobj(_LEVEL)
    rows = (image.band(*each) for each in row_bands(image.size))
    for band in filtered(each.astype(each.dtype.newbyteorder(">")) for each in rows):
        if data := deflating.compress(band.data):
            write_chunk(file, b"IDAT", data)
    write_chunk(file, b"IDAT", deflating.flush())
    write_chunk(file, *around[-1])


@dataclass(frozen=True)
class _Field:
    """An entry of a TIFF's directory: TIFF's number of the type, how many values, and their bytes."""

    kind: int
    count: int
    data: bytes

    @classmethod
    def of(cls, kind: int, *numbers: int) -> _Field:
        return cls(
            kind, len(numbers), struct.pack(f"<{len(numbers)}{'H' if kind == _SHORT else 'L'}", *numbers)
        )


def _save_tiff(image: Rows, file: BinaryIO, single: bytes) -> None:
    """By the TIFF 6.0 specification: in strips, deflated, each number less the one to the left."""
    (width, height), channels = image.size, len(image.mode)
    rows = max(1, _STRIP // (channels * image.bits // 8 * width))
    file.write(b"II*\0" + bytes(4))
    starts, lengths = [], []
    for strip in _strips(image, rows):
        data = zlib.compress(_less_the_left(strip).data, _LEVEL)
        starts.append(file.tell())
        lengths.append(len(data))
        file.write(data)
        if file.tell() > _LARGEST_TIFF:
            raise ToonifyError("cannot be written: too large for TIFF", "Write it as PNG.")
    fields = _directory(single) | {
        Tag.ImageWidth: _Field.of(_LONG, width),
        Tag.ImageLength: _Field.of(_LONG, height),
        Tag.BitsPerSample: _Field.of(_SHORT, *[image.bits] * channels),
        Tag.Compression: _Field.of(_SHORT, 8),  # zlib's, as Adobe numbers it
        Tag.PhotometricInterpretation: _Field.of(_SHORT, 2),  # RGB
        Tag.StripOffsets: _Field.of(_LONG, *starts),
        Tag.SamplesPerPixel: _Field.of(_SHORT, channels),
        Tag.RowsPerStrip: _Field.of(_LONG, rows),
        Tag.StripByteCounts: _Field.of(_LONG, *lengths),
        Tag.Predictor: _Field.of(_SHORT, 2),  # differences along a row
    }
    place = file.tell() + file.tell() % 2
    file.write(bytes(place - file.tell()) + _written(fields, place))
    file.seek(4)
    file.write(struct.pack("<L", place))
    file.seek(0, io.SEEK_END)


def _strips(image: Rows, count: int) -> Iterator[NDArray[Any]]:
    """So many rows at a time, out of the larger bands that a picture gives."""
    for top, bottom in row_bands(image.size, count):
        band = image.band(top, bottom)
        for start in range(0, len(band), count):
            yield band[start : start + count]


def _less_the_left(strip: NDArray[Any]) -> NDArray[uint8]:
    import numpy as np

    numbers = strip.astype(strip.dtype.newbyteorder("<"))
    numbers[:, 1:] -= strip[:, :-1]
    return numbers.reshape(-1).view(np.uint8)


def _directory(file: bytes) -> dict[int, _Field]:
    """The entries of a TIFF that Pillow has written, by their tags."""
    (place,) = struct.unpack_from("<L", file, 4)
    (count,) = struct.unpack_from("<H", file, place)
    fields = {}
    for entry in range(place + 2, place + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack_from("<2HL", file, entry)
        length = values * _SIZES[kind]
        (start,) = struct.unpack_from("<L", file, entry + 8) if length > 4 else (entry + 8,)
        fields[tag] = _Field(kind, values, file[start : start + length])
    return fields


def _written(fields: Mapping[int, _Field], place: int) -> bytes:
    """A directory that stands at a place in the file, and what does not fit into its entries behind it."""
    table, behind = struct.pack("<H", len(fields)), b""
    start = place + 2 + 12 * len(fields) + 4
    for tag, field in sorted(fields.items()):
        value = field.data.ljust(4, b"\0")
        if len(field.data) > 4:
            value = struct.pack("<L", start + len(behind))
            behind += field.data + bytes(len(field.data) % 2)
        table += struct.pack("<2HL", tag, field.kind, field.count) + value
    return table + bytes(4) + behind


_SIZES = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8)
"""Bytes of a value, by its type."""
