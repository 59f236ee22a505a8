"""Starts `replay.py` and reads what it prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def start(asked: dict[str, Any], *, devices: int = 1, **environment: str) -> subprocess.Popen[str]:
    """Begin a replay on a machine with so many (virtual) processors."""
    paths = os.pathsep.join(map(str, [HERE, HERE.parent, os.environ["PYTHONPATH"]]))
    flags = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}", "VIRTUAL_CPUS": str(devices)}
    flags["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"  # halves the time that it takes to compile
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
    out, error = process.communicate(timeout=570)
    assert process.returncode == 0, error
    return json.loads(out.rstrip().rpartition("\n")[2])
