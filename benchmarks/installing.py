"""How long a fresh machine takes to its first cartoons, and what the light and the whole install weigh.

    python benchmarks/installing.py [--python python3.12] [--only light|whole]

Clones the checkout's last commit twice, with no cache of packages, and runs `make demo` in each: once as it
is, once after `make install`, which is what the demonstration took before there was a light distribution.
What is fetched comes over the network, whose pace is part of the result; so both are measured in one run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
TARGETS = {"light": ["demo"], "whole": ["install", "demo"]}


def clone(folder: Path) -> Path:
    """A fresh one of what is committed."""
    subprocess.run(["git", "clone", "--quiet", CHECKOUT, folder], check=True)
    return folder


def seconds(targets: list[str], checkout: Path, python: str) -> float:
    """How long `make` takes, on a machine that never installed anything."""
    environment = os.environ | {"PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    began = time.perf_counter()
    for target in targets:
        command = ["make", "--silent", f"PYTHON={python}", target]
        subprocess.run(command, cwd=checkout, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def weight(checkout: Path) -> int:
    """Bytes of all that lies in the environment's site-packages."""
    (site,) = checkout.glob(".venv/lib/python*/site-packages")
    return sum(path.lstat().st_size for path in site.rglob("*") if path.is_file())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--only", choices=TARGETS)
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            checkout = clone(Path(folder, "toonify"))
            took = seconds(TARGETS[name], checkout, arguments.python)
            print(
                f"make demo, {name:5}  {took:6.1f} s   site-packages {weight(checkout) / 1e6:6,.0f} MB",
                flush=True,
            )


if __name__ == "__main__":
    main()
