"""A picture in memory, and all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image

from toonify.media.deep import DeepImage, WholeImage
from toonify.media.large import LargeImage
from toonify.media.metadata import Strip, without_location

if TYPE_CHECKING:
    from numpy.typing import NDArray

AnyImage = WholeImage | LargeImage
"""A picture in memory, or one of which memory holds no more than a smaller copy."""


def paste_pixels(image: WholeImage, pixels: NDArray[Any], corner: tuple[int, int]) -> None:
    """Put pixels over a picture.

    Args:
        image: RGB or RGBA.
        pixels: With as many channels, and bits a channel, (H, W, C).
        corner: Where their upper left one goes, from the left and from the top.
    """
    if isinstance(image, DeepImage):
        image.paste(DeepImage(pixels), corner)
    else:
        image.paste(Image.fromarray(pixels), corner)


@dataclass
class Picture:
    """A decoded picture, upright.

    Attributes:
        image: Mode RGB or RGBA, 8 bits a channel, or 16 where asked for; belongs to this picture alone.
        icc_profile: The profile its RGB numbers are in; `None` for sRGB.
        exif: What the camera wrote, without orientation and thumbnail; empty for none.
        format: Pillow's name of the file's format.
        notes: What was lost in reading (further frames, bits), for the report.
        xmp: What other programs wrote, likewise.
        density: Dots an inch, across and down; `None` where that is not known.
        jpeg_quality: That it was written with, if it was a JPEG; otherwise 0.
        colours_halved: Whether it was one with a colour for each four pixels (4:2:0).
        made_by: To be written into its file: the program that made it, and how; ASCII.
    """

    image: AnyImage
    icc_profile: bytes | None = None
    exif: bytes = b""
    format: str = "PNG"
    notes: list[str] = field(default_factory=list)
    xmp: bytes = b""
    density: tuple[float, float] | None = None
    jpeg_quality: int = 0
    colours_halved: bool = False
    made_by: str = ""

    @property
    def may_tell_place(self) -> bool:
        """Whether something would be left out that may tell where the photograph was taken."""
        return without_location(self.exif, self.xmp) != (self.exif, self.xmp)

    def strip(self, what: Strip) -> None:
        """Leave out where the photograph was taken, or all that is written about it."""
        if what == "location":
            self.exif, self.xmp = without_location(self.exif, self.xmp)
        elif what == "metadata":
            self.exif, self.xmp, self.density = b"", b"", None
