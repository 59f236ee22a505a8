"""What differs between Keras' backends, behind one contract."""

from toonify.training.engines.base import Engine
from toonify.training.engines.choosing import check_backend, choose_backend, make_engine, worker_index

__all__ = ["Engine", "check_backend", "choose_backend", "make_engine", "worker_index"]
