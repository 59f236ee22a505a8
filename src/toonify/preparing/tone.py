"""`--tone auto`: deep shadows are lifted off faces.

A network draws a face of which one half is nearly black as two patches. The faces themselves decide:
a picture without one, or in which all are evenly lit, stays as it is, byte for byte.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from toonify.faces import Face, find_faces

DEEP = (34.0, 20.0)  # luminance of a cheek (CIELAB, 0 to 100) where shadow begins to count, and is full
UNEVEN = (1.2, 2.6)  # how many times another part of the face has twice its light: a lamp at one side
UNLIT = (22.0, 12.0)  # luminance of a face that is nowhere lit
LIT = 55.0  # luminance from which nothing is lifted, on average over the surroundings
WORTH = 0.1  # need under which nobody would see a difference
ELSEWHERE = 0.5  # how much of the lift is left far from the face
GRAIN = 1.4  # most that contrast in small things, noise included, and colours are raised


def even_out(picture: np.ndarray) -> np.ndarray:
    """Lift the shadows of a picture in which a face lies in deep shadow.

    The luminance of the surroundings b, from a guided filter (He et al., "Guided image filtering",
    2013), which keeps the edges of shadows and so makes no halos, becomes
    LIT (b / LIT)^(1 - lift / 2) where it is below LIT; what differs from it is raised no more
    than by `GRAIN`. The lift is 0 to 1, greatest on the face that needs it most.

    Args:
        picture: RGB, (H, W, 3), uint8.

    Returns:
        The same shape and type; the very same array if no face needs it.
    """
    faces = find_faces(Image.fromarray(picture))
    if not faces:
        return picture
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    needs = [need(face, lab[..., 0]) for face in faces]
    if max(needs) < WORTH:
        return picture
    lift = np.max(
        [_reach(face, picture.shape) * strength for face, strength in zip(faces, needs, strict=True)], 0
    )
    lifted = _lifted(lab, lift, radius=max(4, round(faces[int(np.argmax(needs))].height / 4)))
    return np.rint(np.clip(cv2.cvtColor(lifted, cv2.COLOR_LAB2RGB), 0, 1) * 255).astype(np.uint8)


def need(face: Face, luminance: np.ndarray) -> float:
    """How badly a face needs light, 0 to 1.

    Both cheeks and the nose are compared, for hair, beard and glasses are dark by themselves.

    Args:
        face: Where it is.
        luminance: Of the picture, (H, W), 0 to 100.
    """
    eyes, nose, mouth = face.points[:2], face.points[2], face.points[3:]
    spots = [*(0.55 * eyes + 0.45 * mouth), nose]
    lit = [_around(luminance, spot, face.width / 12) for spot in spots]
    darkest, brightest = min(lit), max(lit)
    stops = float(np.log2(_light(brightest) / _light(darkest)))
    one_side = _ramp(darkest, *DEEP) * _ramp(stops, *UNEVEN)
    return max(one_side, _ramp(brightest, *UNLIT))


def _ramp(value: float, start: float, full: float) -> float:
    return float(np.clip((value - start) / (full - start), 0, 1))


def _light(luminance: float) -> float:
    """Linear light, 0 to 1, of a CIELAB luminance, 0 to 100."""
    return float(((max(luminance, 1.0) + 16) / 116) ** 3)


def _around(luminance: np.ndarray, spot: np.ndarray, radius: float) -> float:
    height, width = luminance.shape
    x, y = np.clip(spot, 0, (width - 1, height - 1))
    reach = max(1, round(radius))
    left, top = max(0, round(x) - reach), max(0, round(y) - reach)
    return float(np.median(luminance[top : round(y) + reach + 1, left : round(x) + reach + 1]))


def _reach(face: Face, shape: tuple[int, ...]) -> np.ndarray:
    """1 on the face, falling smoothly to `ELSEWHERE`."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    across = (x - face.left - face.width / 2) / face.width
    down = (y - face.top - face.height / 2) / face.height
    near = np.exp(-0.5 * np.maximum(np.hypot(across, down) - 0.5, 0) ** 2 / 0.4**2)
    return ELSEWHERE + (1 - ELSEWHERE) * near


def _lifted(lab: np.ndarray, lift: np.ndarray, radius: int) -> np.ndarray:
    luminance = lab[..., 0]
    base = np.clip(cv2.ximgproc.guidedFilter(luminance, luminance, radius, 40.0), 0.5, 100)
    raised = np.where(base < LIT, LIT * (base / LIT) ** (1 - lift / 2), base)
    detail = np.minimum(raised / base, GRAIN)
    lifted = np.clip(raised + detail * (luminance - base), 0, 100)
    return np.dstack([lifted, lab[..., 1:] * detail[..., None]]).astype(np.float32)
