"""Steps on one engine or another, in processes of their own where Keras must run on something else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from replay import replay_all
from replaying import finish, start
from tiny_dataset import write_dataset
from tiny_presets import write_small_preset


@pytest.fixture(scope="session")
def replayed(shared) -> Callable[..., Any]:
    """`replayed(cases, engine="jax", devices=2)`: each case's figures and weights.

    The first replay of a case leaves the weights that it begins with to all others.
    """
    arrays = ("photo", "superpixels", "cartoon", "smoothed", "paired")
    dataset = shared("replayed", lambda folder: write_dataset(folder, *arrays, count=8, size=16))
    weights = shared("weights", Path.mkdir)
    presets = shared("presets", Path.mkdir)

    def small(case: dict[str, Any]) -> dict[str, Any]:
        return {**case, "preset": str(write_small_preset(presets, case["preset"]))}

    def asked(cases: dict[str, Any], engine: str = "tensorflow") -> dict[str, Any]:
        cases = {name: small(case) for name, case in cases.items()}
        return {"engine": engine, "cases": cases, "dataset": str(dataset), "weights": str(weights)}

    def run(cases: dict[str, Any], *, devices: int = 1, engine: str = "tensorflow") -> Any:
        request = asked(cases, engine)

        def make(path: Path) -> None:
            here = devices == 1 and engine == "tensorflow"  # what this process runs on
            done = replay_all(request) if here else finish(start(request, devices=devices))
            path.write_text(json.dumps(done))

        name = hashlib.sha256(json.dumps([request, devices]).encode()).hexdigest()[:16]
        return json.loads(shared(f"replay-{name}.json", make).read_text())

    run.asked = asked
    return run
