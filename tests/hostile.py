"""Names of files that would do more than name: forge a line, steer a terminal, be a formula, be markup."""

from __future__ import annotations

import os
import unicodedata

NAMES = (
    "a\nfailed: forged",
    "a\r\nerror: forged",
    "b\x1b[2J\x1b]0;title\x07",
    "c\x9b31mred",
    "gpj.\u202eexe",
    "d\u2028e",
    "=cmd('calc')!A0",
    "+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "[red]f[bold]",
    "<script>alert(1)<",
    os.fsdecode(b"\xff\xfe"),
)
JOINED = "x".join(NAMES[:5])
"""What ends the line, and what steers the terminal, in one name."""


def unseen(text: str) -> set[str]:
    """The letters of a text that steer, hide or are no text; line breaks aside."""
    return {letter for letter in text if unicodedata.category(letter)[0] in "CZ"} - {" ", "\n"}


def forged(text: str) -> list[str]:
    """Lines that a name has begun."""
    return [line for line in text.splitlines() if line.startswith(("failed: forged", "error: forged"))]
