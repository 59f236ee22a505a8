"""Where the faces of a photograph are, and what of it is a person: the models beside this file."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from toonify.datasets.filters import Array
from toonify.datasets.painting.face import EYES, Face
from toonify.plugins import find_faces as boxed_faces
from toonify.plugins import import_onnxruntime, read_checked

MESH_SIDE = 192  # pixels that the face mesh sees
PERSON_SIDE = 256  # pixels that the segmentation sees
ROOM = 1.5  # the square around a face that the mesh was trained on, in sizes of the face
LIKELY, SURE = 0.0, 8.0  # logits of the mesh that this is a face, at its first look and at its second
SOUGHT, MOST = 640, 64  # pixels of the long side in which faces are looked for, and how many
SMALLEST = 10.0  # pixels between the pupils, below which a face is left to the scene


def find_faces(photo: Array) -> list[Face]:
    """The faces of a photograph, (H, W, 3), uint8, the largest first.

    YuNet says where; the attention mesh (Grishchenko et al., "Attention mesh", 2020) looks twice: at
    YuNet's box, and at its own landmarks.
    """
    faces: list[Face] = []
    for seen in boxed_faces(Image.fromarray(photo), SOUGHT, MOST):
        left_eye, right_eye = seen.points[:2]
        centre = np.array([seen.left + seen.width / 2, seen.top + seen.height / 2])
        first = _mesh(photo, centre, max(seen.width, seen.height) * ROOM, right_eye - left_eye, LIKELY)
        if first is None:
            continue
        face = _mesh(photo, *_square(first), SURE)
        if face is not None and face.u >= SMALLEST and not any(_same(face, other) for other in faces):
            faces.append(face)
    return faces


def _square(face: Face) -> tuple[Array, float, Array]:
    """The square around a face's landmarks, turned so that its eyes are level: centre, side, direction."""
    direction = face.points[EYES[1].upper[0]] - face.points[EYES[0].upper[0]]
    along = direction / (np.linalg.norm(direction) + 1e-6)
    axes = np.array([along, [-along[1], along[0]]])
    turned = face.points @ axes.T
    low, high = turned.min(0), turned.max(0)
    return (low + high) / 2 @ axes, float((high - low).max()) * ROOM, direction


def _mesh(photo: Array, centre: Array, side: float, level: Array, sure: float) -> Face | None:
    """The landmarks in a square of the photograph, or `None` where there is no face."""
    angle = np.arctan2(level[1], level[0])
    scale = MESH_SIDE / side
    turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    matrix = np.concatenate([turn, (MESH_SIDE / 2 - turn @ centre)[:, None]], 1)
    window = cv2.warpAffine(
        *_reduced(photo, matrix),
        (MESH_SIDE, MESH_SIDE),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    found = _run("face_mesh.onnx", window)
    if found["presence"][0] < sure:
        return None
    return Face(found["landmarks"][:, :2]).moved(cv2.invertAffineTransform(matrix))


def _reduced(photo: Array, matrix: Array) -> tuple[Array, Array]:
    """A photograph that is warped to a smaller one, averaged first so that it does not alias."""
    factor = int(1 / max(np.hypot(*matrix[:, 0]), 1e-6))
    if factor < 2:
        return photo, matrix
    size = max(1, photo.shape[1] // factor), max(1, photo.shape[0] // factor)
    small = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    back = np.array([photo.shape[1] / size[0], photo.shape[0] / size[1]])
    shift = matrix[:, 2] + matrix[:, :2] @ ((back - 1) / 2)
    return small, np.concatenate([matrix[:, :2] * back, shift[:, None]], 1)


def _same(face: Face, other: Face) -> bool:
    distance = np.linalg.norm(face.points.mean(0) - other.points.mean(0))
    return bool(distance < 0.7 * max(face.u, other.u))


def find_person(window: Array) -> Array:
    """How probable it is that a pixel belongs to a person, (H, W), of a picture, (H, W, 3), uint8.

    MediaPipe's selfie segmentation, made for a head and shoulders.
    """
    small = cv2.resize(window, (PERSON_SIDE, PERSON_SIDE), interpolation=cv2.INTER_AREA)
    person = _run("person.onnx", small)["person"][0, 0]
    return cv2.resize(person, window.shape[1::-1], interpolation=cv2.INTER_LINEAR).clip(0, 1)


def _run(model: str, window: Array) -> Mapping[str, Array]:
    picture = np.ascontiguousarray(window.transpose(2, 0, 1)[None], np.float32) / 255
    session = _session(model)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"picture": picture}), strict=True))


@functools.cache
def _session(model: str) -> Any:
    onnxruntime = import_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # pictures are worked on side by side
    options.log_severity_level = 3
    data = read_checked(Path(__file__).with_name("models") / model)
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
