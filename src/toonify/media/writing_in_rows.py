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
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from PIL import Image
from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import TiffImageFile

from toonify.errors import ToonifyError
from toonify.media.bands import row_bands
from toonify.media.compression import LEVEL, PREDICTOR
from toonify.media.png import SIGNATURE, filtered, png_chunks, write_chunk
from toonify.media.tiff import directory_of

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

HOLDS_DEEP = frozenset({"PNG", "TIFF"})
"""Formats that are written here, also with 16 bits a channel."""

_STRIP = 2**18  # bytes of a TIFF's strip, before it is compressed
_LARGEST_TIFF = 2**32 - 2**20  # bytes, for its addresses are numbers of 32 bits


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
    deflating = zlib.compressobj(LEVEL)
    rows = (image.band(*each) for each in row_bands(image.size))
    for band in filtered(each.astype(each.dtype.newbyteorder(">")) for each in rows):
        if data := deflating.compress(band.data):
            write_chunk(file, b"IDAT", data)
    write_chunk(file, b"IDAT", deflating.flush())
    write_chunk(file, *around[-1])


def _save_tiff(image: Rows, file: BinaryIO, single: bytes) -> None:
    """By the TIFF 6.0 specification: in strips, deflated, each number less the one to the left."""
    (width, height), channels = image.size, len(image.mode)
    rows = max(1, _STRIP // (channels * image.bits // 8 * width))
    others: dict[Tag, int | list[int]] = {
        Tag.ImageWidth: width,
        Tag.ImageLength: height,
        Tag.BitsPerSample: [image.bits] * channels,
        Tag.Compression: 8,  # zlib's, as Adobe numbers it
        Tag.PhotometricInterpretation: 2,  # RGB
        Tag.SamplesPerPixel: channels,
        Tag.RowsPerStrip: rows,
        Tag.Predictor: PREDICTOR,
    }
    with Image.open(io.BytesIO(single), formats=["TIFF"]) as pixel:
        assert isinstance(pixel, TiffImageFile)
        tags = pixel.tag_v2
    lengths = [0] * -(-height // rows)
    file.seek(directory_of(tags, tags, others, lengths).save(io.BytesIO()))  # it takes up the same in the end
    for number, strip in enumerate(_strips(image, rows)):
        lengths[number] = file.write(zlib.compress(_less_the_left(strip).data, LEVEL))
        if file.tell() > _LARGEST_TIFF:
            raise ToonifyError("cannot be written: too large for TIFF", "Write it as PNG.")
    file.seek(0)
    directory_of(tags, tags, others, lengths).save(file)
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
