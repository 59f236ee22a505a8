"""A style's network, drawing pictures of any size: in one piece, or window by window."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from toonify.converting.grey import has_no_colours, is_grey
from toonify.errors import ToonifyError
from toonify.inference import Runtime
from toonify.inference.padding import mirror, round_up
from toonify.inference.tiles import HALOS, Span, bands, in_one_piece, window_side, windows
from toonify.media import DeepImage, WholeImage, paste_pixels
from toonify.resources import cores, usable_memory
from toonify.storage import StyleManifest
from toonify.styles import COLOUR

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray


class TiledNetwork:
    """Draws every pixel that it is given. Threads may share one.

    Args:
        runtime: The style's network, opened.
        card: Says how far around a pixel the network looks (`halo`), on what grid it works (`multiple`), and
            whether photographs without colours are drawn without them (`keeps_grey`).
        controls: The value of each of the style's controls.
    """

    def __init__(self, runtime: Runtime, card: StyleManifest, controls: Mapping[str, float]) -> None:
        self._runtime = runtime
        self._card = card
        self._controls = controls
        keeps_grey = card.keeps_grey and COLOUR in controls
        self._colourless = {**controls, COLOUR: 0.0} if keeps_grey else None

    def draw(self, image: WholeImage, strength: float) -> None:
        """Draw over a picture, in place.

        Args:
            image: Mode RGB or RGBA; alpha, and what is fully transparent, stays.
            strength: How much of the drawing to mix in, 0 to 1.

        Raises:
            ToonifyError: if the network fails; the image may then be drawn in part.
        """
        controls = self._colourless if self._colourless and is_grey(image) else self._controls
        deep = isinstance(image, DeepImage)
        rows, columns = self._windows(image.size)
        channels = len(image.getbands())
        originals = bands(
            lambda box: np.asarray(image.crop(box)),
            image.size,
            channels,
            rows,
            np.uint16 if deep else np.uint8,
        )
        for row, band in zip(rows, originals, strict=True):
            for column in columns:
                drawn = self._draw_window(band, row, column, controls, strength)
                if drawn.size:
                    paste_pixels(image, drawn, (column.keep_start, row.keep_start))

    def drawn(self, frame: NDArray[uint8]) -> NDArray[uint8]:
        """The drawing of an array, RGB, (H, W, 3), as a new one of the same shape.

        Raises:
            ToonifyError: as `draw`.
        """
        controls = self._colourless if self._colourless and has_no_colours(frame) else self._controls
        drawn = np.empty_like(frame)
        rows, columns = self._windows((frame.shape[1], frame.shape[0]))
        for row in rows:
            for column in columns:
                kept = self._draw_window(frame[row.start : row.stop], row, column, controls, 1.0)
                drawn[row.keep_start : row.keep_stop, column.keep_start : column.keep_stop] = kept
        return drawn

    def expect(self, size: tuple[int, int]) -> None:
        """Prepare for many pictures of this size (width, height)."""
        self._runtime.expect(self._window(size))

    def memory(self, size: tuple[int, int]) -> int:
        """Bytes that the network needs for a picture of this size (width, height), about."""
        return self._runtime.memory(self._window(size))

    def _windows(self, size: tuple[int, int]) -> tuple[list[Span], list[Span]]:
        halo = self._card.halo
        halos = HALOS.start if in_one_piece(*size, halo) else self._halos
        return windows(size, halo, self._card.multiple, halos)

    @cached_property
    def _halos(self) -> int:
        """How many halos long windows are: as many as half of the memory has room for, on each core one."""
        room = usable_memory() // (2 * cores())
        return next((halos for halos in reversed(HALOS[1:]) if self._fits(halos, room)), HALOS.start)

    def _fits(self, halos: int, room: int) -> bool:
        side = round_up(window_side(self._card.halo, halos), self._card.multiple)
        try:
            return self._runtime.memory((side, side)) <= room
        except ToonifyError:  # more than any network may take
            return False

    def _window(self, size: tuple[int, int]) -> tuple[int, int]:
        """Width and height of each window of a picture."""
        rows, columns = self._windows(size)
        return columns[0].length, rows[0].length

    def _draw_window(
        self, band: NDArray[Any], row: Span, column: Span, controls: Mapping[str, float], strength: float
    ) -> NDArray[Any]:
        """What is to be kept of a window that spans the whole band from top to bottom."""
        window = band[:, column.start : column.stop]
        photo = window[row.kept, column.kept]
        cartoons = self._runtime.run(_network_input(window, row.length, column.length), controls)
        cartoon = cartoons[0, row.kept, column.kept]
        return _mixed(photo, cartoon[: photo.shape[0], : photo.shape[1]], strength)


def _network_input(window: NDArray[Any], height: int, width: int) -> NDArray[float32]:
    """RGB in [-1, 1], (1, height, width, 3), mirrored at the lower and right side where that is larger."""
    pixels = window[..., :3]
    most = np.iinfo(window.dtype).max
    if window.shape[2] == 4:
        # What cannot be seen often is black, and would draw outlines into what can.
        pixels = np.where(window[..., 3:] == 0, window.dtype.type(most), pixels)
    values = mirror(pixels, height, width).astype(np.float32)[np.newaxis]
    values *= 2 / most
    values -= 1
    return values


def _mixed(photo: NDArray[Any], cartoon: NDArray[float32], strength: float) -> NDArray[Any]:
    """The photo's pixels, 8 or 16 bits, with RGB moved towards the cartoon's, which are in [-1, 1]."""
    most = np.iinfo(photo.dtype).max
    values = cartoon * np.float32(most / 2)
    values += np.float32(most / 2)
    if strength < 1:
        values -= photo[..., :3]
        values *= np.float32(strength)
        values += photo[..., :3]
    np.rint(values, out=values)
    np.clip(values, 0, most, out=values)
    if photo.shape[2] == 3:
        return values.astype(photo.dtype)
    made = photo.copy()
    np.copyto(made[..., :3], values.astype(photo.dtype), where=photo[..., 3:] > 0)
    return made
