"""`"painter": "faces"`: faces painted by meaning over what a style's network drew of them."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from toonify.datasets.filters import INK, Array, laid, to_bytes, to_lab, to_rgb
from toonify.datasets.painting.finding import find_faces
from toonify.datasets.painting.painter import LABELS, Layers, is_grey, with_faces
from toonify.plugins import Painter

PUPILS = (48.0, 72.0)  # pixels between them in the window: fewer than for pairs, and so quicker


class Faces(Painter):
    """Paints each face that it finds, as `--source portrait` does, and leaves everything else as drawn.

    Of a style's controls it follows `ink` and `colour`. On a grey photograph faces are grey, whatever colours
    the network gave to the rest.
    """

    def paint(self, photo: Array, cartoon: Array, controls: Mapping[str, float]) -> Array:
        """The cartoon with the faces of the photograph; see `Painter.paint`."""
        faces = find_faces(photo)
        if not faces:
            return cartoon
        rgb = photo.astype(np.float32) / 255
        drawn = to_lab(cartoon.astype(np.float32) / 255)
        layers = Layers(drawn, np.zeros(drawn.shape[:2], np.float32), np.zeros(drawn.shape[:2], np.uint8))
        layers = with_faces(layers, rgb, faces, PUPILS)
        own = layers.labels >= LABELS["skin"]
        if is_grey(rgb):
            layers.colours[..., 1:] = np.where(own[..., None], 0, drawn[..., 1:])
        painted = _saturated(to_rgb(layers.colours), own, controls.get("colour", 1.0))
        cover = np.clip(layers.ink, 0, 1)[..., None] * np.float32(controls.get("ink", 1.0))
        painted = laid(painted, np.minimum(cover, 1)[..., 0], INK)
        changed = (layers.ink != 0) | (layers.colours != drawn).any(-1)
        return np.where(changed[..., None], to_bytes(painted), cartoon)


def _saturated(rgb: Array, own: Array, amount: float) -> Array:
    """RGB with the colours of what was painted moved away from grey; the rest has been before."""
    if amount == 1:
        return rgb
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None]  # BT.601, as the generators' control `colour`
    moved = np.clip(grey + np.float32(amount) * (rgb - grey), 0, 1)
    return np.where(own[..., None], moved, rgb)
