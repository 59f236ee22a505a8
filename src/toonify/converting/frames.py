"""The frames of a film, drawn in several threads and handed on in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from PIL import Image

from toonify.converting.detail import composite, reduce
from toonify.converting.picture import Conversion
from toonify.converting.steadying import DrawnFrame, neighbours, reduced, steadied
from toonify.media import FilmFrame, Redrawing
from toonify.runners import Outcome, Runner

if TYPE_CHECKING:
    import av

    from toonify.converting.converter import Converter

_IN_FLIGHT = 2
"""Frames for each thread: one is drawn, one waits for it, or to be encoded."""

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Drawing:
    """What the threads share that draw the frames of a film.

    Attributes:
        conversion: How.
        film: Which is to be drawn anew.
        steady: Whether each is mixed with its neighbours, against flicker.
    """

    conversion: Conversion
    film: Redrawing
    steady: bool

    @property
    def converter(self) -> Converter:
        """The style; contact sheets of several are made of pictures alone."""
        return cast("Converter", self.conversion.converter)


@dataclass(frozen=True)
class _Drawn:
    """A drawn frame that waits for its neighbours; with its photograph, if that is to be mixed in."""

    frame: FilmFrame
    photo: Image.Image | None
    drawn: DrawnFrame


def coded_frames(drawing: Drawing, runner: Runner, workers: int) -> Iterator[av.VideoFrame]:
    """For each frame that is not finished, in their order, what is to be encoded in its place.

    Args:
        drawing: What, and how.
        runner: Whose threads share `drawing`.
        workers: How many these are.
    """
    begin, film = drawing.film.finished, drawing.film
    if not drawing.steady:
        yield from _results(runner.run(film.frames(begin), _draw, in_flight=_IN_FLIGHT * workers))
        return
    again = min(begin, 1)  # the neighbour of the first that is to be steadied
    drawn = _results(runner.run(film.frames(begin - again), _draw_alone, in_flight=_IN_FLIGHT * workers))
    three = islice(neighbours(drawn), again, None)
    yield from _results(runner.run(three, _steady, in_flight=workers))


def _results(done: Iterable[tuple[Job, Outcome[Result]]]) -> Iterator[Result]:
    for _, outcome in done:
        yield outcome.get()


def _draw(drawing: Drawing, frame: FilmFrame) -> av.VideoFrame:
    conversion = drawing.conversion
    if conversion.strength == 1:
        size = drawing.converter.drawing_size(frame.size)
        return drawing.film.coded(frame, drawing.converter.draw(frame.shown(size)))
    picture = frame.picture()
    drawing.converter.convert(picture, conversion.strength, moving=True, in_place=True)
    return drawing.film.coded(frame, np.asarray(picture))


def _draw_alone(drawing: Drawing, frame: FilmFrame) -> _Drawn:
    converter = drawing.converter
    size = converter.drawing_size(frame.size)
    photo = frame.picture() if drawing.conversion.strength < 1 else None
    seen = np.asarray(reduce(photo, size)) if photo else frame.shown(size)
    return _Drawn(frame, photo, DrawnFrame(reduced(seen), converter.draw(seen)))


def _steady(drawing: Drawing, three: tuple[_Drawn | None, _Drawn, _Drawn | None]) -> av.VideoFrame:
    before, this, after = three
    steady = steadied(this.drawn, [other.drawn for other in (before, after) if other])
    if this.photo:
        composite(this.photo, Image.fromarray(steady), drawing.conversion.strength)
        steady = np.asarray(this.photo)
    return drawing.film.coded(this.frame, steady)
