"""The errors on docs/troubleshooting.md are those that people meet, to the word."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from doc_pages import DOCS, ROOT, blocks, text
from drawing import draw_picture

PAGE = text(DOCS / "troubleshooting.md")
TRIED = [block for block in blocks(PAGE, "console") if block.startswith("$ ")]
TOLD = [block for block in blocks(PAGE, "console") if not block.startswith("$ ")]
PREFIX = "error: "
FIXED = 10  # letters that a message's own words have at least; "{file}: {reason}" would match anything


@pytest.fixture
def scene(picture_file) -> None:
    """What the page's commands find in the folder: pictures, some broken, and an empty folder."""
    for seed, name in enumerate(("photo.jpg", "photos/a.jpg", "photos/b.jpg")):
        picture_file(name, (200, 160), seed=seed)
    Path("empty").mkdir()
    Path("notes.jpg").write_text("Notes.", encoding="utf-8")
    draw_picture((200, 160)).save("whole.jpg")
    whole = Path("whole.jpg").read_bytes()
    Path("broken.jpg").write_bytes(whole[: len(whole) // 2])


def turns(block: str) -> Iterator[tuple[str, str]]:
    """Commands, and what the page says that each prints."""
    for turn in block.split("$ ")[1:]:
        command, _, printed = turn.partition("\n")
        yield command, printed.strip()


def pattern(printed: str) -> str:
    """As a regular expression: seconds are any, and so is what an ellipsis stands for."""
    open_ended = re.sub(r"\bin \d+\.\d s\b", "in … s", printed)
    return "(?s:.*)".join(map(re.escape, open_ended.split("…")))


@pytest.mark.parametrize("block", TRIED, ids=lambda block: block.partition("\n")[0][2:])
def test_what_a_command_says(run, scene, block):
    for command, printed in turns(block):
        done = run(*shlex.split(command)[1:])
        assert re.fullmatch(pattern(printed), done.output.strip()), done.output


@cache
def messages() -> list[re.Pattern[str]]:
    """Every text in the source that has words enough to be known by, with anything for what is filled in."""
    found = {
        template
        for path in sorted((ROOT / "src" / "toonify").rglob("*.py"))
        for node in ast.walk(ast.parse(text(path)))
        for template in filled(node)
        if sum(map(str.isalpha, template)) >= FIXED
    }
    return [re.compile(spelt(re.escape(template)).replace("\0", ".+")) for template in found]


def spelt(template: str) -> str:
    """A field in backticks may be an option: `val_fraction` is --val-fraction."""
    return re.sub("`([\\w\0]+)`", lambda field: f"(?:{field[0]}|--{field[1].replace('_', '-')})", template)


def filled(node: ast.AST) -> list[str]:
    """The text of a literal, with NUL for what is filled in."""
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "\0" for part in node.values)
        return ["".join(map(str, parts))]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def told() -> list[str]:
    """The lines that are shown without a command."""
    return [line.strip().removeprefix(PREFIX) for block in TOLD for line in block.splitlines()]


@pytest.mark.parametrize("line", told())
def test_what_no_command_here_can_bring_about_stands_in_the_source(line):
    if " needs Python 3.10 to " in line:
        assert re.sub(r"(?<=this is )[\d.]+", "{sys.version.split()[0]}", line) in text(ROOT / "Makefile")
    else:
        assert any(message.fullmatch(line) for message in messages()), f"toonify says nowhere: {line}"


def test_a_message_that_toonify_does_not_know_is_found_out():
    assert not any(message.fullmatch("the moon is in the way of this photograph") for message in messages())


def test_each_is_explained():
    for entry in PAGE.split("\n### ")[1:]:
        if "```" in entry:
            assert "**Why.**" in entry and "**What to do.**" in entry, entry.partition("\n")[0]
    assert len(TRIED) > 15 and len(TOLD) > 15
