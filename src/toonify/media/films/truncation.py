"""Whether a film's file is all there, by the lengths that its parts state.

Decoders take the end of a file for the end of the film: that the last frames are missing, or the end of the
sound, nothing else tells. MPEG streams and Ogg state no such lengths, and recordings that were never finished
none of the whole: of these no more is known than whether their last part ends: in transport streams a packet,
in Ogg a page.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from toonify.media.boxes import walk_boxes

_MOST_PARTS = 2**20  # as many as an unfinished recording of three hours has
_FURTHEST = 2**62  # bytes, more than files have and any that can be sought
_USED = frozenset({b"moov", b"moof", b"mdat"})
_SEGMENT, _CLUSTER = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
_MXF_KEY = b"\x06\x0e\x2b\x34"
_FILE_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_HEADER = 4096  # bytes in which these are found
_PAGE = 27 + 255 + 255 * 255  # bytes of an Ogg page, at most
_BEGINNING = 2 * 192 + 5  # bytes, by which transport streams are known


_Ends = Iterator[int]
"""Where each part of a file ends; 0 where it does not say, or may be missing."""


def lacks_index(path: Path) -> bool:
    """Whether a file is an MP4 or MOV without the box `moov`, which cameras and many programs write last."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        kinds = {kind for kind, _ in walk_boxes(file)}
        return b"ftyp" in kinds and b"moov" not in kinds
    return False


def missing_bytes(path: Path) -> int:
    """How many bytes a film's file lacks at its end; 0 for none, and where nothing says how many it has.

    Raises:
        OSError: if it cannot be read.
    """
    with open(path, "rb") as file:
        begin = file.read(_BEGINNING)
        length = file.seek(0, 2)
        file.seek(0)
        parts = next((parts for beginning, parts in _PARTS if beginning.match(begin)), None)
        ends = islice(parts(file), _MOST_PARTS) if parts else ()
        return next((end - length for end in ends if end > length), 0)


def _boxes(file: BinaryIO) -> _Ends:
    """The boxes at the top of an MP4 or MOV."""
    for kind, place in walk_boxes(file, most=_MOST_PARTS):
        yield place.stop if kind in _USED else 0


def _elements(file: BinaryIO) -> _Ends:
    """Those of Matroska and WebM (RFC 8794); of segments and clusters without a length those within."""
    place = 0
    while header := file.read(12):
        name = _width(header[0])
        size = _width(header[name]) if name < len(header) else 0
        if not (1 <= name <= 4 and 1 <= size <= 8) or len(header) < name + size:
            return
        unknown = (1 << 7 * size) - 1
        length = int.from_bytes(header[name : name + size], "big") & unknown
        place += name + size
        if length != unknown:
            place += length
            yield place
            if header[:name] == _SEGMENT:  # what comes after it is no part of the film
                return
        elif header[:name] not in (_SEGMENT, _CLUSTER):
            return
        file.seek(place)


def _width(first: int) -> int:
    """Bytes of a number, by its first one: the zeros that begin that, and one more."""
    return 9 - first.bit_length()


def _chunks(file: BinaryIO) -> _Ends:
    """Those of an AVI (OpenDML 1.02), of which its lists matter, and an index may be missing."""
    place = 0
    while len(header := file.read(8)) == 8:
        kind, length = header[:4], int.from_bytes(header[4:], "little")
        if not length:  # of a recording that was not finished
            return
        place += 8
        end = place + length
        place += 4 if kind == b"RIFF" else length + length % 2  # large files have several, one after another
        yield end if kind == b"LIST" else 0
        file.seek(place)


def _file_properties(file: BinaryIO) -> _Ends:
    """What an ASF or WMV says of itself (ASF specification, section 3.2), unless it is a broadcast."""
    header = file.read(_HEADER)
    place = header.find(_FILE_PROPERTIES)
    told = header[place : place + 92]
    if place >= 0 and len(told) == 92 and not told[88] & 1:
        yield int.from_bytes(told[40:48], "little")


def _tags(file: BinaryIO) -> _Ends:
    """Those of an FLV (specification 10.1, annex E): a header of 11 bytes, the data, how long both were.

    Of the last of them some programs do not write that.
    """
    place = int.from_bytes(file.read(9)[5:], "big") + 4
    file.seek(place)
    while len(header := file.read(11)) == 11 and header[0] & 0x1F in (8, 9, 18):  # sound, picture, script
        place += 11 + int.from_bytes(header[1:4], "big") + 4
        yield place - 4
        file.seek(place)


def _triplets(file: BinaryIO) -> _Ends:
    """Those of an MXF (SMPTE 377M): a key of 16 bytes, a length by the BER of ASN.1, the data."""
    place = 0
    while len(header := file.read(25)) > 16 and header.startswith(_MXF_KEY):
        first = header[16]
        more = first & 0x7F if first & 0x80 else 0
        length = int.from_bytes(header[17 : 17 + more], "big") if more else first
        place += 17 + more + length
        if more > 8 or place > _FURTHEST:  # damaged
            return
        yield place
        file.seek(place)


def _packets(file: BinaryIO, size: int) -> _Ends:
    """The last one of a transport stream (ISO/IEC 13818-1), in which all are of one size."""
    length = os.fstat(file.fileno()).st_size
    yield -(-length // size) * size


def _last_page(file: BinaryIO) -> _Ends:
    """That of an Ogg (RFC 3533, section 6): a header of 27 bytes, lengths of segments, the segments."""
    ahead = max(0, os.fstat(file.fileno()).st_size - _PAGE)
    file.seek(ahead)
    data = file.read()
    place = data.rfind(b"OggS")
    if place >= 0:
        header, lengths = data[place : place + 27], data[place + 27 :]
        count = header[26] if len(header) == 27 else 0
        yield ahead + place + 27 + count + sum(lengths[:count])


_PARTS: tuple[tuple[re.Pattern[bytes], Callable[[BinaryIO], _Ends]], ...] = (
    (re.compile(rb"....(ftyp|styp|moov|mdat|wide|skip|free)", re.DOTALL), _boxes),
    (re.compile(rb"\x1aE\xdf\xa3"), _elements),
    (re.compile(rb"RIFF....AVI ", re.DOTALL), _chunks),
    (re.compile(rb"FLV\x01"), _tags),
    (re.compile(re.escape(_MXF_KEY)), _triplets),
    (re.compile(rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), _file_properties),
    (re.compile(rb"G.{187}G.{187}G", re.DOTALL), functools.partial(_packets, size=188)),
    (re.compile(rb"OggS"), _last_page),
    (re.compile(rb".{4}G.{191}G.{191}G", re.DOTALL), functools.partial(_packets, size=192)),  # of cameras
)
"""What lists the parts of a file, by how it begins."""
