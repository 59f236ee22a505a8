"""One call, one picture: `convert()`, which gives back the kind of thing that it is given."""

from __future__ import annotations

import functools
import io
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, overload

import numpy as np
from PIL import Image, ImageFile

from toonify.converting.converter import Converter
from toonify.errors import ToonifyError
from toonify.inference import AUTO, Runtime, open_runtime
from toonify.media import ColourSpace, Picture, as_rgb, eight_bits, encode_picture, read_picture, upright
from toonify.storage import AnyPath
from toonify.styles import AnyStyle, Style, load_style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toonify.plugins import Painter

A = TypeVar("A", bound="NDArray[Any]")

_OPENING = threading.Lock()  # or the first pictures of many threads would each open the network


@overload
def convert(
    image: AnyPath | Image.Image,
    style: AnyStyle = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> Image.Image: ...
@overload
def convert(
    image: bytes | bytearray | memoryview,
    style: AnyStyle = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> bytes: ...
@overload
def convert(
    image: BinaryIO,
    style: AnyStyle = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> io.BytesIO: ...
@overload
def convert(
    image: A,
    style: AnyStyle = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> A: ...


def convert(
    image: Any,
    style: AnyStyle = "comic",
    strength: float = 1.0,
    detail: int | None = None,
    controls: Mapping[str, float] | None = None,
    device: str = AUTO,
) -> Any:
    """Turn a photograph into a cartoon; the style stays loaded for the next one. Threads may share it.

    Args:
        image: The path of a picture; a Pillow image; a picture's file as bytes, or as a file that is open for
            reading; or an array, uint8, uint16 or floats in [0, 1], of a picture (H, W, 3 or 4), a grey one
            (H, W) or (H, W, 1), or a batch of them (N, H, W, C).
        style: As of `Converter`.
        strength: 0 leaves the photograph, 1 gives the cartoon, between them is a mixture.
        detail: As of `Converter`.
        controls: Likewise.
        device: Likewise.

    Returns:
        The like of what is given, upright and of the same size; the argument is not changed. A path gives a
        Pillow image. Bytes give bytes, and a file an `io.BytesIO`: a file of the same format, PNG where
        that is only read, with colour profile and EXIF data. An array gives one of its shape and type.

    Raises:
        ToonifyError: if the picture cannot be read, the style is unknown or damaged, a control is
            unknown or out of its range, or the device cannot be used.
        TypeError: if `image` is of none of these types.
        ValueError: if an array has another shape or type, or values that are no colours.
    """
    found = load_style(style)
    with _OPENING:
        runtime, painter = _warm(_Loaded.now(found), device)
    converter = Converter(found, detail=detail, controls=controls, runtime=runtime, painter=painter or True)
    if isinstance(image, np.ndarray):
        return converter.convert_batch(image, strength)
    if isinstance(image, Image.Image):
        return _drawn(converter, strength, upright(image), ColourSpace.of(image))
    if isinstance(image, str | os.PathLike):
        picture = _read(Path(image), f"{image}: ")
        photo = eight_bits(picture.image)
        # The image of a file would tell of the photograph's EXIF data and frames.
        if isinstance(photo, ImageFile.ImageFile):
            photo = photo.copy()
        return _drawn(converter, strength, photo, ColourSpace(picture.icc_profile))
    if isinstance(image, bytes | bytearray | memoryview):
        return _redrawn(converter, strength, bytes(image))
    if hasattr(image, "read"):
        return io.BytesIO(_redrawn(converter, strength, image.read()))
    raise TypeError(
        "convert() takes a path, a Pillow image, bytes, a file object or an array, "
        f"not {type(image).__name__}"
    )


def _drawn(converter: Converter, strength: float, photo: Image.Image, space: ColourSpace) -> Image.Image:
    """An image that is ours, drawn, with the colour profile that it is in."""
    image, profile = as_rgb(photo, space.profile)
    image = space.in_usual_range(image)
    converter.convert(image, strength, in_place=True)
    for told in ("icc_profile", "nclx_profile", "gamma", "chromaticity"):
        image.info.pop(told, None)
    if profile:
        image.info["icc_profile"] = profile
    return image


def _redrawn(converter: Converter, strength: float, file: object) -> bytes:
    """A picture's file as a cartoon's."""
    if not isinstance(file, bytes):
        raise TypeError(f"convert() takes files opened in binary mode: this one gives {type(file).__name__}")
    picture = _read(file, "the picture cannot be read: ", deep=True)
    converter.convert(picture.image, strength, in_place=True)
    return encode_picture(picture)


def _read(source: Path | bytes, where: str, *, deep: bool = False) -> Picture:
    try:
        return read_picture(source, deep=deep)
    except ToonifyError as error:
        raise ToonifyError(f"{where}{error.message}", error.hint) from error


@dataclass(frozen=True)
class _Loaded:
    """A style as it is at this moment: equal to another as long as neither card nor generator changes."""

    style: Style = field(compare=False)
    path: Path
    card: str
    changed: tuple[int, int]

    @classmethod
    def now(cls, style: Style) -> _Loaded:
        return cls(style, style.path, repr(style.manifest), style.changed)


@functools.lru_cache(maxsize=2)
def _warm(loaded: _Loaded, device: str) -> tuple[Runtime, Painter | None]:
    return open_runtime(loaded.style, device=device), loaded.style.painter()
