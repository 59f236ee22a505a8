"""What is asked of a plugin's answers, and the error where a promise is not kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from toonify.errors import one_line
from toonify.testing.samples import as_numbers


def need(kept: bool, promise: str, error: BaseException | None = None) -> None:
    if not kept:
        raise AssertionError(f"a promise of the contract is not kept: {promise}") from error


@contextmanager
def promised(promise: str) -> Iterator[None]:
    """Whatever fails inside breaks a promise."""
    try:
        yield
    except AssertionError:
        raise
    except Exception as error:
        need(False, f"{promise} ({type(error).__name__}: {one_line(error)})", error)


def need_network(model: Any, giver: str, controls: Collection[str] = ()) -> None:
    import keras

    from toonify.training.promises import makes_weights_late

    need(isinstance(model, keras.Model), f"{giver} gives a Keras model, not {type(model).__name__}")
    late = makes_weights_late(model, controls)
    need(not late, f"{giver} gives a model that has its weights: begin it with keras.Input")


def need_finite(numbers: np.ndarray[Any, Any], what: str) -> None:
    need(bool(np.isfinite(numbers).all()), f"{what}: finite numbers")


def need_near(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], promise: str) -> None:
    difference = float(np.abs(found - wanted).max(initial=0.0))
    need(difference <= 1e-4 * max(1.0, float(np.abs(wanted).max(initial=0.0))), promise)


def need_scalar(value: Any, giver: str) -> float:
    with promised(f"{giver} gives one number, not {type(value).__name__}"):
        number = as_numbers(value)
    need(number.ndim == 0, f"{giver} gives one number, not an array of shape {number.shape}")
    need_finite(number, giver)
    return float(number)
