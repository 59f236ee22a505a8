"""How a film's numbers stand for colours.

The numbers of matrices, ranges, primaries and transfers are those of ITU-T H.273, as in FFmpeg's
libavutil/pixfmt.h.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from toonify.media.enlarging import crisp_luma, doublings_into
from toonify.media.films.filters import Filters
from toonify.media.primaries import BT709, UNSPECIFIED
from toonify.media.tone_mapping import TRANSFERS, table

if TYPE_CHECKING:
    import av
    import numpy as np
    from av.video.reformatter import VideoReformatter
    from numpy.typing import NDArray

_BT601 = 6
_LIMITED, _FULL = 1, 2
_READ = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}
"""Matrices by H.273's numbers, and by swscale's (SWS_CS_ITU709 and so on)."""

_WRITTEN = frozenset({1, 4, 5, 6, 7})

_ROUNDED = 0x2 | 0x40000
"""swscale's bilinear and ACCURATE_RND: without the latter some greys become a little green."""

_EXACT = _ROUNDED | 0x2000  # FULL_CHR_H_INT, the same for the way back
_REDUCED = 0x200 | 0x40000 | 0x2000  # as _EXACT, but LANCZOS
_ENLARGED = 0x4 | 0x40000  # as _ROUNDED, but BICUBIC


_UNSITED = frozenset({"vp8", "vp9", "av1", "prores", "dnxhd", "ffv1", "rawvideo", "v210"})
"""Codecs, by FFmpeg's names, whose frames may not say where chroma samples lie; as good as all lie left."""

_EDGE = ("pad", "iw+16:ih+16:0:0:red"), ("pad", "iw+16:ih:0:0:blue")
"""Filters that add something by which it can be seen where chroma samples are taken to lie."""


class Sited:
    """Marks a frame's chroma samples as co-sited with the left pixel (H.273, ChromaLocType 0).

    Players take them to be. If frames do not say so, swscale puts them between two pixels, half a pixel from
    there, and PyAV has no way to mark them. Not to be shared by threads.
    """

    def __init__(self) -> None:
        self._kind: tuple[int, int, str] | None = None
        self._filters: Filters | None = None

    def __call__(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The same frame, marked."""
        kind = frame.width, frame.height, frame.format.name
        if self._filters is None or self._kind != kind:
            self._kind, self._filters = kind, Filters(frame, ("setparams", "chroma_location=left"))
        (marked,) = self._filters.through(frame)
        if frame.time_base:
            marked.time_base = frame.time_base
        return cast("av.VideoFrame", marked)


def is_unsited(frame: av.VideoFrame, codec: str) -> bool:
    """Whether a frame of a codec, by FFmpeg's name, says nothing of where its chroma samples lie.

    AV1 may, and Matroska of any codec. PyAV does not tell: hence by whether they are taken to lie elsewhere
    than those of a frame that says nothing.
    """
    if codec not in _UNSITED:
        return False
    unsited = ("setparams", "chroma_location=unspecified")
    edges = (next(Filters(frame, *filters).through(frame)) for filters in (_EDGE, (*_EDGE, unsited)))
    one, other = (edge.reformat(format="rgb24", interpolation=_ROUNDED).to_ndarray() for edge in edges)
    return bool((one == other).all())


class Scalers(threading.local):
    """FFmpeg's scaler, which makes tables for each kind of frame: one a thread and direction keeps them.

    Attributes:
        decoding: Of frames to pictures of their own size.
        reducing: Of frames to smaller ones.
        encoding: Of pictures to frames.
        luma: The same at their own size.
        enlarging: Of luma alone.
        sited: Marks pictures before they are encoded.
    """

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter

        self.decoding, self.reducing, self.encoding = (VideoReformatter() for _ in range(3))
        self.luma, self.enlarging = (VideoReformatter() for _ in range(2))
        self.sited = Sited()


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
        whole = (width, height) == (frame.width, frame.height)
        decoded = (scalers.decoding if whole else scalers.reducing).reformat(
            frame,
            width,
            height,
            "rgb24",
            src_colorspace=_READ.get(self.matrix),
            interpolation=_EXACT if whole else _REDUCED,
        )
        return cast("NDArray[np.uint8]", decoded.to_ndarray())

    def in_usual_range(self, image: Image.Image) -> Image.Image:
        """The same picture, and where that is of high dynamic range, tone-mapped."""
        return image.filter(table(self.transfer, self.primaries, "BT.1886")) if self.high_range else image

    def encode(
        self, pixels: NDArray[np.uint8], scalers: Scalers, layout: str, size: tuple[int, int]
    ) -> av.VideoFrame:
        """A frame of RGB pixels, (H, W, 3), enlarged to a size, with FFmpeg's name of its layout."""
        import av

        frame = scalers.sited(av.VideoFrame.from_ndarray(pixels))
        drawn = frame.width, frame.height
        coded = self._reformatted(
            scalers.encoding, frame, size, layout, _ROUNDED if size == drawn else _ENLARGED
        )
        if doublings := doublings_into(size, drawn):
            luma = _luma(self._reformatted(scalers.luma, frame, drawn, "yuv444p", _ROUNDED))
            crisp = av.VideoFrame.from_ndarray(crisp_luma(luma, doublings), "gray")
            _luma(coded)[:] = _luma(scalers.enlarging.reformat(crisp, *size, interpolation=_ENLARGED))
        self.tell(coded)
        return coded

    def _reformatted(
        self, scaler: VideoReformatter, frame: av.VideoFrame, size: tuple[int, int], layout: str, method: int
    ) -> av.VideoFrame:
        return scaler.reformat(
            frame,
            *size,
            layout,
            dst_colorspace=_READ[self.matrix],
            dst_color_range=_FULL if self.full else _LIMITED,
            interpolation=method,
        )

    def tell(self, target: Any) -> None:
        """Mark a frame, or an encoder."""
        target.colorspace = self.matrix
        target.color_range = _FULL if self.full else _LIMITED
        target.color_primaries = self.primaries
        target.color_trc = self.transfer


def _luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """A frame's luma, (H, W): its own memory."""
    import numpy as np

    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def coding_of(frame: av.VideoFrame) -> Coding:
    """What a frame says of itself; where it says nothing, what players take it for."""
    matrix = frame.colorspace
    if matrix == UNSPECIFIED and not frame.format.is_rgb:
        matrix = _usual_matrix(frame.height)
    full = frame.color_range == _FULL and not frame.format.is_rgb
    return Coding(matrix, full, frame.color_primaries, frame.color_trc)


def _usual_matrix(height: int) -> int:
    return BT709 if height >= 720 else _BT601
