"""Ctrl-C and SIGTERM: what is finished stays, nothing is half written, and the last line says how far."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from films import film
from impatient import Impatient
from PIL import Image

from toonify.converting import ConvertRequest, convert_all
from toonify.converting.jobs import Job


@pytest.mark.skipif(os.name == "nt", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_an_interrupt_ends_cleanly(style, picture_file, number):
    photo = picture_file("in/00.png", (1000, 1000))
    for copy in range(1, 60):
        shutil.copyfile(photo, f"in/{copy:02}.png")
    command = [sys.executable, "-m", "toonify", "convert", "in", "out", "--style", str(style)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(Path("out").glob("*.png")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    written = sorted(Path("out").iterdir())
    assert process.returncode == 130, errors
    assert errors == ""
    assert f"Stopped: {len(written)} picture" in output
    assert 0 < len(written) < 60
    assert {path.suffix for path in written} == {".png"}
    for path in written:
        with Image.open(path) as image:
            image.load()


def test_the_report_of_stopped_work_has_only_what_was_done(style, picture_file):
    for number in range(20):
        picture_file(f"in/{number:02}.png", (200, 200))
    report = convert_all(ConvertRequest([Path("in")], Path("out"), style, workers=1), Impatient(1))
    assert report.stopped
    assert report.exit_code == 130
    assert {outcome.result for outcome in report.outcomes} == {"converted"}
    assert [outcome.target for outcome in report.outcomes] == sorted(Path("out").iterdir())
    assert len(report.outcomes) < 20


def test_an_interrupt_before_a_film_has_begun_is_one(style, tmp_path, monkeypatch):
    film(tmp_path / "a.mp4", 1)

    def interrupted(job: Job) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("toonify.converting.film.make_folder", interrupted)
    assert convert_all(ConvertRequest(["a.mp4"], "b.mp4", style)).exit_code == 130
