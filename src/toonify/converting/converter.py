"""One picture through one style."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from PIL import Image

from toonify.converting.arrays import drawn_alike
from toonify.converting.detail import composite, drawing_size, enough, reduce
from toonify.converting.request import ConvertRequest, check_detail, check_only, check_strength
from toonify.converting.values import mixed, network_input
from toonify.errors import ToonifyError, usage_error
from toonify.inference import AUTO, Runtime, open_runtime
from toonify.inference.tiles import Span, bands, windows
from toonify.media import AnyImage, DeepImage, LargeImage, WholeImage, decoding_memory, eight_bits
from toonify.resources import available_memory
from toonify.styles import Style, choose, load_style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toonify.plugins import Painter

Pixels = TypeVar("Pixels", bound=AnyImage)

LONGEST = 2048
"""Pixels a side of each half of a comparison: enough to look at, and no second copy of a huge picture."""

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
        painter: Let the style's painter, if it names one, paint over what the network draws; or that painter,
            if it has been made before.
        device: What to draw on: one of `toonify.inference.DEVICES`, or `auto` for the fastest that is there.
        only: `faces` draws what the painter paints and leaves the photograph around it, `background` the
            rest; empty for all.

    Raises:
        ToonifyError: if there is no such style, or it is damaged, its painter is not installed, it has no
            such control or, for `only`, no painter, or a value is out of its range, or the device cannot be
            used.
    """

    def __init__(
        self,
        style: Style | str | Path = "comic",
        *,
        threads: int | None = None,
        detail: int | None = None,
        controls: Mapping[str, float] | None = None,
        runtime: Runtime | None = None,
        painter: Painter | bool = True,
        only: str = "",
        device: str = AUTO,
    ) -> None:
        self.style = style if isinstance(style, Style) else load_style(style)
        self.detail = self.style.manifest.detail if detail is None else check_detail(detail)
        self.controls = choose(self.style.manifest, controls or {})
        self.threads = threads or 0
        self.device = device
        self.runtime = runtime or self._open()
        check_only(only, bool(painter))
        self.only = only
        self.painter = self.style.painter() if painter is True else painter or None
        if only and not self.painter:
            raise usage_error(
                f"the style '{self.style.manifest.name}' has no painter to tell faces from the rest",
                f"Choose one that has, such as drawn, or leave `{only}_only` out.",
            )

    @classmethod
    def asked_for(cls, request: ConvertRequest, style: Style, *, threads: int) -> Converter:
        """As a request wants it: the style, with its detail, controls, painter, part and device.

        Raises:
            ToonifyError: as `Converter`.
        """
        return cls(
            style,
            threads=threads,
            detail=request.detail,
            controls=request.controls,
            painter=request.painter,
            only=request.only,
            device=request.device,
        )

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"runtime": None, "painter": self.painter is not None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.runtime = self._open()
        self.painter = self.style.painter() if state["painter"] else None

    def _open(self) -> Runtime:
        return open_runtime(self.style, threads=self.threads, device=self.device)

    def convert(self, image: Pixels, strength: float = 1.0, *, moving: bool = False) -> Pixels:
        """Convert in place: a second copy of a large picture might not fit into the memory.

        Args:
            image: Mode RGB or RGBA, 8 or 16 bits a channel, of any size, drawn as it is stored, whatever its
                EXIF data says of its orientation. Alpha, and what is fully transparent, stays.
            strength: How much of the cartoon to mix in, 0 to 1.
            moving: Whether it is a frame of many, which the style's painter leaves alone: what it finds a
                little elsewhere in each would tremble.

        Returns:
            The same image, for `map` and the like: of another process it is all that comes back.

        Raises:
            ToonifyError: if the network fails or the picture is too large for it; the image may then
                be converted in part.
            ValueError: if the image is of another mode, or has no pixels.
        """
        if image.mode not in ("RGB", "RGBA"):
            raise ValueError(f"Converter.convert() takes images of mode RGB or RGBA, not {image.mode}")
        if 0 in image.size:
            raise ValueError(f"Converter.convert() takes images with pixels: this one is {image.size}")
        check_strength(strength)
        if strength == 0:
            return image
        if not moving:  # of many frames, whoever has them asks once: it takes as long as a small one
            self.check_memory(image.size)
        size = drawing_size(image.size, self.detail)
        painter = self.painter if self.is_paintable(image.size) and not moving else None
        if self.only and not painter:
            raise self._faces_untold()
        if size == image.size and not painter and not isinstance(image, LargeImage):
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

    def draw(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The cartoon of a frame of many, (H, W, 3), at the frame's size: best `drawing_size` of the film's.

        Raises:
            ToonifyError: as `convert`.
        """
        if self.only:
            raise self._faces_untold()
        drawn = np.empty_like(frame)
        rows, columns = self._windows((frame.shape[1], frame.shape[0]))
        for row in rows:
            for column in columns:
                kept = self._convert_window(frame[row.start : row.stop], row, column, 1.0)
                drawn[row.keep_start : row.keep_stop, column.keep_start : column.keep_stop] = kept
        return drawn

    def expect(self, size: tuple[int, int]) -> None:
        """Prepare for many pictures of this size (width, height).

        Raises:
            ToonifyError: as `convert`.
        """
        rows, columns = self._windows(drawing_size(size, self.detail))
        self.runtime.expect((columns[0].length, rows[0].length))

    def drawing_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size (width, height) at which a picture of this one is drawn."""
        return drawing_size(size, self.detail)

    def enough(
        self, size: tuple[int, int], strength: float, *, compared: bool = False
    ) -> tuple[int, int] | None:
        """From how large a copy a picture (width, height) is drawn as from itself.

        Args:
            size: Of the picture.
            strength: As of `convert`.
            compared: Whether the photograph is to be looked at beside the cartoon, too.

        Returns:
            Such a size; `None` where each pixel counts: nothing is reduced, or the photograph shows through.
        """
        if strength < 1 or self.only:
            return None
        return enough(size, drawing_size(size, self.detail), LONGEST if compared else 0)

    def _faces_untold(self) -> ToonifyError:
        return ToonifyError(
            "faces are not looked for in it: it is animated, or drawn at more than 4 megapixels",
            f"Leave `{self.only}_only` out, or draw it smaller (`detail` 1024).",
        )

    def _paint(self, drawing: WholeImage, painter: Painter) -> Image.Image | None:
        """Convert in place, and let the painter paint over it; where it counts, `None` for everywhere."""
        photo = np.asarray(eight_bits(drawing).convert("RGB"))
        if self.only != "faces":
            self._draw(drawing, 1.0)
        drawn = np.asarray(eight_bits(drawing).convert("RGB"))
        painted = painter.paint(photo, drawn, self.controls)
        touched = (painted != drawn).any(-1)
        if isinstance(drawing, DeepImage):
            drawing.paint(painted, touched)
        else:
            drawing.paste(Image.fromarray(painted))
        if not self.only:
            return None
        return Image.fromarray(np.uint8(255) * (touched == (self.only == "faces")))

    def is_paintable(self, size: tuple[int, int]) -> bool:
        """Whether a picture of this size (width, height) is drawn small enough for a painter."""
        width, height = drawing_size(size, self.detail)
        return width * height <= MOST_PAINTED

    def convert_batch(self, pictures: NDArray[Any], strength: float = 1.0) -> NDArray[Any]:
        """The cartoons of a batch, as a new array of the same shape and type.

        Pictures are drawn one after the other: together they take as long on a processor, and more memory.

        Args:
            pictures: (N, H, W, C), with 3 or 4 channels, or 1 for grey; uint8, uint16, or floats in
                [0, 1]. A single picture (H, W, C) or (H, W) will do.
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

    def _draw(self, image: WholeImage, strength: float) -> None:
        """Convert in place, window by window."""
        rows, columns = self._windows(image.size)
        channels, kind = len(image.getbands()), np.uint16 if isinstance(image, DeepImage) else np.uint8
        originals = bands(lambda box: np.asarray(image.crop(box)), image.size, channels, rows, kind)
        for row, band in zip(rows, originals, strict=True):
            for column in columns:
                kept = self._convert_window(band, row, column, strength)
                if kept.size:
                    corner = column.keep_start, row.keep_start
                    if isinstance(image, DeepImage):
                        image.paste(DeepImage(kept), corner)
                    else:
                        image.paste(Image.fromarray(kept), corner)

    def stop(self) -> None:
        """End what is being drawn, in whatever thread, with a `ToonifyError`, and draw no more."""
        self.runtime.stop()

    def memory_needed(self, size: tuple[int, int], *, decoding: int | None = None) -> int:
        """Bytes that decoding and converting a picture of this size (width, height) needs, about.

        Args:
            size: Of the picture.
            decoding: Bytes of that which decoding takes; as of any picture of the size when left out.
        """
        return (decoding_memory(size) if decoding is None else decoding) + self._window_memory(size)

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

    def _convert_window(self, band: NDArray[Any], row: Span, column: Span, strength: float) -> NDArray[Any]:
        """What is to be kept of a window that spans the whole band from top to bottom."""
        window = band[:, column.start : column.stop]
        photo = window[row.kept, column.kept]
        cartoons = self.runtime.run(network_input(window, row.length, column.length), self.controls)
        cartoon = cartoons[0, row.kept, column.kept]
        return mixed(photo, cartoon[: photo.shape[0], : photo.shape[1]], strength)
