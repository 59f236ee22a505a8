"""Reading animations: each frame as a viewer shows it, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from PIL import GifImagePlugin, Image, PngImagePlugin
from PIL.PngImagePlugin import Disposal

from toonify.errors import ToonifyError
from toonify.media.colour_space import ColourSpace
from toonify.media.colours import as_rgb
from toonify.media.header import bits_lost
from toonify.media.integrity import check_whole
from toonify.media.opening import opened
from toonify.media.sources import Source

_FORMATS = frozenset({"GIF", "PNG", "WEBP"})
_DISPOSALS = {2: Disposal.OP_BACKGROUND, 3: Disposal.OP_PREVIOUS}
"""By the numbers of GIF 89a (section 23)."""

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
            canvas = _Canvas(self.size)
            while _seek(image, number):
                laid = _load_alone(image, number)
                rgb, _ = as_rgb(image, self.space.profile)
                picture = self.space.in_usual_range(rgb.copy() if rgb is image else rgb)
                if laid:
                    picture = canvas.with_frame(picture, laid)
                picture.info = {}
                milliseconds = Fraction(image.info.get("duration", 0))
                yield AnimationFrame(
                    picture.convert(mode) if picture.mode != mode else picture,
                    (milliseconds / 1000).limit_denominator(_SHORTEST_UNIT),
                )
                number += 1


class _Laid(NamedTuple):
    """How a frame is laid on the canvas.

    Attributes:
        box: Where.
        over: Whether it is laid over what is there, which it replaces otherwise.
        after: What becomes of it before the next one: it stays, is cleared, or gives way to what was there.
        blank: The canvas where it is cleared, and where nothing has been laid yet; `None` for as before.
    """

    box: tuple[int, int, int, int]
    over: bool
    after: Disposal
    blank: tuple[int, ...] | None = None


def _load_alone(image: Image.Image, number: int) -> _Laid | None:
    """Load a frame without those that Pillow would lay it over; `None` of a WebP, of which that is right."""
    if isinstance(image, PngImagePlugin.PngImageFile):
        image.blend_op = PngImagePlugin.Blend.OP_SOURCE
        image.load()
        told = image.info
        over = told.get("blend") == PngImagePlugin.Blend.OP_OVER
        return _Laid(told.get("bbox") or (0, 0, *image.size), over, told.get("disposal", Disposal.OP_NONE))
    if isinstance(image, GifImagePlugin.GifImageFile):
        if number:
            image.im, image._mode = Image.new("RGBA", image.size).im, "RGBA"
        image.load()
        after, image.disposal_method = image.disposal_method, 0  # which Pillow takes for the next one's, too
        box = image.dispose_extent or (0, 0, *image.size)
        return _Laid(
            box, number > 0, _DISPOSALS.get(after, Disposal.OP_NONE), None if number else _hidden(image)
        )
    image.load()
    return None


def _hidden(image: Image.Image) -> tuple[int, ...]:
    """The transparent colour of the first frame of a GIF, with an alpha of 0."""
    index = image.info.get("transparency")
    colour = (image.getpalette() or [])[3 * index :][:3] if index is not None else ()
    return (*(colour or (0, 0, 0)), 0)


class _Canvas:
    """What the frames of an APNG add up to, by the third edition of the PNG specification, section 11.3.6.2,
    and those of a GIF, as browsers show them.

    Pillow lays what is translucent over what is there as if that were opaque, so soft edges become dark. Of a
    GIF without a transparent colour it shows another one where a frame is cleared, or none has been yet.

    Args:
        size: Width and height.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self._blank: tuple[int, ...] = (0, 0, 0, 0)
        self._next = Image.new("RGBA", size)

    def with_frame(self, picture: Image.Image, laid: _Laid) -> Image.Image:
        """The canvas with a frame, RGBA.

        Args:
            picture: The frame, on a canvas of its own; it may reach out of this one.
            laid: How it is laid on this one.
        """
        if laid.blank is not None:
            self._blank = laid.blank
            self._next.paste(laid.blank, (0, 0, *self._next.size))
        canvas, before = self._next.copy(), self._next
        piece = picture.crop(laid.box).convert("RGBA")
        if laid.over:
            canvas.alpha_composite(piece, laid.box[:2])
        else:
            canvas.paste(piece, laid.box)
        self._next = canvas
        if laid.after == Disposal.OP_PREVIOUS:
            self._next = before
        elif laid.after == Disposal.OP_BACKGROUND:
            self._next = canvas.copy()
            self._next.paste(self._blank, laid.box)
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
