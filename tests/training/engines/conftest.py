"""Steps on one engine or another, in processes of their own where Keras must run on something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from replaying import finish, start


@pytest.fixture(scope="session")
def replayed(tmp_path_factory) -> Callable[..., Any]:
    """`replayed(cases, engine="jax", devices=2, strategy="mirrored")`: each case's figures and weights."""
    from tiny_dataset import write_dataset
    from tiny_presets import write_small_preset

    folder = tmp_path_factory.mktemp("replay")
    arrays = ("photo", "cartoon", "smoothed", "paired")
    dataset = write_dataset(folder / "dataset", *arrays, count=8, size=16)
    weights = folder / "weights"
    weights.mkdir()

    def small(case: dict[str, Any]) -> dict[str, Any]:
        return {**case, "preset": str(write_small_preset(folder, case["preset"]))}

    def asked(cases: dict[str, Any], engine: str = "tensorflow", strategy: str = "none") -> dict[str, Any]:
        where = {"dataset": str(dataset), "weights": str(weights)}
        cases = {name: small(case) for name, case in cases.items()}
        return {"engine": engine, "strategy": strategy, "cases": cases, **where}

    def run(cases: dict[str, Any], *, devices: int = 1, **engine: str) -> Any:
        if devices == 1 and not engine:  # what this process runs on
            from replay import replay_all

            return replay_all(asked(cases))
        return finish(start(asked(cases, **engine), devices=devices))

    run.asked = asked
    return run
