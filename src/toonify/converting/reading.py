"""How a picture is read, decided by its header: in how many bits, and at what size."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from toonify.converting.comparison import LONGEST
from toonify.converting.converter import Converter
from toonify.converting.detail import smaller
from toonify.converting.made_with import MadeWith
from toonify.errors import ToonifyError
from toonify.media import (
    HOLDS_DEEP,
    WRITTEN_IN_BANDS,
    Picture,
    Source,
    Strip,
    check_fits,
    is_deep,
    least_memory,
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
        paintable: Whether it is drawn small enough for a painter.
    """

    source: Source
    size: tuple[int, int]
    deep: bool
    enough: tuple[int, int] | None
    decoding: int
    memory: int
    paintable: bool

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
        """For a picture that is to be drawn.

        Args:
            source: The file, or its bytes.
            file_format: To write the cartoon in, by Pillow's name.
            converter: What draws it.
            strength: How much of the cartoon is mixed in, 0 to 1.
            compared: Whether the photograph is to be seen beside the cartoon, too.

        Raises:
            ToonifyError: if it is none, as far as its header tells, or the format cannot hold it.
        """
        size = picture_size(source)
        check_fits(size, file_format)
        deep = file_format in HOLDS_DEEP and is_deep(source)
        serves = converter.enough(size, strength) if file_format in WRITTEN_IN_BANDS else None
        if serves and compared:
            seen = smaller(size, LONGEST / max(size))
            serves = max(serves, seen) if seen else None
        decoding = reading_memory(source, deep=deep, enough=serves)
        memory = converter.memory_needed(size, decoding=decoding)
        return cls(source, size, deep, serves, decoding, memory, converter.is_paintable(size))

    def read(self, made_with: MadeWith, strip: Strip) -> Picture:
        """The picture, as it is to be written: it says how it was made, and nothing that is to be left out.

        Args:
            made_with: How the cartoon is made.
            strip: What is left out.

        Raises:
            ToonifyError: as `read_picture`; with the estimate, if it cannot be held in this memory: a file of
                some kilobytes may promise gigabytes.
        """
        free = available_memory()
        if self.decoding > free and (needed := min(self.decoding, least_memory(self.source))) > free:
            raise ToonifyError(
                f"too large for the memory: its pixels take {needed / 1e9:.1f} GB, "
                f"and {free / 1e9:.1f} GB are free"
            )
        picture = read_picture(self.source, deep=self.deep, enough=self.enough)
        made_with = replace(made_with, painted=self.paintable, place=picture.may_tell_place)
        picture.made_by = made_with.told()
        picture.strip(strip)
        return picture
