"""Files spoilt by chance are refused in words: no traceback, no hang, no growth.

    python tests/fuzzing/attempts.py style 17 18 /tmp

does one of them again, by the number that a failure names.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = 5.0
BYTES = 10**9
SCRIPT = Path(__file__).with_name("attempts.py")
TIMEOUT = 500  # seconds: only a hang takes as long


def check(kind: str, first: int, last: int, folder: Path) -> list[str]:
    """What was said to each, once it is sure that this is all that happened."""
    command = [sys.executable, SCRIPT, kind, str(first), str(last), folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, (lines[-1:], done.stderr[-2000:])
    made = [line for line in lines if "number" in line]
    assert len(made) == last - first
    assert [one for one in made if one["error"] or one["seconds"] > SECONDS or one["memory"] > BYTES] == []
    assert [one for one in made if "Traceback" in one["said"]] == []
    return [one["said"] for one in made]


@pytest.mark.parametrize("kind", ["style", "manifest"])
def test_a_few_spoilt_files(tmp_path, kind):
    check(kind, 0, 20, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT + 100)
@pytest.mark.parametrize("kind", ["style", "manifest"])
def test_five_hundred_spoilt_files(tmp_path, kind):
    said = check(kind, 20, 520, tmp_path)
    assert len(set(said)) > 50  # chance finds many ways to spoil them
