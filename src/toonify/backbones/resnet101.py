"""ResNet101 (He et al., 2016)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from toonify.backbones.applications import Application


class ResNet101(Application):
    """ResNet101 of keras.applications; `conv4_block4_out` is 16 × 16 × 1024 for 256 × 256 pixels."""

    name = "resnet101"
    default_layer = "conv4_block4_out"
    licence = "MIT (Kaiming He)"
    ends_of_blocks = "_out"

    def application(self) -> Callable[..., Any]:
        return keras.applications.ResNet101
