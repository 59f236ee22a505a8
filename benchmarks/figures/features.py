"""Pictures as a network sees them: whether a drawing shows its photograph, and whose hand drew it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from toonify.training.metrics.features import kernel_inception_distance, pooled

LAYER = "block3_conv4"
SIDE = 224  # pixels, of what KID is measured on

Features = Callable[[np.ndarray], np.ndarray]


def vgg19(weights: Path, layer: str = LAYER) -> Features:
    """Features of a picture, RGB, (H, W, 3), uint8, before the activation (Simonyan and Zisserman, 2015):
    (1, H/4, W/4, 256) of `block3_conv4`.

    Args:
        weights: A file for the backbone `vgg19`, as `train --backbone-weights` takes it.
        layer: Of VGG19.

    Raises:
        ToonifyError: if the file cannot be read or does not fit.
    """
    from toonify.backend_import import import_tensorflow

    import_tensorflow()

    from toonify.plugins import create

    model = create("backbones", "vgg19", {}).build(str(weights), layer)
    return lambda picture: np.asarray(
        model(picture[np.newaxis].astype(np.float32) / 127.5 - 1, training=False)
    )


def content_distance(features: Features, photo: np.ndarray, drawing: np.ndarray) -> float:
    """The mean absolute difference of the features of a photograph and its drawing, over the mean absolute
    feature of the photograph: the content term of CartoonGAN (Chen et al., 2018, equation 7), made
    relative. 0 for the same picture.
    """
    wanted = features(photo)
    return float(np.abs(features(drawing) - wanted).mean() / np.abs(wanted).mean())


def hand(features: Features, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """What KID compares: mean features of pictures' middles, square and of 224 pixels, (n, d)."""

    def seen(picture: np.ndarray) -> np.ndarray:
        square = ImageOps.fit(Image.fromarray(picture), (SIDE, SIDE), Image.Resampling.LANCZOS)
        return pooled(features(np.asarray(square)))

    return np.concatenate(list(map(seen, pictures)))


def kid(features: Features, drawings: Iterable[np.ndarray], wanted: np.ndarray) -> dict[str, float]:
    """KID of drawings to an artist's, given as `hand` sees them, and its standard error."""
    distance, error = kernel_inception_distance(hand(features, drawings), wanted)
    return {"kid": distance, "kid_error": error}
