"""The small faces of films and animations, drawn from closer by as those of photographs, but not trembling.

A detector finds a face a little elsewhere in each frame, and in some frames not at all. So where a face is,
and whether there is one, is taken from the frames before and after as well: its close-up stands still, and
comes and goes softly. Close-ups are steadied by themselves, each with those of the same face in the
neighbouring frames, before they are laid over the steadied frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from toonify.converting.close_ups import Head, SmallFace, heads, whole_size
from toonify.converting.steadying import DrawnFrame, reduced, steadied
from toonify.faces import Face, find_faces
from toonify.faces.close_ups import MOST, SMALL

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    Pixels = NDArray[uint8]

AROUND = 2
"""Frames before and after one, in which its faces are looked for, too."""

_SOUGHT = 480  # pixels of the long side in which faces are looked for: half the time of 640
_SHARES = (1, 2, 3, 2, 1)  # of these frames
_SURE = 2 / 3  # of all shares, from which a face is there for certain: of frames before a cut, say
_FADING = 0.1  # of a close-up's width, over which a face that comes nearer takes leave of it
_MOST_DRAWN = 8  # close-ups of a frame: each takes about half as long as the frame


@dataclass(frozen=True)
class CloseUp:
    """A face of a frame, drawn.

    Attributes:
        head: Where it is laid.
        drawn: It and its photograph.
    """

    head: Head
    drawn: DrawnFrame

    def steadied(self, others: Iterable[CloseUp]) -> CloseUp:
        """Mixed with the close-ups of the same face among those of its neighbours."""
        same = [self._alike(other.drawn) for other in others if other.head.face.is_same(self.head.face)]
        drawing = steadied(self.drawn, same)
        return CloseUp(self.head, DrawnFrame(self.drawn.photo, drawing))

    def _alike(self, other: DrawnFrame) -> DrawnFrame:
        """Of the same size, from which it may differ by a pixel, or be cut by the border."""
        return DrawnFrame(
            _resized(other.photo, self.drawn.photo.shape), _resized(other.drawing, self.drawn.drawing.shape)
        )


def faces_of(photo: Pixels) -> list[Face]:
    """The faces of a frame at the size at which it is drawn, RGB, (H, W, 3)."""
    return find_faces(Image.fromarray(photo), _SOUGHT, MOST)


def steady_faces(around: Sequence[Sequence[Face] | None], width: int) -> list[SmallFace]:
    """The faces of a frame that are better drawn from closer by.

    Args:
        around: The faces of `AROUND` frames before it, of itself, and of as many after it; `None` where the
            film has no such frame.
        width: Of a face from closer by, in pixels.
    """
    whole = sum(share for share, faces in zip(_SHARES, around, strict=True) if faces is not None)
    found = []
    for sightings in _sightings(around):
        shares = np.array([_SHARES[number] for number in sightings], float)
        face = _mean(list(sightings.values()), shares / shares.sum())
        nearness = (SMALL * width - face.width) / (_FADING * width)
        opacity = min(1.0, nearness, float(shares.sum()) / (_SURE * whole))
        if opacity > 0:
            found.append((face, opacity))
    return sorted(found, key=lambda each: -each[0].area)[:_MOST_DRAWN]


def _sightings(around: Sequence[Sequence[Face] | None]) -> list[dict[int, Face]]:
    """For each face, where it is in which of the frames; matched from the middle outwards."""
    every: list[dict[int, Face]] = []
    for number in sorted(range(len(around)), key=lambda number: abs(number - AROUND)):
        for face in around[number] or ():
            for sightings in every:
                if number not in sightings and any(map(face.is_same, sightings.values())):
                    sightings[number] = face
                    break
            else:
                every.append({number: face})
    return every


def _mean(faces: Sequence[Face], shares: NDArray[np.float64]) -> Face:
    boxes = np.array([(face.left, face.top, face.width, face.height) for face in faces])
    left, top, width, height = map(float, shares @ boxes)
    return Face(left, top, width, height, np.tensordot(shares, [face.points for face in faces], 1))


def draw_close_ups(
    photo: Image.Image,
    faces: Sequence[SmallFace],
    drawn: tuple[int, int],
    width: int,
    draw: Callable[[Pixels], Pixels],
) -> list[CloseUp]:
    """Draw faces from closer by.

    Args:
        photo: The frame, of any size.
        faces: As `steady_faces` gives them.
        drawn: The size at which the frame is drawn.
        width: Of a face from closer by, in pixels.
        draw: Gives the drawing of a photograph, both RGB, (H, W, 3); what it raises is raised.
    """
    close_ups = []
    for head in heads(faces, drawn, whole_size(drawn, photo.size)):
        seen = np.asarray(head.seen(photo, width))
        close_ups.append(CloseUp(head, DrawnFrame(reduced(seen), draw(seen))))
    return close_ups


def laid_over(drawing: Pixels, close_ups: Sequence[CloseUp]) -> Pixels:
    """A frame's drawing, (H, W, 3), enlarged to have room for them, and with close-ups laid over it."""
    if not close_ups:
        return drawing
    whole = Image.fromarray(drawing).resize(close_ups[0].head.size, Image.Resampling.BICUBIC)
    for close_up in close_ups:
        close_up.head.lay(whole, Image.fromarray(close_up.drawn.drawing))
    return np.asarray(whole)


def _resized(picture: Pixels, shape: tuple[int, ...]) -> Pixels:
    height, width = shape[:2]
    if picture.shape[:2] == (height, width):
        return picture
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR))
