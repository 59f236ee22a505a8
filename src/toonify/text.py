"""Text of strangers, made harmless for where it is shown: names of files, cards of styles, names in presets.

A name may hold a line break that forges a line, an escape code that steers a terminal, a mark that turns the
direction of reading, bytes that are no text, or what a spreadsheet takes for a formula. JSON needs none of
this: it is written in ASCII.
"""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control, format, lone surrogates, line breaks
_JOINERS = "\u200c\u200d"  # within words of Persian, say, and within emoji
_PLAIN = re.compile(r"[\w./\\:+~-]+")  # to cmd.exe and to PowerShell
_FORMULA = tuple("=+-@＝＋－＠")  # the wide ones for spreadsheets set up in East Asia


def visible(text: str) -> str:
    """A single line in which everything can be seen: what cannot becomes a replacement character."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_unseen(letter) else letter for letter in text)


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN and letter not in _JOINERS


def for_terminal(text: str) -> str:
    """A single line for Rich to print as it is: nothing that steers the terminal, and no markup."""
    from rich.markup import escape

    return escape(visible(text))


def for_csv(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before what could be one.

    As the OWASP recommends, "CSV Injection".
    """
    shown = visible(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def for_html(text: str) -> Markup:
    """A single line for a page or one of its attributes, without tags."""
    from markupsafe import escape

    return escape(visible(text))


def for_shell(text: str) -> str:
    """An argument to be typed: quoted as this system's shells want it, where they would.

    On Windows so that neither cmd.exe nor PowerShell does more than to pass it on. In cmd.exe `%NAME%` stands
    for a variable all the same, and names with `$` or a backtick are others than in PowerShell.
    """
    if os.name != "nt":
        return shlex.quote(text)
    if _PLAIN.fullmatch(text):
        return text
    escaped = re.sub(r"[$`]", r"`\g<0>", text.replace('"', "'"))  # no file there has a name with "
    slashes = escaped[len(escaped.rstrip("\\")) :]  # twice, or the last one would escape the quote
    return f'"{escaped}{slashes}"'


def between_commas(text: str) -> tuple[str, ...]:
    """What a list such as `comic, drawn` names, each once, in order."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def counted(count: int, what: str) -> str:
    """Such as `1 picture` and `2 pictures`."""
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def spelt(path: PurePath) -> str:
    """A path as it was typed, though it was an address, of which a path keeps one slash, or a backslash."""
    address = re.fullmatch(r"([a-z][a-z0-9+.-]+):/([^/].*)", path.as_posix(), re.IGNORECASE | re.DOTALL)
    return f"{address[1]}://{address[2]}" if address else str(path)
