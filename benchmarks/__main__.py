"""Runs every benchmark in this folder, each in a process of its own: `python -m benchmarks`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> None:
    """One after another, so that they do not take each other's cores."""
    scripts = sorted(Path(__file__).parent.glob("[!_]*.py"))
    failed = [path.name for path in scripts if not run(path)]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def run(script: Path) -> bool:
    """Whether it ran to its end."""
    print(f"\n# {script.name}", flush=True)
    return subprocess.run([sys.executable, script]).returncode == 0


if __name__ == "__main__":
    main()
