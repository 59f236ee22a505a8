"""Where faces are, found by YuNet. ONNX Runtime is loaded once a face is looked for."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.privacy import import_onnxruntime
from toonify.storage import read_checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

YUNET = Path(__file__).with_name("yunet")
MODEL = "face_detection_yunet_2023mar_any_size.onnx"  # see yunet/README.md
LONGEST = 512  # pixels; YuNet is made for faces of 10 to 300 pixels
STRIDES = (8, 16, 32)  # pixels between the points at which it looks for small, middling and large ones
CERTAIN = 0.7  # score from which it is believed
SAME = 0.3  # of the area that two boxes cover, which is in both, from which they are one face
MOST = 16  # faces of a picture

_ONE_AT_A_TIME = threading.Lock()  # makes the session


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

    @property
    def area(self) -> float:
        return self.width * self.height

    def is_same(self, other: Face) -> bool:
        """Whether their boxes have so much in common that they are of one face."""
        across = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        down = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        both = max(0.0, across) * max(0.0, down)
        return both > SAME * (self.area + other.area - both)


def find_faces(image: Image.Image, longest: int = LONGEST, most: int = MOST) -> list[Face]:
    """The faces of a picture, mode RGB, the largest first.

    YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023); what its numbers mean is as in
    OpenCV's `FaceDetectorYN` (https://github.com/opencv/opencv, modules/objdetect/src/face_detect.cpp), whose
    faces these are.

    Args:
        image: The picture.
        longest: To which its long side is reduced before: less is faster, and misses small faces.
        most: How many, the largest.
    """
    import numpy as np
    from PIL import Image

    scale = min(1.0, longest / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = image if scale == 1 else image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    width, height = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in size)
    padded = np.zeros((1, 3, height, width), np.float32)
    padded[0, :, : size[1], : size[0]] = np.asarray(small)[..., ::-1].transpose(2, 0, 1)  # blue first
    with _ONE_AT_A_TIME:
        detector = _detector()
    names = [output.name for output in detector.get_outputs()]
    found = dict(zip(names, detector.run(names, {"input": padded}), strict=True))
    faces: list[Face] = []
    for _score, row in sorted(_candidates(found, width), key=lambda candidate: -candidate[0]):
        face = _face(row / scale)
        if not any(face.is_same(other) for other in faces):
            faces.append(face)
    return sorted(faces, key=lambda face: (-face.height, face.left, face.top))[:most]


def read_detector() -> bytes:
    """YuNet as an ONNX file: `input` is float32, (1, 3, H, W), blue first, 0 to 255, sides multiples of 32.

    Raises:
        ToonifyError: if it is damaged.
    """
    return read_checked(YUNET / MODEL)


def read_licence() -> bytes:
    """YuNet's."""
    return (YUNET / "LICENSE").read_bytes()


def _candidates(found: Mapping[str, NDArray[Any]], width: int) -> Iterator[tuple[float, NDArray[Any]]]:
    """Score and row of each point that sees a face: left, top, width, height, then the five points.

    Args:
        found: What the network gave, by its names.
        width: Of what it was given.
    """
    import numpy as np

    for stride in STRIDES:
        kinds = (found[f"{name}_{stride}"][0] for name in ("cls", "obj", "bbox", "kps"))
        classes, objects, boxes, points = kinds
        scores = np.sqrt(classes[:, 0].clip(0, 1) * objects[:, 0].clip(0, 1))
        for index in np.flatnonzero(scores >= CERTAIN):
            here = np.array(divmod(int(index), width // stride)[::-1])  # x, y
            middle = (here + boxes[index, :2]) * stride
            size = np.exp(boxes[index, 2:]) * stride
            five = (here + points[index].reshape(5, 2)) * stride
            yield float(scores[index]), np.concatenate([middle - size / 2, size, five.ravel()])


def _face(row: NDArray[Any]) -> Face:
    left, top, width, height = map(float, row[:4])
    return Face(left, top, width, height, row[4:].reshape(5, 2))


@functools.cache
def _detector() -> Any:
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # pictures are worked on side by side
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(read_detector(), options, providers=["CPUExecutionProvider"])
