"""One picture through one style."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from toonify.converting.arrays import drawn_alike
from toonify.converting.detail import composite, drawing_size, reduce
from toonify.converting.request import check_detail, check_only, check_strength
from toonify.errors import ToonifyError, usage_error
from toonify.inference import Runtime, open_runtime
from toonify.inference.padding import mirror
from toonify.inference.tiles import Span, bands, windows
from toonify.media import decoding_memory
from toonify.resources import available_memory
from toonify.styles import Style, choose, load_style

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

    from toonify.plugins import Painter

MOST_PAINTED = 2**22
"""Pixels of a drawing, above which a style's painter leaves it alone: it takes pictures whole."""


class Converter:
    """A style, loaded once, for any number of pictures.

    Threads may share one. Processes each get their own: it can be pickled, and opens the network anew.

    Args:
        style: A style, used as it is, or what `load_style` takes: a name, a style's folder or file, a run.
        threads: Cores to use for one picture; all when left out.
        detail: Pictures of more than detail × detail pixels are drawn at that size, then enlarged;
            0 draws every pixel. The style's own when left out.
        controls: Of the numbers that the style lets you choose, by name, those that are not to be at their
            defaults: `{"ink": 0.5}`.
        runtime: The style's network, if it has been opened before.
        painter: Let the style's painter, if it names one, paint over what the network draws.
        only: `faces` draws what the painter paints and leaves the photograph around it, `background` the
            rest; empty for all.

    Raises:
        ToonifyError: if there is no such style, or it is damaged, its painter is not installed, it has no
            such control or, for `only`, no painter, or a value is out of its range.
    """

    def __init__(
        self,
        style: Style | str | Path = "comic",
        *,
        threads: int | None = None,
        detail: int | None = None,
        controls: Mapping[str, float] | None = None,
        runtime: Runtime | None = None,
        painter: bool = True,
        only: str = "",
    ) -> None:
        self.style = style if isinstance(style, Style) else load_style(style)
        self.detail = self.style.manifest.detail if detail is None else check_detail(detail)
        self.controls = choose(self.style.manifest, controls or {})
        self.threads = threads or 0
        self.runtime = runtime or open_runtime(self.style, threads=self.threads)
        check_only(only, painter)
        self.only = only
        self.painter = self.style.painter() if painter else None
        if only and not self.painter:
            raise usage_error(
                f"the style '{self.style.manifest.name}' has no painter to tell faces from the rest",
                f"Choose one that has, such as drawn, or leave `{only}_only` out.",
            )

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"runtime": None, "painter": self.painter is not None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.runtime = open_runtime(self.style, threads=self.threads)
        self.painter = self.style.painter() if state["painter"] else None

    def convert(self, image: Image.Image, strength: float = 1.0, *, moving: bool = False) -> Image.Image:
        """Convert in place: a second copy of a large picture might not fit into the memory.

        Args:
            image: Mode RGB or RGBA, of any size, drawn as it is stored, whatever its EXIF data says of its
                orientation. Alpha, and what is fully transparent, stays.
            strength: How much of the cartoon to mix in, 0 to 1.
            moving: Whether it is a frame of many, which the style's painter leaves alone: what it finds a
                little elsewhere in each would tremble.

        Returns:
            The same image, for `map` and the like: of another process it is all that comes back.

        Raises:
            ToonifyError: if the network fails or the picture is too large for it; the image may then
                be converted in part.
            ValueError: if the image is of another mode.
        """
        if image.mode not in ("RGB", "RGBA"):
            raise ValueError(f"Converter.convert() takes images of mode RGB or RGBA, not {image.mode}")
        check_strength(strength)
        if strength == 0:
            return image
        self.check_memory(image.size)
        size = drawing_size(image.size, self.detail)
        painter = self.painter if size[0] * size[1] <= MOST_PAINTED and not moving else None
        if self.only and not painter:
            raise self._faces_untold()
        if size == image.size and not painter:
            self._draw(image, strength)
            return image
        drawing = reduce(image, size)
        where = None
        if painter:
            where = self._paint(drawing, painter)
        else:
            self._draw(drawing, 1.0)
        composite(image, drawing, strength, where)
        return image

    def draw(self, frame: Image.Image) -> Image.Image:
        """Convert a frame of many, RGB, in place, at the size that it has: best `drawing_size` of the film's.

        Raises:
            ToonifyError: as `convert`.
        """
        if self.only:
            raise self._faces_untold()
        self._draw(frame, 1.0)
        return frame

    def drawing_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size (width, height) at which a picture of this one is drawn."""
        return drawing_size(size, self.detail)

    def _faces_untold(self) -> ToonifyError:
        return ToonifyError(
            "its faces are not told from the rest: it moves, or is drawn with more than 4 megapixels",
            f"Leave `{self.only}_only` out, or draw it smaller (`detail` 1024).",
        )

    def _paint(self, drawing: Image.Image, painter: Painter) -> Image.Image | None:
        """Convert in place, and let the painter paint over it; where it counts, `None` for everywhere."""
        photo = np.asarray(drawing.convert("RGB"))
        if self.only != "faces":
            self._draw(drawing, 1.0)
        drawn = np.asarray(drawing.convert("RGB"))
        painted = painter.paint(photo, drawn, self.controls)
        drawing.paste(Image.fromarray(painted))
        if not self.only:
            return None
        touched = (painted != drawn).any(-1)
        return Image.fromarray(np.uint8(255) * (touched == (self.only == "faces")))

    def convert_batch(self, pictures: NDArray[Any], strength: float = 1.0) -> NDArray[Any]:
        """The cartoons of a batch, as a new array of the same shape and type.

        Pictures are drawn one after the other: together they take as long on a processor, and more memory.

        Args:
            pictures: (N, H, W, C), with 3 or 4 channels, or 1 for grey; uint8, or floats in [0, 1]. A single
                picture (H, W, C) or (H, W) will do.
            strength: As of `convert`.

        Raises:
            ToonifyError: as `convert`.
            ValueError: if the array has another shape or type, or values that are no colours.
        """
        return drawn_alike(pictures, lambda image: self.convert(image, strength))

    def paint(self, image: Image.Image, strength: float = 1.0) -> None:
        """The former name of `convert`."""
        warnings.warn("Converter.paint() is now Converter.convert()", DeprecationWarning, stacklevel=2)
        self.convert(image, strength)

    def _draw(self, image: Image.Image, strength: float) -> None:
        """Convert in place, window by window."""
        rows, columns = self._windows(image.size)
        originals = bands(lambda box: np.asarray(image.crop(box)), image.size, len(image.getbands()), rows)
        for row, band in zip(rows, originals, strict=True):
            for column in columns:
                kept = self._convert_window(band, row, column, strength)
                if kept.size:
                    image.paste(Image.fromarray(kept), (column.keep_start, row.keep_start))

    def memory_needed(self, size: tuple[int, int]) -> int:
        """Bytes that decoding and converting a picture of this size (width, height) needs, about."""
        return decoding_memory(size) + self._window_memory(size)

    def _window_memory(self, size: tuple[int, int]) -> int:
        rows, columns = self._windows(drawing_size(size, self.detail))
        return self.runtime.memory((columns[0].length, rows[0].length))

    def check_memory(self, size: tuple[int, int]) -> None:
        """Refuse a picture (width, height) that does not fit, whole or in tiles, as the style has it.

        Raises:
            ToonifyError: with its size, the estimate and the way out.
        """
        tiled, free = self.style.manifest.halo is not None, available_memory()
        needed = self._window_memory(size) if tiled else self.memory_needed(size)
        if needed > free:
            raise ToonifyError(
                f"{size[0]} x {size[1]} pixels need about {needed / 1e9:.1f} GB at once in the style "
                f"'{self.style.manifest.name}', and {free / 1e9:.1f} GB are free.",
                "Draw it smaller (`detail` 512), or use a lighter style."
                if tiled
                else "Draw it smaller (`detail` 1024), or use a style that works in tiles, such as comic.",
            )

    def _windows(self, size: tuple[int, int]) -> tuple[list[Span], list[Span]]:
        return windows(size, self.style.manifest.halo, self.style.manifest.multiple)

    def _convert_window(
        self, band: NDArray[uint8], row: Span, column: Span, strength: float
    ) -> NDArray[uint8]:
        """What is to be kept of a window that spans the whole band from top to bottom."""
        window = band[:, column.start : column.stop]
        photo = window[row.kept, column.kept]
        cartoons = self.runtime.run(_network_input(window, row.length, column.length), self.controls)
        cartoon = cartoons[0, row.kept, column.kept]
        return _mix(photo, cartoon[: photo.shape[0], : photo.shape[1]], strength)


def _network_input(window: NDArray[uint8], height: int, width: int) -> NDArray[float32]:
    """RGB in [-1, 1], (1, height, width, 3), mirrored at the lower and right side where that is larger."""
    pixels = window[..., :3]
    if window.shape[2] == 4:
        # What cannot be seen often is black, and would draw outlines into what can.
        pixels = np.where(window[..., 3:] == 0, np.uint8(255), pixels)
    values = mirror(pixels, height, width).astype(np.float32)[np.newaxis]
    values *= 1 / 127.5
    values -= 1
    return values


def _mix(photo: NDArray[uint8], cartoon: NDArray[float32], strength: float) -> NDArray[uint8]:
    """The photo's pixels with RGB moved towards the cartoon's, which are in [-1, 1]."""
    values = cartoon * np.float32(127.5)
    values += np.float32(127.5)
    if strength < 1:
        values -= photo[..., :3]
        values *= np.float32(strength)
        values += photo[..., :3]
    np.rint(values, out=values)
    np.clip(values, 0, 255, out=values)
    if photo.shape[2] == 3:
        return values.astype(np.uint8)
    mixed = photo.copy()
    np.copyto(mixed[..., :3], values.astype(np.uint8), where=photo[..., 3:] > 0)
    return mixed
