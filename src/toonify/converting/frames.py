"""The frames of a film, drawn in several threads and handed on in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from PIL import Image

from toonify.converting.detail import composite, reduce
from toonify.converting.film_faces import (
    AROUND,
    CloseUp,
    draw_close_ups,
    faces_of,
    laid_over,
    steady_faces,
)
from toonify.converting.picture import Conversion
from toonify.converting.steadying import DrawnFrame, reduced, steadied, surroundings
from toonify.faces import Face
from toonify.media import FilmFrame, Redrawing
from toonify.runners import Attempt, Runner

if TYPE_CHECKING:
    import av

    from toonify.converting.converter import Converter

_IN_FLIGHT = 2
"""Frames for each thread: one is drawn, one waits for it, or to be encoded."""

Job = TypeVar("Job")
Result = TypeVar("Result")
Around = tuple["_Drawn | None", ...]


@dataclass(frozen=True)
class Drawing:
    """What the threads share that draw the frames of a film.

    Attributes:
        conversion: How.
        film: Which is to be drawn anew.
    """

    conversion: Conversion
    film: Redrawing

    @property
    def converter(self) -> Converter:
        """The style; contact sheets of several are made of pictures alone."""
        return cast("Converter", self.conversion.converter)

    @property
    def close_up(self) -> int:
        """The width in pixels at which small faces are drawn once more; 0 if they are not."""
        return self.converter.close_up_in(self.film.size)


@dataclass(frozen=True)
class _Drawn:
    """A drawn frame that waits for its neighbours; with its photograph, if that is to be mixed in."""

    frame: FilmFrame
    photo: Image.Image | None
    drawn: DrawnFrame
    faces: list[Face]
    close_ups: list[CloseUp]


def coded_frames(drawing: Drawing, runner: Runner, workers: int) -> Iterator[av.VideoFrame]:
    """For each frame that is not finished, in their order, what is to be encoded in its place.

    Args:
        drawing: What, and how.
        runner: Whose threads share `drawing`.
        workers: How many these are.
    """
    stages: list[tuple[Callable[[Drawing, Around], _Drawn], int]] = []
    if drawing.close_up:
        stages.append((_look_closer, AROUND))
    if drawing.conversion.steady:
        stages.append((_steady, 1))
    begin = drawing.film.finished
    again = min(begin, sum(reach for _, reach in stages))  # what the first that is not finished hangs on
    frames = drawing.film.frames(begin - again)
    drawn = _results(runner.run(frames, _draw, in_flight=_IN_FLIGHT * workers))
    for work, reach in stages:
        drawn = _results(runner.run(surroundings(drawn, reach), work, in_flight=workers))
    yield from _results(runner.run(islice(drawn, again, None), _coded, in_flight=workers))


def _results(done: Iterable[tuple[Job, Attempt[Result]]]) -> Iterator[Result]:
    for _, attempt in done:
        yield attempt.get()


def _draw(drawing: Drawing, frame: FilmFrame) -> _Drawn:
    converter = drawing.converter
    size = converter.drawing_size(frame.size)
    photo = frame.picture() if drawing.conversion.request.strength < 1 else None
    seen = np.asarray(reduce(photo, size)) if photo else frame.shown(size)
    faces = faces_of(seen) if drawing.close_up else []
    return _Drawn(frame, photo, DrawnFrame(reduced(seen), converter.draw(seen)), faces, [])


def _look_closer(drawing: Drawing, around: Around) -> _Drawn:
    this = _middle(around)
    height, width = this.drawn.drawing.shape[:2]
    seen = [  # a film may change its size on the way
        other.faces if other and other.drawn.drawing.shape == this.drawn.drawing.shape else None
        for other in around
    ]
    faces = steady_faces(seen, drawing.close_up)
    if not faces:
        return this
    photo = this.photo or this.frame.picture()
    close_ups = draw_close_ups(photo, faces, (width, height), drawing.close_up, drawing.converter.draw)
    return replace(this, close_ups=close_ups)


def _steady(_: Drawing, around: Around) -> _Drawn:
    this = _middle(around)
    others = [other for other in around if other and other is not this]
    steady = DrawnFrame(this.drawn.photo, steadied(this.drawn, [other.drawn for other in others]))
    beside = [close_up for other in others for close_up in other.close_ups]
    return replace(this, drawn=steady, close_ups=[each.steadied(beside) for each in this.close_ups])


def _middle(around: Around) -> _Drawn:
    return cast("_Drawn", around[len(around) // 2])


def _coded(drawing: Drawing, this: _Drawn) -> av.VideoFrame:
    picture = laid_over(this.drawn.drawing, this.close_ups)
    if this.photo:
        composite(this.photo, Image.fromarray(picture), drawing.conversion.request.strength)
        picture = np.asarray(this.photo)
    return drawing.film.coded(this.frame, picture)
