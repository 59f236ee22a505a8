"""What differs between Keras' backends, behind one contract."""

from toonify.training.engines.base import Engine

__all__ = ["Engine"]
