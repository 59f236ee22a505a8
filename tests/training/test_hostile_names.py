"""A run whose dataset, folder and preset have names that would do more than name."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from hostile import JOINED, forged, unseen
from rich.console import Console

from toonify.cli.live_panel import LivePanel
from toonify.cli.live_task import LiveTask

FLAGS = ("--generator", "tiny", "--batch-size", "4", "--epochs", "1", "--steps-per-epoch", "2")

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="not every system has such names"),
    pytest.mark.usefixtures("uncompiled", "packaged"),
]


def test_a_run_tells_of_them_without_harm(run, pairs):
    shutil.copytree(pairs, JOINED)
    done = run("train", JOINED, "--preset", "pairs", *FLAGS, "-o", f"runs/{JOINED}")
    assert done.exit_code == 0, done.output
    page = Path("runs", JOINED, "report.html").read_text(encoding="utf-8")
    for text in (done.output, page):
        assert not unseen(text) and not forged(text)
    resumed = run("train", "--resume", f"runs/{JOINED}", "--json")
    assert json.loads(resumed.stdout)["run"] == f"runs/{JOINED}"


def test_the_live_panel_shows_them_without_harm():
    task = LiveTask(JOINED, {JOINED: 2}, 1, 0)
    task.show(JOINED, **{JOINED: JOINED})
    task.warn(JOINED)
    task.advance(1, **{JOINED: 1.0})
    screen = Console(width=400, record=True, color_system=None)
    screen.print(LivePanel(task))
    text = screen.export_text()
    assert not unseen(text) and "forged" in text
