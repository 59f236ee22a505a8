"""Whether a drawing shows what the photograph does, as a network sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

LAYER = "block3_conv4"


def content_distance(weights: Path) -> Callable[[np.ndarray, np.ndarray], float]:
    """A function on a photograph and its drawing, both RGB, (H, W, 3), uint8.

    It gives the mean absolute difference of their features in VGG19's `block3_conv4`, before the
    activation (Simonyan and Zisserman, 2015), divided by the mean absolute feature of the photograph; the
    content term of CartoonGAN (Chen et al., 2018, equation 7), made relative. 0 for the same picture.

    Args:
        weights: A file for the backbone `vgg19`, as `train --backbone-weights` takes it.

    Raises:
        ToonifyError: if the file cannot be read or does not fit.
    """
    from toonify.backend_import import import_tensorflow

    import_tensorflow()

    from toonify.plugins import create

    model = create("backbones", "vgg19", {}).build(str(weights), LAYER)

    def features(picture: np.ndarray) -> np.ndarray:
        return np.asarray(model(picture[np.newaxis].astype(np.float32) / 127.5 - 1, training=False))

    def distance(photo: np.ndarray, drawing: np.ndarray) -> float:
        wanted = features(photo)
        return float(np.abs(features(drawing) - wanted).mean() / np.abs(wanted).mean())

    return distance
