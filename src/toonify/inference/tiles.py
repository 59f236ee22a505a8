"""How a picture too large for the network is cut into windows whose results fit together.

A style with a `halo` computes each pixel from those at most `halo` away, on a grid of `multiple`
pixels. A window of the picture therefore gives the same values as the whole picture would, except
near sides where the window ends and the picture does not. Windows overlap by twice the halo, and
only what is far enough from such sides is kept. All windows along an axis are equally long: the
last one is shifted back rather than cut, because a runtime keeps memory for every shape it meets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from toonify.inference.padding import Number, padded_side, round_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = 1_500_000
"""Pictures of up to this many pixels are converted in one piece."""

WINDOW = 1280
"""The longest side of a window that need not be longer for the sake of its halos."""

HALOS = range(4, 9)
"""How many halos long a window may be, two of which are computed anew by the next: the more, the less is
computed twice, and the more memory it takes. Of 4 a quarter of the window is kept, of 8 nine sixteenths."""

CHUNK = 4096
"""Columns that are copied at once: no second copy of a very wide picture."""


@dataclass(frozen=True)
class Span:
    """A window along one axis, in pixels: what the network sees, and what of its result is kept."""

    start: int
    stop: int
    keep_start: int
    keep_stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def kept(self) -> slice:
        """What is kept, counted from the start of the window."""
        return slice(self.keep_start - self.start, self.keep_stop - self.start)


def windows(
    size: tuple[int, int], halo: int | None, multiple: int, halos: int = HALOS.start
) -> tuple[list[Span], list[Span]]:
    """The windows of a picture by row and by column; they reach beyond it where it must be padded.

    Args:
        size: Its width and height.
        halo: As the style's card says; `None` for the whole picture.
        multiple: Likewise.
        halos: How many of them a window may be long, one of `HALOS`.
    """
    width, height = (padded_side(side, multiple) for side in size)
    longest = longest_window(width, height, halo, halos)
    return spans(height, halo or 0, multiple, longest), spans(width, halo or 0, multiple, longest)


def spans(length: int, halo: int, multiple: int, longest: int) -> list[Span]:
    """Cover an axis with equally long windows.

    Args:
        length: Of the axis, a multiple of `multiple`.
        halo: Pixels on each side of a window that are not kept, except at the ends of the axis.
        multiple: Windows start and end on this grid.
        longest: How long a window may be, as far as the halo allows.
    """
    if length <= longest:
        return [Span(0, length, 0, length)]
    halo = round_up(halo, multiple)
    most = max((longest - 2 * halo) // multiple, 1) * multiple
    count = -(-(length - 2 * halo) // most)
    core = round_up(-(-(length - 2 * halo) // count), multiple)
    window = core + 2 * halo
    cover, kept = [], 0
    for number in range(count):
        start = min(number * core, length - window)
        stop = start + window
        keep_stop = length if stop == length else stop - halo
        cover.append(Span(start, stop, kept, keep_stop))
        kept = keep_stop
    return cover


def in_one_piece(width: int, height: int, halo: int | None) -> bool:
    """Whether a picture of this size is one window."""
    return halo is None or width * height <= WHOLE


def longest_window(width: int, height: int, halo: int | None, halos: int = HALOS.start) -> int:
    """How long a side of a window may be for a picture of this size."""
    return max(width, height) if in_one_piece(width, height, halo) else window_side(halo, halos)


def window_side(halo: int | None, halos: int) -> int:
    """How long a side of a window may be that is to be so many halos long."""
    return max(WINDOW, halos * (halo or 0))


def bands(
    read: Callable[[tuple[int, int, int, int]], NDArray[Number]],
    size: tuple[int, int],
    channels: int,
    rows: list[Span],
    kind: type[Number],
) -> Iterator[NDArray[Number]]:
    """The original pixels of each row of windows, (H, W, channels), down to the end of the picture.

    The picture may be drawn over as far as `keep_stop` before the next band is asked for: what bands
    share is kept from the one before. A band is valid until then.

    Args:
        read: Gives the pixels of a box (left, top, right, bottom).
        size: Width and height of the picture.
        channels: Of each pixel.
        rows: As `windows` gives them.
        kind: Of numbers, those that `read` gives.
    """
    width, height = size
    buffer = np.empty((rows[0].stop - rows[0].start, width, channels), kind)
    end, held = 0, 0
    for row in rows:
        stop = min(row.stop, height)
        shared = end - row.start
        buffer[:shared] = buffer[held - shared : held]
        held = stop - row.start
        for left in range(0, width, CHUNK):
            right = min(left + CHUNK, width)
            buffer[shared:held, left:right] = read((left, end, right, stop))
        end = stop
        yield buffer[:held]
