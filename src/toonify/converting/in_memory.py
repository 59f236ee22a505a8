"""One call, one picture: `convert()`, which gives back the kind of thing that it is given."""

from __future__ import annotations

import functools
import io
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, overload

import numpy as np
from PIL import Image, ImageFile

from toonify.converting.animation import drawn_frames
from toonify.converting.converter import Converter
from toonify.errors import ToonifyError, one_line
from toonify.inference import AUTO, Runtime, open_runtime
from toonify.media import (
    Animation,
    ColourSpace,
    as_rgb,
    eight_bits,
    encode_animation,
    encode_picture,
    is_animation,
    load,
    picture_format,
    read_picture,
    upright,
)
from toonify.storage import AnyPath
from toonify.styles import AnyStyle, Style, default_style, load_style

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from toonify.plugins import Painter

A = TypeVar("A", bound="NDArray[Any]")

_OPENING = threading.Lock()  # or the first pictures of many threads would each open the network


@overload
def convert(
    image: AnyPath | Image.Image,
    style: AnyStyle | None = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> Image.Image: ...
@overload
def convert(
    image: bytes | bytearray | memoryview,
    style: AnyStyle | None = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> bytes: ...
@overload
def convert(
    image: BinaryIO,
    style: AnyStyle | None = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> io.BytesIO: ...
@overload
def convert(
    image: A,
    style: AnyStyle | None = ...,
    strength: float = ...,
    detail: int | None = ...,
    controls: Mapping[str, float] | None = ...,
    device: str = ...,
) -> A: ...


def convert(
    image: Any,
    style: AnyStyle | None = None,
    strength: float = 1.0,
    detail: int | None = None,
    controls: Mapping[str, float] | None = None,
    device: str = AUTO,
) -> Any:
    """Turn a photograph into a cartoon; the style stays loaded for the next one. Threads may share it.

    Args:
        image: The path of a picture; a Pillow image; a picture's file as bytes, or as a file that is open for
            reading in binary mode; or an array, uint8, uint16 or floats in [0, 1], of a picture
            (H, W, 3 or 4), a grey one (H, W) or (H, W, 1), or a batch of them (N, H, W, C).
        style: As of `Converter`.
        strength: 0 leaves the photograph, 1 gives the cartoon, between them is a mixture.
        detail: As of `Converter`.
        controls: Likewise.
        device: Likewise.

    Returns:
        The like of what is given, upright and of the same size; the argument is not changed. A path gives a
        Pillow image, of several frames or pages the first. Bytes give bytes, and a file an `io.BytesIO`: a
        file of the same format, PNG where that is only read, with colour profile and EXIF data; an animation
        (GIF, APNG, WebP) with every frame, and without EXIF data. An array gives one of its shape and type.

    Raises:
        ToonifyError: if the picture cannot be read, damaged or closed images and files among them, the style
            is unknown or damaged, a value is of another type or out of its range, or the device cannot be
            used.
        TypeError: if `image` is of none of these types, or `style` is none.
        ValueError: if an array has another shape or type, or values that are no colours, or an image has no
            pixels.
    """
    found = load_style(default_style() if style is None else style)
    with _OPENING:
        runtime, painter = _warm(_Loaded.now(found), device)
    converter = Converter(found, detail=detail, controls=controls, runtime=runtime, painter=painter or True)
    if isinstance(image, np.ndarray):
        return converter.convert_batch(image, strength)
    if isinstance(image, Image.Image):
        load(image)
        return _drawn(converter, strength, upright(image), ColourSpace.of(image))
    if isinstance(image, str | os.PathLike):
        if not image:
            raise ToonifyError("the path of the picture is empty")
        with _explained(f"{image}: "):
            picture = read_picture(Path(image))
        photo = eight_bits(picture.image)
        # The image of a file would tell of the photograph's EXIF data and frames.
        if isinstance(photo, ImageFile.ImageFile):
            photo = photo.copy()
        return _drawn(converter, strength, photo, ColourSpace(picture.icc_profile))
    if isinstance(image, bytes | bytearray | memoryview):
        return _redrawn(converter, strength, bytes(image))
    if hasattr(image, "read"):
        return io.BytesIO(_redrawn(converter, strength, _content(image)))
    raise TypeError(
        "convert() takes a path, a Pillow image, bytes, a file object or an array, "
        f"not {type(image).__name__}"
    )


def _drawn(converter: Converter, strength: float, photo: Image.Image, space: ColourSpace) -> Image.Image:
    """An image that is ours, drawn, with the colour profile that it is in."""
    with _explained():
        image, profile = as_rgb(photo, space.profile)
    image = space.in_usual_range(image)
    converter.convert(image, strength, in_place=True)
    for told in ("icc_profile", "nclx_profile", "gamma", "chromaticity"):
        image.info.pop(told, None)
    if profile:
        image.info["icc_profile"] = profile
    return image


def _redrawn(converter: Converter, strength: float, file: bytes) -> bytes:
    """A picture's file as a cartoon's."""
    if is_animation(file):
        with _explained():
            animation, file_format = Animation.of(file), picture_format(file)
        converter.check_memory(animation.size)
        return encode_animation(animation, drawn_frames(converter, animation, strength), file_format)
    with _explained():
        picture = read_picture(file, deep=True)
    converter.convert(picture.image, strength, in_place=True)
    return encode_picture(picture)


def _content(file: Any) -> bytes:
    """What is in a file object, from where it stands.

    Raises:
        ToonifyError: if it cannot be read.
        TypeError: if it is open in text mode, or gives something else.
    """
    try:
        content = file.read()
    except UnicodeDecodeError:
        content = ""
    except io.UnsupportedOperation as error:
        raise ToonifyError("the file is not open for reading") from error
    except (OSError, ValueError) as error:
        raise ToonifyError(f"the file cannot be read: {one_line(error)}") from error
    if not isinstance(content, bytes):
        kind = type(content).__name__
        raise TypeError(f"convert() takes files opened in binary mode: this one gives {kind}")
    return content


@contextmanager
def _explained(where: str = "the picture cannot be read: ") -> Iterator[None]:
    """Put before a reason what it is about."""
    try:
        yield
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
