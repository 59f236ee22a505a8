"""How a film's numbers stand for colours, and high dynamic range brought to the usual one.

The numbers of matrices, ranges, primaries and transfers are those of ITU-T H.273, as in FFmpeg's
libavutil/pixfmt.h.
"""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageFilter

if TYPE_CHECKING:
    import av
    import numpy as np
    from numpy import float64
    from numpy.typing import NDArray

BT709, UNSPECIFIED, _BT601 = 1, 2, 6
_LIMITED, _FULL = 1, 2
_READ = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""Matrices by H.273's numbers, and by swscale's (SWS_CS_ITU709 and so on)."""

_WRITTEN = frozenset({1, 4, 5, 6, 7})

_ROUNDED = 0x2 | 0x40000
"""swscale's bilinear and ACCURATE_RND: without the latter some greys become a little green."""

_EXACT = _ROUNDED | 0x2000  # FULL_CHR_H_INT, the same for the way back
_REDUCED = 0x200 | 0x40000 | 0x2000  # as _EXACT, but LANCZOS
_ENLARGED = 0x4 | 0x40000  # as _ROUNDED, but BICUBIC

PQ, HLG = 16, 18
TRANSFERS = {PQ: "PQ", HLG: "HLG"}
"""Of high dynamic range."""

_WHITE = 203.0  # cd/m², that of graphics and diffuse white in HDR (ITU-R BT.2408)
_PEAK = 1000.0  # cd/m², of the display that most films are graded for
_KNEE = 0.3  # share of the usual range below which light is kept as it is
_GRID = 33  # colours a side of the table, as is common in grading
_TO_709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
"""Linear light of BT.2020's primaries to BT.709's (ITU-R BT.2087)."""


class Scalers(threading.local):
    """FFmpeg's scaler, which makes tables for each kind of frame: one a thread and direction keeps them."""

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        self.decoding, self.encoding = VideoReformatter(), VideoReformatter()


@dataclass(frozen=True)
class Coding:
    """How a frame's numbers stand for colours.

    Attributes:
        matrix: From YCbCr to RGB.
        full: Whether luma takes all 256 levels, or 16 to 235.
        primaries: Which red, green and blue.
        transfer: Which curve.
    """

    matrix: int
    full: bool
    primaries: int
    transfer: int

    @property
    def high_range(self) -> str:
        """`PQ` or `HLG`; empty for the usual range."""
        return TRANSFERS.get(self.transfer, "")

    @property
    def written(self) -> Coding:
        """What pictures of this coding are written in: the same, but in the usual range."""
        if self.high_range:
            return Coding(BT709, False, BT709, BT709)
        return replace(self, matrix=self.matrix if self.matrix in _WRITTEN else BT709)

    def untold(self, height: int) -> Coding:
        """What pictures of this coding are written in where that cannot be said: as players take it."""
        return replace(self.written, matrix=_usual_matrix(height), full=False)

    def decode(
        self, frame: av.VideoFrame, scalers: Scalers, size: tuple[int, int] | None = None
    ) -> NDArray[np.uint8]:
        """A frame's pixels, (H, W, 3); reduced to a width and height, if these are given."""
        width, height = size or (frame.width, frame.height)
        decoded = scalers.decoding.reformat(
            frame,
            width,
            height,
            "rgb24",
            src_colorspace=_READ.get(self.matrix),
            interpolation=_EXACT if (width, height) == (frame.width, frame.height) else _REDUCED,
        )
        return cast("NDArray[np.uint8]", decoded.to_ndarray())

    def in_usual_range(self, image: Image.Image) -> Image.Image:
        """The same picture, and where that is of high dynamic range, tone-mapped."""
        return image.filter(_table(self.transfer)) if self.high_range else image

    def encode(
        self, pixels: NDArray[np.uint8], scalers: Scalers, layout: str, size: tuple[int, int]
    ) -> av.VideoFrame:
        """A frame of RGB pixels, (H, W, 3), enlarged to a size, with FFmpeg's name of its layout."""
        import av

        frame = av.VideoFrame.from_ndarray(pixels)
        coded = scalers.encoding.reformat(
            frame,
            *size,
            layout,
            dst_colorspace=_READ[self.matrix],
            dst_color_range=_FULL if self.full else _LIMITED,
            interpolation=_ROUNDED if size == (frame.width, frame.height) else _ENLARGED,
        )
        self.tell(coded)
        return coded

    def tell(self, target: Any) -> None:
        """Mark a frame, or an encoder."""
        target.colorspace = self.matrix
        target.color_range = _FULL if self.full else _LIMITED
        target.color_primaries = self.primaries
        target.color_trc = self.transfer


def coding_of(frame: av.VideoFrame) -> Coding:
    """What a frame says of itself; where it says nothing, what players take it for."""
    matrix = frame.colorspace
    if matrix == UNSPECIFIED and not frame.format.is_rgb:
        matrix = _usual_matrix(frame.height)
    full = frame.color_range == _FULL and not frame.format.is_rgb
    return Coding(matrix, full, frame.color_primaries, frame.color_trc)


def _usual_matrix(height: int) -> int:
    return BT709 if height >= 720 else _BT601


@functools.cache
def _table(transfer: int) -> ImageFilter.Color3DLUT:
    """BT.2020 in high dynamic range to BT.709 in the usual one."""
    import numpy as np

    steps = np.linspace(0, 1, _GRID)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")  # red changes first
    coded = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    light = _light_of_pq(coded) if transfer == PQ else _light_of_hlg(coded)
    light = np.clip(_tone_mapped(light / _WHITE) @ np.array(_TO_709).T, 0, 1)
    return ImageFilter.Color3DLUT(_GRID, (light ** (1 / 2.4)).ravel().tolist())  # BT.1886's display


def _light_of_pq(coded: NDArray[float64]) -> NDArray[float64]:
    """In cd/m², by SMPTE ST 2084."""
    import numpy as np

    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    power = coded ** (1 / m2)
    return 10_000 * (np.maximum(power - c1, 0) / (c2 - c3 * power)) ** (1 / m1)


def _light_of_hlg(coded: NDArray[float64]) -> NDArray[float64]:
    """In cd/m² on a display of 1,000, by ITU-R BT.2100."""
    import numpy as np

    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593])
    return _PEAK * scene * luminance[:, np.newaxis] ** 0.2


def _tone_mapped(light: NDArray[float64]) -> NDArray[float64]:
    """Light of 0 to `_PEAK` in 0 to 1, where 1 comes in as white.

    Reinhard's curve above a knee, as in FFmpeg's filter `tonemap=mobius`; the hue stays, for all three
    channels are scaled as the brightest is.
    """
    import numpy as np

    peak, knee = _PEAK / _WHITE, _KNEE
    a = -(knee**2) * (peak - 1) / (knee**2 - 2 * knee + peak)
    b = (knee**2 - 2 * knee * peak + peak) / (peak - 1)
    brightest = np.clip(light.max(axis=1, keepdims=True), 1e-6, peak)
    bent = (b**2 + 2 * b * knee + knee**2) / (b - a) * (brightest + a) / (brightest + b)
    return (
        light
        * np.where(brightest > knee, bent, brightest)
        / np.maximum(light.max(axis=1, keepdims=True), 1e-6)
    )
