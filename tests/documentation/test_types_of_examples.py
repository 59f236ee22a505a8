"""The examples pass a strict type checker, as programs that use toonify should: it ships its types."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from doc_pages import DOCS, ROOT, blocks, text

import toonify

PAGES = [
    ROOT / "README.md",
    *(DOCS / f"{name}.md" for name in ("convert", "export", "prepare", "styles", "train")),
]
MARKS = ("Request(", "toonify.convert", "toonify.load_style(")


def examples() -> list[str]:
    """What pages and the package itself show of requests and pictures."""
    shown = [code for page in PAGES for code in blocks(text(page), "python")]
    own = "".join(f"{line}\n" for line in (toonify.__doc__ or "").splitlines() if line.startswith("    "))
    return [code for code in [*shown, textwrap.dedent(own)] if any(mark in code for mark in MARKS)]


def checked(folder: Path, programs: list[str]) -> str:
    """What the type checker finds, with the settings of this project, which are strict."""
    files = [folder / f"example_{number}.py" for number in range(len(programs))]
    for file, program in zip(files, programs, strict=True):
        file.write_text(f"import toonify\n{program}", encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "mypy", *files], cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_they_pass(tmp_path):
    programs = examples()
    assert sum("Request(" in program for program in programs) >= 5
    assert checked(tmp_path, programs).startswith("Success: ")


def test_what_a_request_is_made_of_is_known_to_the_checker(tmp_path):
    found = checked(
        tmp_path,
        [
            'request = toonify.PrepareRequest("photos", output="made")\n'
            "request.photos.exists() and request.output.name\n"
            "toonify.PrepareRequest()\n"
            "toonify.ConvertRequest([5])\n"
            'toonify.TrainRequest("pairs", 5)\n'
        ],
    )
    lines = {int(line.split(":")[1]) for line in found.splitlines() if ": error: " in line}
    assert lines == {4, 5, 6}, found
