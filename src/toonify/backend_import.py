"""Using Keras and TensorFlow without the notices that their libraries print on the way."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from toonify.distributions import needs
from toonify.ending import lead_nowhere
from toonify.errors import ToonifyError, one_line


def import_tensorflow() -> None:
    """`import_keras` over TensorFlow."""
    import_keras("tensorflow")


def import_keras(backend: str) -> None:
    """Import Keras with a backend, without the notices of its libraries; errors are raised.

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
    """Silence the file descriptor of standard error: compiled libraries do not use `sys.stderr`."""
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # it was closed from the beginning, as under `pythonw`
        yield
        return
    try:
        lead_nowhere(2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def keras_backend(otherwise: str) -> str:
    """What Keras runs on, or will once it is imported; `otherwise` where nobody has chosen."""
    keras = sys.modules.get("keras")
    return keras.backend.backend() if keras else os.environ.get("KERAS_BACKEND") or otherwise


def installed(framework: str) -> bool:
    """Whether a framework is installed, without importing it."""
    return importlib.util.find_spec(framework) is not None


def in_tensorflow_process(module: str, *arguments: str) -> str:
    """Run `python -m MODULE ARGUMENTS` where Keras runs on TensorFlow, whatever it runs on here.

    The process ends with this one. It sees no accelerator: it needs none, and must not take memory from one
    that this process holds. The module should do its work inside `failing_in_words()`.

    Returns:
        What it prints.

    Raises:
        ToonifyError: if there is no TensorFlow, or the process fails, in its own words.
    """
    if not installed("tensorflow"):
        raise needs("this", "tensorflow")
    command = [sys.executable, "-m", "toonify.ending", module, *arguments]
    environment = os.environ | {
        "KERAS_BACKEND": "tensorflow",
        "PYTHONIOENCODING": "utf-8",  # what it tells names files, in letters that a code page may lack
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONSAFEPATH": "1",  # a `keras.py` in the current folder must not be imported for Keras
    }
    tether, held = os.pipe()  # closed when this process ends, however that happens
    try:
        with subprocess.Popen(
            command,
            env=environment,
            stdin=tether,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as process:
            try:
                told, complaint = process.communicate()
            except BaseException:
                process.kill()
                process.wait()  # `subprocess.run` would not after Ctrl-C: what it holds is free only then
                raise
    finally:
        os.close(tether)
        os.close(held)
    if process.returncode:
        message, hint = (*complaint.strip().splitlines()[-2:], "", "")[:2]
        raise ToonifyError(message or f"{module} ended with exit code {process.returncode}", hint)
    return told


@contextmanager
def failing_in_words() -> Iterator[None]:
    """End the process with an error's message, and its hint below it, for the process that waits."""
    try:
        yield
    except ToonifyError as error:
        sys.exit(str(error))
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {one_line(error)}")
