"""No style wastes a machine: each of the hostile ones is refused or stopped, soon and in a line."""

from __future__ import annotations

import json
import subprocess
import sys

import hostile_styles as hostile
import pytest

SECONDS = 5.0
BYTES = 10**9
HARMLESS_WHILE_SMALL = "larger-picture"
"""What `export` verifies on small pictures; whoever draws a larger one meets the bounds then."""


@pytest.fixture(scope="module")
def attempts(tmp_path_factory):
    """What became of each style in a process of their own, by name and command."""
    folder = tmp_path_factory.mktemp("hostile")
    hostile.write_styles(folder, hostile.HOSTILE)
    command = [sys.executable, hostile.__file__, folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, cwd=folder)
    made = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, made[-1:]
    return {(one["name"], one["command"]): one for one in made}


def test_there_are_60_at_least():
    assert len(hostile.HOSTILE) >= 60


@pytest.mark.parametrize("command", ["convert", "export"])
@pytest.mark.parametrize("name", hostile.HOSTILE)
def test_a_hostile_style_is_refused_or_stopped(attempts, name, command):
    attempt = attempts[name, command]
    assert not attempt["error"]
    assert attempt["seconds"] < SECONDS
    assert attempt["memory"] < BYTES
    if command == "export" and name.endswith(HARMLESS_WHILE_SMALL):
        return
    assert attempt["exit"] == 1
    (line,) = [line for line in attempt["output"].splitlines() if line.startswith(("error: ", "failed: "))]
    assert f"{name}/generator.onnx" in line
    assert not attempt["drawn"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("endless-loop", "uses the operator Loop, which is not among those that draw"),
        ("function-that-calls-itself", "brings functions"),
        ("pixels-size-tiles", "Tile 'x', the size of whose result cannot be worked out beforehand"),
        ("constant-of-8-gb", "makes 8,590 MB of constants from 0.0 MB"),
        ("constant-range-of-tiny-steps", "Range 'x' count from 0 to 1 by 1e-30, which never ends"),
        ("constants-convolved", "billion operations for its constants"),
        ("picture-by-its-own-pixels", "GB at once for a picture of 65,536 pixels"),
        ("powers-of-the-picture", "GB at once for a picture of 65,536 pixels"),
        ("convolution-of-a-huge-kernel", "billion operations for a picture of 65,536 pixels"),
        ("convolution-of-four-dimensions", "GB at once for a picture of 65,536 pixels"),
        ("convolution-in-8-bits", "GB at once for a picture of 65,536 pixels"),
        ("convolutions-of-a-single-channel", "GB at once for a picture of 65,536 pixels"),
        ("kernels-of-a-single-channel", "makes 94 MB of constants from 6.3 MB"),
        ("weights-by-the-thousand", "has a table of 20,000 names, and 16,000 are allowed"),
        ("least-number-divided-by-minus-one", "has Div 'z' divide whole numbers by what may be -1"),
        ("convolution-that-cannot-be-stopped", "billion operations at a stretch for 65,536 pixels"),
        ("growth-that-waits-for-a-larger-picture", "GB at once for a picture of 128,000 pixels"),
        ("operations-that-wait-for-a-larger-picture", "billion operations for a picture of 128,000 pixels"),
        ("identities-200-000", "has 200,002 operators, and 4,000 are allowed"),
        ("sizes-that-are-only-said", "says that Sin 'y' makes (1, 40000, 40000, 3)"),
        ("another-rank", "gives (1, 1, 256, 256, 3) for a picture of (1, 256, 256, 3)"),
        ("infinity", "gives values that are no numbers, or infinite ones"),
        ("no-numbers", "gives values that are no numbers, or infinite ones"),
    ],
)
def test_the_line_says_what_is_wrong(attempts, name, told):
    assert told in attempts[name, "convert"]["output"]
