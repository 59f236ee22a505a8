"""From a dataset to a style: shards → step → loop → checkpoints, metrics, samples → style.

Nothing heavy is loaded before it is used: `toonify presets` reads data files alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toonify.training.pipeline import train
    from toonify.training.request import TrainRequest
    from toonify.training.result import TrainResult

__all__ = ["TrainRequest", "TrainResult", "train"]

_HOMES = {
    "TrainResult": "toonify.training.result",
    "TrainRequest": "toonify.training.request",
    "train": "toonify.training.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'toonify.training' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
