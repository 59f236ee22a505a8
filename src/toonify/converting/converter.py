"""One picture through one style."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np
from PIL import Image

from toonify.converting.detail import drawing_size, lay_over, reduce
from toonify.converting.memory import BYTES_DECODED, bytes_per_pixel
from toonify.converting.request import check_detail, check_strength
from toonify.converting.runtime import Runtime
from toonify.converting.tiles import Span, longest_window, round_up, spans
from toonify.errors import ToonifyError
from toonify.media import as_rgb, read_picture
from toonify.resources import available_memory, cores
from toonify.styles import Style, load_style

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

SMALLEST = 32
"""Pictures are padded to at least this many pixels a side: networks that pad by reflection need them."""

_CHUNK = 4096  # columns copied at once

T = TypeVar("T", Image.Image, "np.ndarray[Any, Any]")


class Converter:
    """A style, loaded once, for any number of pictures; safe to use from several threads.

    Args:
        style: A style, the name of a bundled one, a style folder or a run folder.
        threads: Cores to use for one picture; all when left out.
        detail: Pictures of more than detail × detail pixels are drawn at that size, then enlarged;
            0 draws every pixel. The style's own when left out.

    Raises:
        ToonifyError: if there is no such style, or it is damaged.
    """

    def __init__(
        self,
        style: Style | str | Path = "comic",
        *,
        threads: int | None = None,
        detail: int | None = None,
    ) -> None:
        self.style = style if isinstance(style, Style) else load_style(style)
        self.detail = self.style.manifest.detail if detail is None else check_detail(detail)
        self.runtime = Runtime(self.style, threads or cores())

    def paint(self, image: Image.Image, strength: float = 1.0) -> None:
        """Convert in place: a second copy of a large picture might not fit into the memory.

        Args:
            image: Mode RGB or RGBA, of any size. Alpha, and what is fully transparent, stays.
            strength: How much of the cartoon to mix in, 0 to 1.

        Raises:
            ToonifyError: if the network fails or the picture is too large for it; the image may then
                be converted in part.
            ValueError: if the image is of another mode.
        """
        if image.mode not in ("RGB", "RGBA"):
            raise ValueError(f"paint() takes images of mode RGB or RGBA, not {image.mode}")
        check_strength(strength)
        if strength == 0:
            return
        self.check_memory(image.size)
        size = drawing_size(image.size, self.detail)
        if size == image.size:
            self._draw(image, strength)
            return
        drawing = reduce(image, size)
        self._draw(drawing, 1.0)
        lay_over(image, drawing, strength)

    def _draw(self, image: Image.Image, strength: float) -> None:
        """Convert in place, window by window."""
        rows, columns = self._windows(image.size)
        for row, band in zip(rows, _bands(image, rows), strict=True):
            for column in columns:
                kept = self._convert_window(band, row, column, strength)
                if kept.size:
                    image.paste(Image.fromarray(kept), (column.keep_start, row.keep_start))

    def memory_needed(self, size: tuple[int, int]) -> int:
        """Bytes that decoding and converting a picture of this size (width, height) needs, about."""
        rows, columns = self._windows(drawing_size(size, self.detail))
        window = (rows[0].stop - rows[0].start) * (columns[0].stop - columns[0].start)
        return int(size[0] * size[1] * BYTES_DECODED + window * self._bytes_per_pixel)

    def check_memory(self, size: tuple[int, int]) -> None:
        """Refuse a picture (width, height) that would have to be converted whole, and does not fit.

        Raises:
            ToonifyError: with its size, the estimate and the way out.
        """
        if self.style.manifest.halo is not None:
            return
        needed, free = self.memory_needed(size), available_memory()
        if needed > free:
            raise ToonifyError(
                f"{size[0]} x {size[1]} pixels need about {needed / 1e9:.1f} GB at once in the style "
                f"'{self.style.manifest.name}', and {free / 1e9:.1f} GB are free.",
                "Draw it smaller (--detail 1024), or use a style that works in tiles, such as comic.",
            )

    @functools.cached_property
    def _bytes_per_pixel(self) -> float:
        return bytes_per_pixel(self.style.onnx_bytes(), self.style.manifest.multiple)

    def _windows(self, size: tuple[int, int]) -> tuple[list[Span], list[Span]]:
        """The windows of a picture (width, height) by row and column."""
        halo, multiple = self.style.manifest.halo, self.style.manifest.multiple
        width, height = (round_up(max(side, SMALLEST), multiple) for side in size)
        longest = longest_window(width, height, halo)
        return spans(height, halo or 0, multiple, longest), spans(width, halo or 0, multiple, longest)

    def _convert_window(
        self, band: NDArray[uint8], row: Span, column: Span, strength: float
    ) -> NDArray[uint8]:
        """What is to be kept of a window that spans the whole band from top to bottom."""
        window = band[:, column.start : column.stop]
        photo = window[row.kept, column.kept]
        missing = (row.stop - row.start - window.shape[0], column.stop - column.start - window.shape[1])
        cartoon = self.runtime.run(_network_input(window, missing))[0, row.kept, column.kept]
        return _mix(photo, cartoon[: photo.shape[0], : photo.shape[1]], strength)


def _bands(image: Image.Image, rows: list[Span]) -> Iterator[NDArray[uint8]]:
    """The original pixels of each row of windows, (H, W, 3 or 4), down to the end of the image.

    The image may be painted over as far as `keep_stop` before the next band is asked for: what
    bands share is kept from the one before. A band is valid until then.
    """
    buffer = np.empty((rows[0].stop - rows[0].start, image.width, len(image.getbands())), np.uint8)
    end, held = 0, 0
    for row in rows:
        stop = min(row.stop, image.height)
        shared = end - row.start
        buffer[:shared] = buffer[held - shared : held]
        held = stop - row.start
        for left in range(0, image.width, _CHUNK):
            box = (left, end, min(left + _CHUNK, image.width), stop)
            buffer[shared:held, left : box[2]] = np.asarray(image.crop(box))
        end = stop
        yield buffer[:held]


def _network_input(window: NDArray[uint8], missing: tuple[int, int]) -> NDArray[float32]:
    """RGB in [-1, 1], (1, H, W, 3), mirrored at the lower and right side where rows or columns miss."""
    pixels = window[..., :3]
    if window.shape[2] == 4:
        # What cannot be seen often is black, and would draw outlines into what can.
        pixels = np.where(window[..., 3:] == 0, np.uint8(255), pixels)
    if any(missing):
        pixels = np.pad(pixels, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="symmetric")
    values = pixels.astype(np.float32)[np.newaxis]
    values *= 1 / 127.5
    values -= 1
    return values


def _mix(photo: NDArray[uint8], cartoon: NDArray[float32], strength: float) -> NDArray[uint8]:
    """The photo's pixels with RGB moved towards the cartoon's, which are in [-1, 1]."""
    if np.isnan(np.min(cartoon, initial=0)):
        raise ToonifyError("the style gives values that are no numbers")
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


@overload
def convert(
    image: str | Path, style: Style | str | Path = ..., strength: float = ..., detail: int | None = ...
) -> Image.Image: ...
@overload
def convert(
    image: T, style: Style | str | Path = ..., strength: float = ..., detail: int | None = ...
) -> T: ...


def convert(
    image: Any, style: Style | str | Path = "comic", strength: float = 1.0, detail: int | None = None
) -> Image.Image | np.ndarray[Any, Any]:
    """Turn a photograph into a cartoon; the style stays loaded for the next one.

    Args:
        image: The path of a picture, a Pillow image, or an array (H, W, 3 or 4) of uint8, RGB or RGBA.
        style: A style, the name of a bundled one, a style folder or a run folder.
        strength: 0 leaves the photograph, 1 gives the cartoon, between them is a mixture.
        detail: As of `Converter`.

    Returns:
        Of the type given (a Pillow image for a path), of the same size; the argument is not changed.

    Raises:
        ToonifyError: if the picture cannot be read, or the style is unknown or damaged.
        TypeError: if `image` is of none of these types.
        ValueError: if an array has another shape.
    """
    found = style if isinstance(style, Style) else load_style(style)
    if isinstance(image, (str, Path)):
        photo, result = _read(Path(image)), "image"
    elif isinstance(image, Image.Image):
        photo, result = as_rgb(image.copy(), image.info.get("icc_profile"))[0], "image"
    elif isinstance(image, np.ndarray):
        photo, result = _from_array(image), "array"
    else:
        raise TypeError(f"convert() takes a path, a Pillow image or an array, not {type(image).__name__}")
    _warm(found.path, _modified(found), detail).paint(photo, strength)
    return photo if result == "image" else np.asarray(photo)


def _read(path: Path) -> Image.Image:
    try:
        picture = read_picture(path)
    except ToonifyError as error:
        raise ToonifyError(f"{path}: {error.message}", error.hint) from error
    if picture.icc_profile:
        picture.image.info["icc_profile"] = picture.icc_profile
    return picture.image


def _from_array(array: np.ndarray[Any, Any]) -> Image.Image:
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] not in (3, 4) or not array.size:
        raise ValueError(
            f"convert() takes arrays (H, W, 3 or 4) of uint8, not {array.shape} of {array.dtype}"
        )
    return Image.fromarray(array).copy()


def _modified(style: Style) -> int:
    """Changes when training writes a style anew."""
    path = style.files.generator
    return path.stat().st_mtime_ns if path.exists() else 0


@functools.lru_cache(maxsize=2)
def _warm(path: Path, modified: int, detail: int | None) -> Converter:
    return Converter(path, detail=detail)
