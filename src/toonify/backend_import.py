"""Using Keras and TensorFlow without the notices that their libraries print on the way."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def import_tensorflow() -> None:
    """`import_keras` over TensorFlow."""
    import_keras("tensorflow")


def import_keras(backend: str) -> None:
    """Import Keras over a backend, in silence; what fails still raises.

    Must come before any other import of either: the backend is chosen by the first one.
    """
    os.environ.setdefault("KERAS_BACKEND", backend)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if backend in sys.modules and "keras" in sys.modules:
        return
    with no_standard_error():
        importlib.import_module(backend)
        importlib.import_module("keras")


@contextmanager
def no_standard_error() -> Iterator[None]:
    """The file descriptor itself: compiled libraries do not ask Python where to print."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
