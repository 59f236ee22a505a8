"""Where faces are, found by YuNet. OpenCV is loaded once a face is looked for."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.storage import read_checked

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MODEL = "face_detection_yunet_2023mar.onnx"  # see yunet/README.md
LONGEST = 512  # pixels; YuNet is made for faces of 10 to 300 pixels
LEAST = 64  # pixels a side; on 32 and below, OpenCV 4 computes with memory that nobody has written to
CERTAIN = 0.7  # score from which it is believed
MOST = 16  # faces of a picture

_ONE_AT_A_TIME = threading.Lock()  # it is made once, and told the size of a picture before it gets it


@dataclass(frozen=True)
class Face:
    """Where a face is, in pixels of the picture.

    Attributes:
        left: Of the box from brow to chin; may lie outside of the picture, as all of it.
        top: Likewise.
        width: Likewise.
        height: Likewise.
        points: Both eyes, tip of the nose, both corners of the mouth: (5, 2), x and y.
    """

    left: float
    top: float
    width: float
    height: float
    points: np.ndarray


def find_faces(image: Image.Image, longest: int = LONGEST) -> list[Face]:
    """The faces of a picture, mode RGB, the largest first.

    Args:
        image: The picture.
        longest: To which its long side is reduced before: less is faster, and misses small faces.

    YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023).
    """
    import cv2
    import numpy as np
    from PIL import Image

    scale = min(1.0, longest / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = image if scale == 1 else image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    if min(size) < LEAST:
        size = max(size[0], LEAST), max(size[1], LEAST)
        small = small.crop((0, 0, *size))  # black beside it
    with _ONE_AT_A_TIME:
        detector = _detector()
        detector.setInputSize(size)
        _, found = detector.detect(cv2.cvtColor(np.asarray(small), cv2.COLOR_RGB2BGR))
    rows = [] if found is None else found[:, :14] / scale
    return sorted(map(_face, rows), key=lambda face: (-face.height, face.left, face.top))[:MOST]


def _face(row: np.ndarray) -> Face:
    left, top, width, height = map(float, row[:4])
    return Face(left, top, width, height, row[4:].reshape(5, 2))


@functools.cache
def _detector() -> Any:
    import cv2
    import numpy as np

    model = read_checked(Path(__file__).with_name("yunet") / MODEL)
    with _hushed():
        return cv2.FaceDetectorYN.create(
            "onnx", np.frombuffer(model, np.uint8), np.zeros(0, np.uint8), (1, 1), CERTAIN
        )


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """OpenCV 5 warns that it runs networks on the CPU; earlier ones do not, nor can be told so."""
    import cv2

    logging = getattr(cv2.utils, "logging", None)
    before = logging.setLogLevel(logging.LOG_LEVEL_ERROR) if logging else None
    try:
        yield
    finally:
        if logging:
            logging.setLogLevel(before)
