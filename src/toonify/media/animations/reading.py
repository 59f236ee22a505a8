"""Reading animations: each frame as a viewer shows it, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from PIL import Image, PngImagePlugin

from toonify.errors import ToonifyError
from toonify.media.colour_space import ColourSpace
from toonify.media.colours import as_rgb
from toonify.media.integrity import check_whole
from toonify.media.opening import opened
from toonify.media.reading import bits_lost
from toonify.media.sources import Source

_FORMATS = frozenset({"GIF", "PNG", "WEBP"})
_SHORTEST_UNIT = 65_535  # of a second, as APNG counts


@dataclass(frozen=True)
class AnimationFrame:
    """A frame as a viewer shows it.

    Attributes:
        image: The whole canvas, RGB or RGBA.
        seconds: How long it is shown; 0 is left to the viewer.
    """

    image: Image.Image
    seconds: Fraction


@dataclass(frozen=True)
class Animation:
    """An animation, as its file describes it.

    Attributes:
        source: The file, or all of its bytes.
        size: Width and height.
        plays: How often it is shown; 0 for ever.
        transparent: Whether it may be transparent anywhere.
        space: Which colours its numbers stand for.
        icc_profile: The profile that its frames are in once they are RGB; `None` for sRGB.
        notes: What is lost in reading it.
    """

    source: Source
    size: tuple[int, int]
    plays: int
    transparent: bool
    space: ColourSpace
    icc_profile: bytes | None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: Source) -> Animation:
        """Read the description from a file.

        Raises:
            ToonifyError: if it is no picture that can be read, or its data is known to be damaged.
        """
        with opened(source) as image:
            check_whole(image, source, every_frame=True)
            space = ColourSpace.of(image, source)
            notes = space.notes or bits_lost(image)  # as of still pictures: tone mapping takes more than bits
            _, profile = as_rgb(image.crop((0, 0, 1, 1)), space.profile)
            transparent = image.format == "GIF" or image.has_transparency_data
            return cls(source, image.size, _plays(image), transparent, space, profile, tuple(notes))

    def frames(self) -> Iterator[AnimationFrame]:
        """The frames in order, without APNG's default image, which viewers never show.

        Raises:
            ToonifyError: if one is damaged.
        """
        mode = "RGBA" if self.transparent else "RGB"
        with opened(self.source) as image:
            number = 1 if image.info.get("default_image") else 0
            canvas = _Canvas(image.size) if isinstance(image, PngImagePlugin.PngImageFile) else None
            while _seek(image, number):
                if canvas:
                    image.blend_op = PngImagePlugin.Blend.OP_SOURCE  # type: ignore[attr-defined]
                image.load()
                rgb, _ = as_rgb(image, self.space.profile)
                picture = self.space.in_usual_range(rgb.copy() if rgb is image else rgb)
                if canvas:
                    picture = canvas.with_frame(picture, image.info)
                if picture.size != self.size:  # for one that reaches out of a GIF, Pillow enlarges it
                    picture = picture.crop((0, 0, *self.size))
                picture.info = {}
                milliseconds = Fraction(image.info.get("duration", 0))
                yield AnimationFrame(
                    picture.convert(mode) if picture.mode != mode else picture,
                    (milliseconds / 1000).limit_denominator(_SHORTEST_UNIT),
                )
                number += 1


class _Canvas:
    """What the frames of an APNG add up to, by the third edition of the PNG specification, section 11.3.6.2.

    Pillow lays what is translucent over what is there as if that were opaque, so soft edges become dark.

    Args:
        size: Width and height.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._next = Image.new("RGBA", size)

    def with_frame(self, picture: Image.Image, told: Mapping[Any, Any]) -> Image.Image:
        """The canvas with a frame, RGBA.

        Args:
            picture: As Pillow decodes it where it is to replace what is there.
            told: What Pillow tells of it.
        """
        box = told.get("bbox") or (0, 0, *picture.size)
        disposal = told.get("disposal")
        canvas, before = self._next.copy(), self._next
        piece = picture.crop(box).convert("RGBA")
        if told.get("blend") == PngImagePlugin.Blend.OP_OVER:
            canvas.alpha_composite(piece, box[:2])
        else:
            canvas.paste(piece, box)
        self._next = canvas
        if disposal == PngImagePlugin.Disposal.OP_PREVIOUS:
            self._next = before
        elif disposal == PngImagePlugin.Disposal.OP_BACKGROUND:
            self._next = canvas.copy()
            self._next.paste((0, 0, 0, 0), box)
        return canvas.copy()  # to be painted in


def is_animation(source: Source) -> bool:
    """Whether a file holds several frames that a viewer shows one after another, or one that it shows
    instead of an APNG's default image.
    """
    try:
        with opened(source) as image:  # Pillow counts the default image with the frames
            return image.format in _FORMATS and getattr(image, "is_animated", False)
    except ToonifyError:  # whoever reads it says what is wrong
        return False


def _seek(image: Image.Image, number: int) -> bool:
    try:
        image.seek(number)
    except EOFError:
        return False
    return True


def _plays(image: Image.Image) -> int:
    """How often it is shown. GIF stores repetitions, and nothing if there are none."""
    if image.format != "GIF":
        return int(image.info.get("loop", 0))
    loop = image.info.get("loop")
    return 1 if loop is None else loop + 1 if loop else 0
