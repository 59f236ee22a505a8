"""Using TensorFlow without the notices that its libraries print on the way."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def import_tensorflow() -> None:
    """Import Keras over TensorFlow, in silence; what fails still raises.

    Must come before any other import of either: the backend is chosen by the first one.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" in sys.modules:
        return
    with no_standard_error():
        import keras
        import tensorflow

        del keras, tensorflow


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
