"""Perceptual feature extractors."""

from __future__ import annotations

from toonify.plugins import Backbone
from toonify.testing.promises import need, need_finite, need_near, need_network, promised
from toonify.testing.samples import as_numbers, as_tensor, chosen_engine, some_pictures


def check_backbone(backbone: Backbone, *, weights: str = "none", layer: str = "", side: int = 64) -> None:
    """Features of pictures of any size, frozen, picture by picture, with a way back for gradients.

    Args:
        backbone: To be checked.
        weights: As of `Backbone.build`.
        layer: Likewise; empty for its `default_layer`.
        side: Of the pictures it is tried on, in pixels.
    """
    need(isinstance(backbone, Backbone), "it is a subclass of toonify.plugins.Backbone")
    need(bool(backbone.licence), "`licence` says under what terms its weights may be used")
    engine = chosen_engine()
    model = backbone.build(weights, layer or backbone.default_layer)
    need_network(model, "build()")
    need(not model.trainable_variables, "it is frozen: no variable can be trained")
    for height, width in ((side, side), (side, 2 * side)):
        pictures = some_pictures(2, height, width)
        with promised(f"build()'s model takes pictures of any size, {pictures.shape} too"):
            features = as_numbers(model(pictures, training=False))
        need(features.ndim == 4 and len(features) == 2, f"features are (N, h, w, c), not {features.shape}")
        need_finite(features, "features")
        alone = as_numbers(model(pictures[:1], training=False))
        need_near(alone, features[:1], "a picture's features do not depend on its batch")
    slope = engine.input_gradient(lambda x: model(x, training=False), as_tensor(pictures))
    flows = slope is not None and bool((as_numbers(slope) != 0).any())
    need(flows, "a gradient flows back to the pictures")
