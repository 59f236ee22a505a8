"""What is asked of a plugin's answers, and the error where a promise is not kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from toonify.testing.samples import as_numbers


def need(kept: bool, promise: str) -> None:
    if not kept:
        raise AssertionError(f"a promise of the contract is not kept: {promise}")


def need_finite(numbers: np.ndarray[Any, Any], what: str) -> None:
    need(bool(np.isfinite(numbers).all()), f"{what}: finite numbers")


def need_near(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any], promise: str) -> None:
    difference = float(np.abs(found - wanted).max(initial=0.0))
    need(difference <= 1e-4 * max(1.0, float(np.abs(wanted).max(initial=0.0))), promise)


def need_scalar(value: Any, giver: str) -> float:
    number = as_numbers(value)
    need(number.ndim == 0, f"{giver} gives one number, not an array of shape {number.shape}")
    need_finite(number, giver)
    return float(number)
