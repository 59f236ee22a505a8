"""`--source video`: films as collections of pictures, one frame a scene.

Needs PyAV, which brings FFmpeg's decoders: `pip install "toonify-gan[video]"`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from toonify.datasets import shot_detection
from toonify.plugins import (
    FILM_SUFFIXES,
    DatasetSource,
    Domain,
    Film,
    FilmFrame,
    SourceItem,
    ToonifyError,
    find_pictures,
    usage_error,
)


@dataclass(frozen=True)
class Frame(SourceItem):
    """A frame of a video.

    Attributes:
        pts: When it is shown, in the stream's own units; unique in the video.
        fault: Why it cannot be used, known since it was listed; empty when it can.
    """

    pts: int = 0
    fault: str = ""


class Video(DatasetSource):
    """The sharpest frame of each scene of all videos below a folder, or of a single one.

    Pictures that lie beside the videos are taken as they are, so that either of PHOTOS and CARTOONS
    may be a folder of pictures.

    Args:
        every_frame: Look at all frames, not only at key frames, which encoders set where a scene
            begins, and which are found a hundred times faster.
    """

    domains: ClassVar[frozenset[Domain]] = frozenset({"photo", "cartoon"})
    one_root: ClassVar[bool] = False

    def __init__(self, every_frame: bool = False) -> None:
        self.every_frame = every_frame
        Film.need_decoders()

    def items(self, domain: Domain, root: Path) -> Iterator[SourceItem]:
        """Frames called `film.mkv@00:01:23.400`; pictures by their relative path."""
        folder = root if root.is_dir() else root.parent
        paths = list(find_pictures(root, also=FILM_SUFFIXES)) if root.is_dir() else [root]
        if not paths:
            raise usage_error(
                f"{root} holds neither videos nor pictures", f"Videos: *{', *'.join(sorted(FILM_SUFFIXES))}."
            )
        for path in paths:
            name = path.relative_to(folder).as_posix()
            if path.suffix.lower() in FILM_SUFFIXES or path == root:
                yield from self._frames(name, path)
            else:
                yield SourceItem(name, path)

    def _frames(self, name: str, path: Path) -> Iterator[Frame]:
        """The best frame of each scene; for a video without any, an item that says why."""
        times: set[str] = set()
        try:
            for best in _best(Film(path).frames(keys=not self.every_frame)):
                time = _clock(best.seconds)
                if time not in times:  # recordings joined end to end begin to count again
                    times.add(time)
                    yield Frame(f"{name}@{time}", path, pts=best.pts, fault=best.fault)
            if not times:
                raise ToonifyError("holds no frame that can be decoded")
        except ToonifyError as error:
            yield Frame(name, path, fault=error.message)

    def open(self, item: SourceItem) -> Image.Image:
        if not isinstance(item, Frame):
            return super().open(item)
        if item.fault:
            raise ToonifyError(item.fault)
        frame = Film(item.path).frame_at(item.pts)
        return frame.upright(shot_detection.without_bars(frame.pixels()))


@dataclass(frozen=True)
class _Candidate:
    pts: int
    seconds: Fraction
    sharpness: float
    fault: str


def _best(frames: Iterable[FilmFrame]) -> Iterator[_Candidate]:
    """The sharpest frame of each scene. A scene lasts as long as frames look like its first."""
    first: np.ndarray | None = None
    best: _Candidate | None = None
    for frame in frames:
        small = frame.reduced(shot_detection.SIDE)
        signature = shot_detection.signature(small)
        found = _Candidate(
            frame.pts, frame.seconds, shot_detection.sharpness(small), shot_detection.fault(small)
        )
        if best is None or first is None or shot_detection.differs(signature, first):
            if best:
                yield best
            first, best = signature, found
        elif found.sharpness > best.sharpness:
            best = found
    if best:
        yield best


def _clock(seconds: Fraction) -> str:
    """Such as `00:01:23.400`."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds / 1000:06.3f}"
