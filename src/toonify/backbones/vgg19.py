"""VGG19 (Simonyan and Zisserman, 2015), as CartoonGAN uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from toonify.backbones.applications import Application


class VGG19(Application):
    """VGG19 of keras.applications; its convolutions give what comes before the ReLU."""

    name = "vgg19"
    default_layer = "block4_conv4"
    licence = "CC-BY-4.0 (Visual Geometry Group, Oxford)"

    def application(self) -> Callable[..., Any]:
        return keras.applications.VGG19
