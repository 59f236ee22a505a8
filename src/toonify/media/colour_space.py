"""Which colours a picture's numbers stand for: by a profile, code points (ITU-T H.273) or an exponent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PIL import Image

from toonify.media.bands import row_bands
from toonify.media.deep import DeepImage
from toonify.media.deep.image import MOST
from toonify.media.gamma import Gamma
from toonify.media.icc import profile_of
from toonify.media.nclx import nclx_of
from toonify.media.picture import paste_pixels
from toonify.media.png import walk_chunks
from toonify.media.primaries import BT709, NAMES
from toonify.media.sources import Source, open_source
from toonify.media.tone_mapping import TRANSFERS, in_usual_range, note_of, table

if TYPE_CHECKING:
    from numpy import uint16
    from numpy.typing import NDArray

Pixels = TypeVar("Pixels", Image.Image, DeepImage)

_AT_ONCE = 2**18  # pixels that are computed with, in numbers of 64 bits


@dataclass(frozen=True)
class ColourSpace:
    """Which colours a picture's numbers stand for.

    Attributes:
        profile: Their ICC profile; `None` for sRGB.
        high_range: Transfer and primaries of high dynamic range, by H.273; `None` for the usual one.
        gamma: Exponent and chromaticities, where they are neither of these nor sRGB's.
    """

    profile: bytes | None = None
    high_range: tuple[int, int] | None = None
    gamma: Gamma | None = None

    @classmethod
    def of(cls, image: Image.Image, source: Source | None = None) -> ColourSpace:
        """What a picture says.

        Code points that tell of high dynamic range count, whatever else is said; others count more than a
        profile in PNG (third edition, section 4.3), and less in HEIC and AVIF. An exponent and chromaticities
        count where nothing else is said.

        Args:
            image: As it was opened.
            source: Its file, as far as there is one.

        Raises:
            OSError: if that cannot be read.
        """
        embedded = image.info.get("icc_profile")
        told = _code_points(image, source)
        primaries, transfer = told or (0, 0)
        if transfer in TRANSFERS:
            return cls(None, (transfer, primaries))
        if not (told or embedded or "srgb" in image.info):
            return cls(gamma=Gamma.of(image.info))
        if primaries not in NAMES or (embedded and image.format != "PNG"):
            return cls(embedded)
        return cls(None if primaries == BT709 else profile_of(primaries))

    @property
    def notes(self) -> list[str]:
        """What is lost of it."""
        return [note_of(self.high_range[0])] if self.high_range else []

    def in_usual_range(self, image: Pixels) -> Pixels:
        """A picture of these colours, RGB or RGBA; what has no profile is in sRGB then.

        Args:
            image: What it is made of, which may be painted over.
        """
        if self.gamma:
            return _replaced(image, self.gamma.in_srgb)
        if self.high_range is None:
            return image
        if isinstance(image, DeepImage):
            return _replaced(image, partial(_toned, transfer_and_primaries=self.high_range))
        return image.filter(table(*self.high_range, "sRGB"))


def _replaced(image: Pixels, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Pixels:
    """The image itself with other colours, some rows, (h, W, 3), at a time; its alpha stays."""
    import numpy as np

    for top, bottom in row_bands(image.size, pixels=_AT_ONCE):
        pixels = np.array(image.crop((0, top, image.width, bottom)))
        pixels[..., :3] = change(pixels[..., :3])
        paste_pixels(image, pixels, (0, top))
    return image


def _toned(colours: NDArray[uint16], transfer_and_primaries: tuple[int, int]) -> NDArray[uint16]:
    """Each by itself: with 16 bits there are too many for a table."""
    import numpy as np

    made = in_usual_range(colours.reshape(-1, 3) / MOST, *transfer_and_primaries, "sRGB")
    return np.rint(made * MOST).astype(np.uint16).reshape(colours.shape)


def _code_points(image: Image.Image, source: Source | None) -> tuple[int, int] | None:
    """Primaries and transfer."""
    if source and image.format == "PNG":
        return _cicp(source)
    if source and image.format in ("AVIF", "HEIF") and (told := nclx_of(source)):
        return told
    if told := image.info.get("nclx_profile"):  # by pillow-heif, which also asks the coded pictures
        return told["color_primaries"], told["transfer_characteristics"]
    return None


def _cicp(source: Source) -> tuple[int, int] | None:
    """A PNG's, by a chunk before its pixels (third edition, section 11.3.2.6)."""
    with open_source(source) as file:
        for kind, place in walk_chunks(file):
            if kind == b"IDAT":
                break
            if kind == b"cICP" and len(place) == 4:
                file.seek(place.start)
                told = file.read(2)
                return (told[0], told[1]) if len(told) == 2 else None
    return None
