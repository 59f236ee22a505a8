"""The pages of the documentation, and the code that they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [ROOT / "README.md", *DOCS.glob("*.md"), *(ROOT / "src/toonify/styles/bundled").glob("*/README.md")]
)
FENCED = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
ENDS = ("|", ">", ">>", "&&", ";", "&")  # of a command, in a shell


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(markdown: str, language: str) -> list[str]:
    """Code of one language, in the order of the page."""
    return [code for name, code in FENCED.findall(markdown) if name == language]


def section(page: Path, heading: str) -> str:
    """From a heading of the second level to the next."""
    return text(page).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def commands(markdown: str) -> Iterator[list[str]]:
    """The arguments of every `toonify` that is shown as typed into a shell."""
    typed = [
        line.strip()[2:]
        for code in blocks(markdown, "console")
        for line in code.splitlines()
        if "$ " in line[:4]
    ]
    typed += [line.strip() for code in blocks(markdown, "sh") for line in code.splitlines()]
    for line in typed:
        words = shlex.split(line, comments=True)
        if words[:1] == ["toonify"]:
            end = next((place for place, word in enumerate(words) if word in ENDS), None)
            yield words[1:end]
