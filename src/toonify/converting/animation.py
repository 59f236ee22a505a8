"""The frames of an animation, drawn one after another, with their small faces from closer by, and steady."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from toonify.converting.converter import Converter
from toonify.converting.detail import reduce
from toonify.converting.film_faces import AROUND, faces_of, steady_faces
from toonify.converting.painting import rgb_pixels
from toonify.converting.steadying import surroundings
from toonify.faces import Face
from toonify.media import Animation, AnimationFrame, decoding_memory

_NEAR = 0.25
"""Seconds between two frames up to which their faces may be the same people's: not so in a slide show."""

_PIXEL = 4  # of Pillow's, in bytes


@dataclass(frozen=True)
class _Seen:
    """A frame that waits for its neighbours, when it begins, in seconds, and the faces in its drawing."""

    frame: AnimationFrame
    begin: float
    faces: list[Face]


def drawn_frames(converter: Converter, animation: Animation, strength: float) -> Iterator[AnimationFrame]:
    """Each frame as a cartoon, for as long as it was shown.

    Args:
        converter: What draws.
        animation: Whose frames; whether the memory holds them has been checked.
        strength: How much of the cartoon to mix in, 0 to 1.

    Raises:
        ToonifyError: if a frame is damaged, or cannot be drawn.
    """
    width = converter.close_up_in(animation.size) if strength else 0
    if not width:
        for frame in animation.frames():
            converter.convert(frame.image, strength, faces=(), in_place=True)
            yield frame
        return
    for around in surroundings(_seen(converter, animation), AROUND):
        this = cast("_Seen", around[AROUND])
        near = [each.faces if each and abs(each.begin - this.begin) <= _NEAR else None for each in around]
        converter.convert(this.frame.image, strength, faces=steady_faces(near, width), in_place=True)
        yield this.frame


def _seen(converter: Converter, animation: Animation) -> Iterator[_Seen]:
    begin, size = 0.0, converter.drawing_size(animation.size)
    for frame in animation.frames():
        yield _Seen(frame, begin, faces_of(rgb_pixels(reduce(frame.image, size))))
        begin += float(frame.seconds)


def animation_memory(converter: Converter, size: tuple[int, int]) -> int:
    """Bytes that drawing an animation of this size (width, height) needs, about, however long it is."""
    waiting = 2 * AROUND * _PIXEL * size[0] * size[1] if converter.close_up_in(size) else 0
    return converter.memory_needed(size, decoding=decoding_memory(size) + waiting)
