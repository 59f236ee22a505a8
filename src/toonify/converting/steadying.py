"""Less flicker between the frames of a film: each is mixed with its neighbours, where these show the same.

A network that sees a little noise, or the same thing half a pixel further, draws other lines: what stands
still seems to boil. Where the photographs of a frame and of the one before or after it agree, their drawings
should, too; so there they are averaged, once the motion between them is undone. What was covered, what comes
into sight, and all that lies on the other side of a cut does not agree, and is left as it is drawn.

A frame hangs on its two neighbours alone, not on all that came before: so frames can be steadied side by
side, nothing is smeared for long, and a film that goes on after a kill equals one that was never stopped.

Motion is found by dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search",
2016), as OpenCV has it, on reduced photographs.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from PIL import Image

from toonify.distributions import needs
from toonify.errors import ToonifyError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Values = NDArray[np.float32]

_SIDE = 240
"""Side of the square with as many pixels as photographs are reduced to; by half at least, against noise."""

_SAME = 3.5  # levels by which reduced photographs differ at most where they show wholly the same
_OTHER = 9.0  # levels by which they differ at least where they show another thing
_SEARCHED = 12  # pixels a side, below which there is no search for motion

_FINER = 3
"""Times as many pixels a side that a drawing has as it is moved: then linear interpolation, which OpenCV does
eight pixels at a time, blurs as little as cubic, which it does one by one. Odd, so that what stands still is
met in the middle of a pixel."""

_MOST_FINER = 2**19  # pixels of a drawing, above which that would take too much memory

Frame = TypeVar("Frame")


@dataclass(frozen=True)
class DrawnFrame:
    """A frame that is drawn.

    Attributes:
        photo: Its photograph, reduced: RGB, (h, w, 3).
        drawing: RGB, (H, W, 3).
    """

    photo: Pixels
    drawing: Pixels

    @functools.cached_property
    def grey(self) -> Pixels:
        """The photograph's luma, (h, w), in which motion is searched."""
        cv2 = load_cv2()
        return cast("Pixels", cv2.cvtColor(self.photo, cv2.COLOR_RGB2GRAY))

    @functools.cached_property
    def mean(self) -> Pixels:
        """The photograph's surroundings of each pixel, (h, w, 3), in which noise cancels out."""
        return cast("Pixels", load_cv2().blur(self.photo, (3, 3)))

    @functools.cached_property
    def finer(self) -> Pixels:
        """The drawing enlarged, to be moved; the drawing itself where it is large."""
        height, width = self.drawing.shape[:2]
        if height * width > _MOST_FINER:
            return self.drawing
        cv2 = load_cv2()
        size = width * _FINER, height * _FINER
        return cast("Pixels", cv2.resize(self.drawing, size, interpolation=cv2.INTER_CUBIC))


def is_steadied(strength: float, wanted: bool | None) -> bool:
    """Whether films are steadied: by default, wherever OpenCV is installed.

    Args:
        strength: Of the drawing.
        wanted: `None` where nothing was said of it.

    Raises:
        ToonifyError: if it is asked for, and OpenCV is not installed.
    """
    if strength == 0 or wanted is False:
        return False
    try:
        load_cv2()
    except ToonifyError:
        if wanted:
            raise
        return False
    return True


@contextlib.contextmanager
def one_thread_each() -> Iterator[None]:
    """Let OpenCV use one thread in each call, while frames are steadied on all cores."""
    cv2 = load_cv2()
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def reduced(photo: Pixels) -> Pixels:
    """A copy of a photograph, RGB, (H, W, 3), small enough for motion search."""
    factor = max(2, round(math.sqrt(photo.shape[0] * photo.shape[1]) / _SIDE))
    return np.asarray(Image.fromarray(photo).reduce(factor))


def surroundings(frames: Iterable[Frame], reach: int) -> Iterator[tuple[Frame | None, ...]]:
    """Each frame amid as many before and after it as `reach` says; `None` where there are none."""
    window: deque[Frame | None] = deque([None] * (2 * reach + 1), 2 * reach + 1)
    for frame in itertools.chain(frames, itertools.repeat(None, reach)):
        window.append(frame)
        if window[reach] is not None:
            yield tuple(window)


