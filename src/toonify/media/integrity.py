"""Whether a file's data is whole, by the checksums and codes that its format has.

Decoders go on over damage as if nothing were: Pillow does not look at the checksums of PNG's data (of single
bytes changed, it takes a sixth for sound), libjpeg mends corrupt data with a warning that Pillow does not
pass on, and of a GIF that is cut short the frames before the cut look like all that there is. WebP, AVIF,
JPEG 2000, BMP, TGA and PPM have no checksums: of these only what a decoder refuses is known to be damaged.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image
from PIL.ExifTags import Base as Tag
from PIL.IcoImagePlugin import IcoImageFile
from PIL.TiffImagePlugin import TiffImageFile

from toonify.errors import ToonifyError
from toonify.media.jpeg import SMALLEST, decode_strictly, is_jpeg
from toonify.media.png import SIGNATURE, walk_chunks
from toonify.media.sources import Source, open_source

WRONG_CHECKSUM = "damaged (its data does not match its checksum)"
CUT_SHORT = "damaged or cut short (it ends in the middle of a frame)"

_BLOCK = 2**20
_STILL, _FRAMES = frozenset({b"IDAT"}), frozenset({b"IDAT", b"fdAT"})  # chunks that hold pixels
_DEFLATED = (8, 32_946)  # TIFF's compressions by zlib, as Adobe numbers it and as libtiff did before


def check_whole(image: Image.Image, source: Source, *, every_frame: bool = False) -> None:
    """Read a picture's file to its end.

    Args:
        image: What Pillow makes of the header.
        source: The file, or all of its bytes.
        every_frame: Of an animated PNG, not only the first.

    Raises:
        ToonifyError: if its data is damaged.
        OSError: if it cannot be read.
    """
    with open_source(source) as file:
        if image.format == "PNG":
            _check_png(file, 0, _FRAMES if every_frame else _STILL)
        elif isinstance(image, IcoImageFile):
            _check_png(file, image.ico.entry[0].offset)  # the largest, which Pillow takes
        elif is_jpeg(image):
            _check_jpeg(file, image)
        elif isinstance(image, TiffImageFile):
            _check_tiff(file, image)
        elif image.format == "GIF":
            _check_gif(file)


def _check_png(file: BinaryIO, start: int, data: frozenset[bytes] = _STILL) -> None:
    """The checksum of each chunk of the picture's data; what follows is not looked at.

    It is the CRC-32 of its type and data (ISO/IEC 15948, section 5.3).
    """
    file.seek(start)
    if file.read(len(SIGNATURE)) != SIGNATURE:
        return  # an icon's bitmap
    begun = False
    for kind, place in walk_chunks(file, start):
        if kind not in data:
            if begun and (kind != b"fcTL" or data is _STILL):
                return
            continue
        begun = True
        file.seek(place.start)
        checksum = zlib.crc32(kind)
        for block in _blocks(file, len(place)):
            checksum = zlib.crc32(block, checksum)
        stored = file.read(4)
        if len(stored) == 4 and int.from_bytes(stored, "big") != checksum:
            raise ToonifyError(WRONG_CHECKSUM)


def _check_jpeg(file: BinaryIO, image: Image.Image) -> None:
    """Let libjpeg decode it once more, at an eighth of the size, where its first warning is told."""
    decode_strictly(file, image, "CMYK" if image.mode == "CMYK" else "GRAY", SMALLEST)


def _check_tiff(file: BinaryIO, image: TiffImageFile) -> None:
    """The checksum (Adler-32) at the end of each deflated strip or tile: libtiff stops before it."""
    tags = image.tag_v2
    if tags.get(Tag.Compression) not in _DEFLATED:
        return
    starts = tags.get(Tag.StripOffsets) or tags.get(Tag.TileOffsets) or ()
    lengths = tags.get(Tag.StripByteCounts) or tags.get(Tag.TileByteCounts) or ()
    for start, length in zip(starts, lengths, strict=False):
        file.seek(start)
        inflating = zlib.decompressobj()
        try:
            for block in _blocks(file, length):
                while block and not inflating.eof:
                    inflating.decompress(block, _BLOCK)
                    block = inflating.unconsumed_tail
        except zlib.error as error:
            raise ToonifyError(WRONG_CHECKSUM) from error


def _check_gif(file: BinaryIO) -> None:
    """That it does not break off within a block; what comes in place of a block is the decoder's to judge.

    GIF 89a: a screen descriptor (section 18), images (20) and extensions (23 …), both of blocks that begin
    with their length, and a trailer (27), which some programs leave out.
    """
    flags = file.read(13)[10:11]
    file.seek(13 + _colours(flags))
    while (introducer := file.read(1)) in (b"\x21", b"\x2c"):
        if introducer == b"\x2c":
            descriptor = file.read(9)
            file.seek(_colours(descriptor[8:]) + 1, 1)  # and how the codes begin
        else:
            file.seek(1, 1)
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], 1)
        else:
            raise ToonifyError(CUT_SHORT)


def _colours(flags: bytes) -> int:
    """Bytes of the table of colours that follows, as a packed field says."""
    return 3 * 2 ** ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _blocks(file: BinaryIO, length: int) -> Iterator[bytes]:
    """So many bytes, or as many as there are."""
    while length > 0 and (block := file.read(min(length, _BLOCK))):
        length -= len(block)
        yield block
