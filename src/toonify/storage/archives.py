"""Zip files of a few known members, from anyone: nothing is unpacked before it is known to fit.

Written plainly: stored, in order, without times, so that the same members give the same bytes. Read from
memory: no member's name ever becomes a path.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from toonify.storage.arrays import Damaged, need_regular_file, telling_damage
from toonify.text import visible

# PKWARE's APPNOTE.TXT 6.3: a file's header (4.3.7), the end of the central directory (4.3.16), and where
# the larger end of Zip64 is (4.3.15), which archives of this size have no use for.
_START, _END, _END_64 = b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x07"
_HEADER, _LOCATOR = 30, 20  # bytes
_END_FIELDS = struct.Struct("<4s4H2LH")
_COMMENT = 2**16  # bytes, at most

DIRECTORY_BYTES = 16 * 1024
"""The most that is read of an archive's table of contents: one of four files has three hundred bytes."""
ENCRYPTED = 0x0041
"""Bits 0 and 6 of a member's flags (APPNOTE.TXT, 4.4.4)."""
RATIO, SMALL = 100, 2**20
"""What holds more than `SMALL` bytes and `RATIO` times what it takes up in the archive is made to do harm."""


@dataclass(frozen=True)
class StoredFile:
    """A file in an open archive.

    Attributes:
        size: Bytes, by the table of contents.
    """

    size: int
    _archive: zipfile.ZipFile
    _entry: zipfile.ZipInfo

    def read(self) -> bytes:
        """Unpack it: as many bytes as the table of contents says, and not one more.

        Raises:
            ValueError: if there are fewer.
            zipfile.BadZipFile: if they are not those of its checksum.
        """
        with self._archive.open(self._entry) as file:
            data = file.read(self.size + 1)
        if len(data) != self.size:
            raise ValueError(f"{self._entry.filename} is not as long as the table of contents says")
        return data


def pack_files(members: Mapping[str, bytes]) -> bytes:
    """The archive of some files by name: the same bytes on every machine, at any time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)  # of 1980-01-01, where zip's time begins
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, data)
    return packed.getvalue()


@contextlib.contextmanager
def open_files(path: Path, limits: Mapping[str, int]) -> Iterator[Mapping[str, StoredFile]]:
    """The files of an archive by name, each to be read while it is open.

    Args:
        path: The archive.
        limits: The names that it may hold, and how many bytes each may have.

    Raises:
        Unreadable: if the system does not give the file; `Damaged` if it is no such archive, or holds
            what it should not, as it, or what is done with it inside, shows.
    """
    with telling_damage(path):
        need_regular_file(path)
        with open(path, "rb") as file:
            _check_ends(file, path, len(limits))
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                complaint = _complaint(entries, limits)
                if complaint:
                    hint = f"It may hold {', '.join(limits)}, and nothing else."
                    raise Damaged(f"{path} is refused: it {complaint}", hint)
                yield {entry.filename: StoredFile(entry.file_size, archive, entry) for entry in entries}


def _check_ends(file: IO[bytes], path: Path, most: int) -> None:
    """Whether it begins and ends as an archive: before its table of contents, of any length, is read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    begins = file.read(len(_START)) == _START
    file.seek(max(0, size - _END_FIELDS.size - _LOCATOR - _COMMENT))
    tail = file.read()
    file.seek(0)
    end = tail[-_END_FIELDS.size :]
    if not begins:
        raise Damaged(f"{path} is damaged: it does not begin as a zip file does")
    if end[: len(_END)] != _END or end[-2:] != b"\0\0":
        ended = _END in tail[: -_END_FIELDS.size]
        reason = "something follows its end" if ended else "its end is missing: it was cut short"
        raise Damaged(f"{path} is damaged: {reason}", "Get the file again.")
    count, directory = _END_FIELDS.unpack(end)[4:6]
    larger = tail[-_END_FIELDS.size - _LOCATOR :].startswith(_END_64)
    if larger or count > most or directory > DIRECTORY_BYTES:
        raise Damaged(f"{path} is refused: its table of contents is of more than {most} files")


def _complaint(entries: list[zipfile.ZipInfo], limits: Mapping[str, int]) -> str:
    seen: set[str] = set()
    end = 0  # of the file before, so that no two share their bytes and nothing stands before the first
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        name = entry.orig_filename
        complaint = _name_complaint(name, limits) or _entry_complaint(entry, limits[name])
        if complaint:
            return complaint
        if name in seen:
            return f"holds {name} twice"
        if entry.header_offset < end or (not seen and entry.header_offset):
            return f"does not keep {name} where it should be"
        seen.add(name)
        end = entry.header_offset + _HEADER + entry.compress_size
    return ""


def _name_complaint(name: str, limits: Mapping[str, int]) -> str:
    if name in limits:
        return ""
    shown = visible(name[:60])
    if "/" in name or "\\" in name or ":" in name:
        return f"holds '{shown}', a path: its files may lie in no folder"
    right = {allowed.lower(): allowed for allowed in limits}.get(name.lower())
    return f"holds '{shown}', which should be called {right}" if right else f"holds '{shown}'"


def _entry_complaint(entry: zipfile.ZipInfo, limit: int) -> str:
    """What is wrong with a member, by the table of contents alone."""
    name, size, packed = entry.filename, entry.file_size, entry.compress_size
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        return f"holds {name} as a link or a device, not as a file"
    if entry.flag_bits & ENCRYPTED:
        return f"holds {name} encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"holds {name} compressed by method {entry.compress_type}, neither stored nor deflated"
    if size > limit:
        return f"holds {name} with {size / 2**20:,.0f} MB, more than the {limit / 2**20:,.0f} MB it may have"
    if size > SMALL and size > RATIO * packed:
        return f"holds {name} with {size:,} bytes made of {packed:,}, as nothing real is"
    return ""