def steadied(frame: DrawnFrame, others: Iterable[DrawnFrame]) -> Pixels:
    """A frame's drawing, mixed with those of its neighbours where their photographs agree: (H, W, 3)."""
    cv2 = load_cv2()
    height, width = frame.drawing.shape[:2]
    mixed, taken = frame.drawing, np.ones((height, width), np.float32)
    for other in others:
        if other.photo.shape != frame.photo.shape or other.drawing.shape != frame.drawing.shape:
            continue  # a film may change its size on the way
        motion, same = _match(cv2, frame, other)
        if not same.any():
            continue
        moved = _moved(cv2, other, motion) if motion.any() else other.drawing
        weight = cv2.resize(same, (width, height))
        mixed = cv2.blendLinear(mixed, moved, taken, weight)
        taken += weight
    return mixed


def _match(cv2: Any, frame: DrawnFrame, other: DrawnFrame) -> tuple[Values, Values]:
    """Motion from `frame` to `other`, (h, w, 2), right and down; and how well they agree, 0 to 1, (h, w)."""
    height, width = frame.photo.shape[:2]
    still = _differences(cv2, frame.mean, other.mean)
    motion = np.zeros((height, width, 2), np.float32)
    if min(height, width) < _SEARCHED:
        return motion, _agreement(still)
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    motion = search.calc(frame.grey, other.grey, None)
    there = _taken(cv2, other.mean, cv2.add(motion, _places(width, height)), cv2.INTER_LINEAR)
    moved = _differences(cv2, frame.mean, there)
    stands = cv2.compare(still, moved, cv2.CMP_LE)  # motion must explain more, or it would follow noise
    cv2.copyTo(np.zeros_like(motion), stands, motion)
    return motion, _agreement(cv2.min(still, moved))


def _agreement(differences: Values) -> Values:
    return np.clip((_OTHER - differences) / (_OTHER - _SAME), 0, 1)


def _differences(cv2: Any, one: Pixels, other: Pixels) -> Values:
    """How far two pictures differ around each pixel, in levels, (h, w), in the channel that differs most."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    most = cv2.max(red, cv2.max(green, blue))
    return cv2.blur(cv2.dilate(most, None), (3, 3)).astype("float32")


def _moved(cv2: Any, other: DrawnFrame, motion: Values) -> Pixels:
    """The drawing of `other`, warped by `motion`, (H, W, 3)."""
    height, width = other.drawing.shape[:2]
    finer = other.finer.shape[1] // width
    across, down = finer * width / motion.shape[1], finer * height / motion.shape[0]
    way = cv2.resize(cv2.multiply(motion, (across, down, 0, 0)), (width, height))
    cv2.add(way, _places(width, height, finer), dst=way)
    return _taken(cv2, other.finer, way, cv2.INTER_LINEAR if finer > 1 else cv2.INTER_CUBIC)


def _taken(cv2: Any, picture: Pixels, places: Values, how: int) -> Pixels:
    """A picture sampled at places, (H, W, 2)."""
    # In whole numbers and 32nds, as remap counts anyway.
    ways = cv2.convertMaps(places, None, cv2.CV_16SC2)
    return cast("Pixels", cv2.remap(picture, *ways, how, borderMode=cv2.BORDER_REPLICATE))


@functools.lru_cache(maxsize=4)
def _places(width: int, height: int, finer: int = 1) -> Values:
    """Where each pixel lies, (H, W, 2), in a picture `finer` times as large. Cached: do not write to it."""
    places = np.dstack(np.meshgrid(np.arange(width), np.arange(height)))
    return (places * finer + finer // 2).astype(np.float32)


def load_cv2() -> Any:
    """OpenCV.

    Raises:
        ToonifyError: if it is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise needs("steadying films", "cv2") from error
    return cv2
