"""How a picture is read, settled by its header: how many bits, and how many pixels, are needed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toonify.converting.converter import Converter
from toonify.errors import ToonifyError
from toonify.media import (
    HOLDS_DEEP,
    WRITTEN_IN_BANDS,
    Picture,
    Source,
    check_fits,
    decoded_memory,
    is_deep,
    picture_size,
    read_picture,
    reading_memory,
)
from toonify.resources import available_memory

if TYPE_CHECKING:
    from toonify.converting.sheet import ContactSheet


@dataclass(frozen=True)
class Reading:
    """How a picture is read.

    Attributes:
        source: The file, or its bytes.
        size: Width and height, as stored.
        deep: Whether with 16 bits a channel.
        enough: A size that serves as well as its own; `None` where each pixel counts.
        decoding: Bytes that reading it takes, about.
        memory: The same with drawing.
    """

    source: Source
    size: tuple[int, int]
    deep: bool
    enough: tuple[int, int] | None
    decoding: int
    memory: int

    @classmethod
    def of(
        cls,
        source: Source,
        file_format: str,
        converter: Converter | ContactSheet,
        strength: float,
        *,
        compared: bool = False,
    ) -> Reading:
        """For a picture that is drawn and written in a format; maybe beside it, too, to be compared.

        Raises:
            ToonifyError: if it is none, as far as its header tells, or the format cannot hold it.
        """
        size = picture_size(source)
        check_fits(size, file_format)
        deep = file_format in HOLDS_DEEP and is_deep(source)
        in_bands = file_format in WRITTEN_IN_BANDS
        enough = converter.enough(size, strength, compared=compared) if in_bands else None
        decoding = reading_memory(source, deep=deep, enough=enough)
        memory = converter.memory_needed(size, decoding=decoding)
        return cls(source, size, deep, enough, decoding, memory)

    def read(self) -> Picture:
        """The picture.

        Raises:
            ToonifyError: as `read_picture`; with the estimate, if it cannot be held in this memory: a file of
                some kilobytes may promise gigabytes.
        """
        free = available_memory()
        if self.decoding > free and (needed := min(self.decoding, decoded_memory(self.source))) > free:
            raise ToonifyError(
                f"too large for the memory: its pixels take {needed / 1e9:.1f} GB, "
                f"and {free / 1e9:.1f} GB are free"
            )
        return read_picture(self.source, deep=self.deep, enough=self.enough)
