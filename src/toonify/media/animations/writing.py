"""Writing animations, frame by frame, whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageChops

from toonify.errors import ToonifyError
from toonify.media.animations.encoders import (
    ApngEncoder,
    Cel,
    Encoder,
    GifEncoder,
    WebpEncoder,
    is_transparent,
)
from toonify.media.animations.reading import Animation, AnimationFrame
from toonify.media.metadata import signed
from toonify.media.writing import refusals
from toonify.storage import Part, put_in_place

ANIMATED = {"GIF": 65_535, "PNG": 2**31 - 1, "WEBP": 16_383}
"""Formats that animations are written in, by Pillow's names, and the longest side of each."""


def save_animation(
    animation: Animation,
    frames: Iterable[AnimationFrame],
    path: Path,
    file_format: str,
    *,
    made_by: str = "",
    over: bool = True,
) -> None:
    """Write frames beside `path` as they come, then rename.

    Args:
        animation: What they were; loops and profile are kept.
        frames: Of its size; there must be one at least.
        path: Where.
        file_format: One of `ANIMATED`.
        made_by: As of `Picture`; GIF has no place for it.
        over: Whether an existing file is replaced.

    Raises:
        ToonifyError: if it cannot be written, or is too large for the format; and what `frames` raise.
    """
    with refusals(), Part(path) as part:
        with open(part.path, "wb") as file:
            _write(animation, frames, file, file_format, made_by)
        put_in_place(part.path, path, flush=False, over=over)


def encode_animation(
    animation: Animation,
    frames: Iterable[AnimationFrame],
    file_format: str,
    *,
    made_by: str = "",
) -> bytes:
    """The file of an animation.

    Args:
        animation: As of `save_animation`, and so on.
        frames: Likewise.
        file_format: Likewise.
        made_by: Likewise.

    Raises:
        ToonifyError: likewise.
    """
    file = io.BytesIO()
    with refusals():
        _write(animation, frames, file, file_format, made_by)
    return file.getvalue()


def _write(
    animation: Animation,
    frames: Iterable[AnimationFrame],
    file: BinaryIO,
    file_format: str,
    made_by: str,
) -> None:
    if max(animation.size) > ANIMATED[file_format]:
        width, height = animation.size
        raise ToonifyError(
            f"{width} x {height} is too large for {file_format}: at most {ANIMATED[file_format]}"
        )
    encoder = _encoder(file, animation, file_format, signed(b"", made_by))
    writer = AnimationWriter(encoder, file_format)
    for frame in frames:
        writer.add(frame)
    writer.finish()


def _encoder(file: BinaryIO, animation: Animation, file_format: str, exif: bytes) -> Encoder:
    if file_format == "GIF":
        return GifEncoder(file, animation.size, animation.plays)
    if file_format == "PNG":
        return ApngEncoder(file, animation.plays, animation.icc_profile, exif)
    return WebpEncoder(
        file,
        animation.size,
        animation.plays,
        transparent=animation.transparent,
        icc_profile=animation.icc_profile,
        exif=exif,
    )


class AnimationWriter:
    """Gives an encoder of each frame what differs from the one before.

    Args:
        encoder: Where frames go.
        file_format: One of `ANIMATED`.
    """

    def __init__(self, encoder: Encoder, file_format: str) -> None:
        self._encoder = encoder
        self._overlays = file_format == "GIF"  # where transparent pixels leave what was there
        self._grid = 2 if file_format == "WEBP" else 1
        self._held: AnimationFrame | None = None
        self._canvas: Image.Image | None = None

    def add(self, frame: AnimationFrame) -> None:
        """Append a frame; it is written when the next one is known, for that may ask for a clear canvas."""
        if self._held is not None:
            self._put(self._held, cleared=self._overlays and is_transparent(frame.image))
        self._held = frame

    def finish(self) -> None:
        """Write the last frame."""
        if self._held is None:
            raise ToonifyError("holds no frame that can be read")
        self._put(self._held, cleared=False)
        self._encoder.finish()

    def _put(self, frame: AnimationFrame, *, cleared: bool) -> None:
        box = (0, 0, *frame.image.size)
        if self._canvas is not None and not cleared:
            box = self._changed(self._canvas, frame.image)
        self._encoder.add(Cel(frame.image.crop(box), box[:2], frame.seconds, cleared))
        self._canvas = None if cleared else frame.image

    def _changed(self, before: Image.Image, after: Image.Image) -> tuple[int, int, int, int]:
        found = ImageChops.difference(before, after).getbbox(alpha_only=False)
        left, top, right, bottom = found or (0, 0, 1, 1)
        return left // self._grid * self._grid, top // self._grid * self._grid, right, bottom
