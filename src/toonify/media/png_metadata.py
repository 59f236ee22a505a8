"""What stands around the pixels of a PNG, read so that damage to it costs no more than itself.

Pillow refuses the whole picture for a text or a profile that is too long, and for whatever else is wrong.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, PngImagePlugin

LARGEST_PROFILE = 2**24
"""Bytes of a colour profile: about as many as a JPEG can hold."""

_TEXTS = dict.fromkeys((b"tEXt", b"zTXt", b"iTXt"), "text")
_CALLED = {**_TEXTS, b"iCCP": "colour profile", b"eXIf": "EXIF data"}
_SHOWN = frozenset({b"tRNS", b"acTL", b"fcTL", b"fdAT"})
"""What is no less part of the picture than its pixels, though a viewer need not know it."""

_LEFT_OUT = "\0left out"  # in `Image.info`; the name of no text, which ends before a zero


def left_out(image: Image.Image) -> list[str]:
    """Notes on what of a picture's file was not read; complete once it is loaded."""
    return list(dict.fromkeys(image.info.get(_LEFT_OUT, ())))


@contextmanager
def forgiving() -> Iterator[None]:
    """Let Pillow leave out what is damaged around the pixels of a PNG; for one thread at a time."""
    strict = PngImagePlugin.PngStream
    PngImagePlugin.PngStream = _Forgiving  # type: ignore[misc]
    try:
        yield
    finally:
        PngImagePlugin.PngStream = strict  # type: ignore[misc]


class _Damaged(ValueError):
    """A chunk cannot be used."""


class _Forgiving(PngImagePlugin.PngStream):
    """As Pillow's, but without what is damaged, or too long, around the pixels."""

    def call(self, cid: bytes, pos: int, length: int) -> bytes:
        assert self.fp is not None
        if _is_shown(cid):
            return super().call(cid, pos, length)
        data, checksum = self.fp.read(length), self.fp.read(4)
        if len(checksum) < 4:
            raise OSError(f"it ends within the chunk {cid.decode('ascii')}")
        self.fp.seek(pos)
        try:
            if zlib.crc32(cid + data) != int.from_bytes(checksum, "big"):
                raise _Damaged
            return super().call(cid, pos, length)
        except (ValueError, SyntaxError, IndexError) as error:
            self.im_info.setdefault(_LEFT_OUT, []).append(_note(cid, error))
            self.fp.seek(pos + length)
            return data

    def crc(self, cid: bytes, data: bytes) -> None:
        if _is_shown(cid):
            super().crc(cid, data)
        else:
            self.crc_skip(cid, data)  # it was looked at before

    def chunk_iCCP(self, pos: int, length: int) -> bytes:
        """By section 11.3.2.3 (third edition): a name, a zero, the method 0, and the packed profile."""
        assert self.fp is not None
        data = self.fp.read(length)
        packed, inflating = data.partition(b"\0")[2], zlib.decompressobj()
        if packed[:1] != b"\0":
            raise _Damaged
        try:
            profile = inflating.decompress(packed[1:], LARGEST_PROFILE)
        except zlib.error as error:
            raise _Damaged from error
        if not inflating.eof:
            raise ValueError("MAX_TEXT") if len(profile) == LARGEST_PROFILE else _Damaged
        self.im_info["icc_profile"] = profile
        return data


def _is_shown(kind: bytes) -> bool:
    """Whether a chunk is needed to show the picture: those with a capital are (section 5.4)."""
    return kind[:1].isupper() or kind in _SHOWN


def _note(kind: bytes, error: Exception) -> str:
    called = _CALLED.get(kind) or f"chunk {kind.decode('ascii')}"
    return f"{called} left out, too long" if "MAX_TEXT" in str(error) else f"damaged {called} left out"
