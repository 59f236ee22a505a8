"""Engines in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


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


def start(asked: dict[str, Any], *, devices: int = 1, **environment: str) -> subprocess.Popen[str]:
    """Begin a replay on a machine with so many (virtual) processors."""
    paths = os.pathsep.join(map(str, [HERE, HERE.parent]))
    flags = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}", "VIRTUAL_CPUS": str(devices)}
    environment = {**os.environ, "PYTHONPATH": paths, "JAX_PLATFORMS": "cpu", **flags, **environment}
    environment.pop("KERAS_BACKEND", None)
    return subprocess.Popen(
        [sys.executable, HERE / "replay.py", json.dumps(asked)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> Any:
    """What the replay printed."""
    out, error = process.communicate(timeout=300)
    assert process.returncode == 0, error
    return json.loads(out.rstrip().rpartition("\n")[2])
