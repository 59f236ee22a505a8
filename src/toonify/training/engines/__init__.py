"""What differs between Keras' backends, behind one contract."""

from toonify.training.engines.base import Engine
from toonify.training.engines.choosing import choose_backend, make_engine, worker_index

__all__ = ["Engine", "choose_backend", "make_engine", "worker_index"]
