"""Engines in processes of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from replaying import finish, start


@pytest.fixture(scope="module")
def replayed(tmp_path_factory) -> Callable[..., Any]:
    """`replayed(cases, engine="jax", devices=2, strategy="mirrored")`: each case's figures and weights."""
    from tiny_dataset import write_dataset

    folder = tmp_path_factory.mktemp("replay")
    arrays = ("photo", "cartoon", "smoothed", "paired")
    dataset = write_dataset(folder / "dataset", *arrays, count=8)
    weights = folder / "weights"
    weights.mkdir()

    def asked(cases: dict[str, Any], engine: str = "tensorflow", strategy: str = "none") -> dict[str, Any]:
        where = {"dataset": str(dataset), "weights": str(weights)}
        return {"engine": engine, "strategy": strategy, "cases": cases, **where}

    def run(cases: dict[str, Any], *, devices: int = 1, **engine: str) -> Any:
        return finish(start(asked(cases, **engine), devices=devices))

    run.asked = asked
    return run
