"""A card beside every export: what it is, whose it may be, what goes in and comes out, and a program.

One template for all formats (`card_templates/card.md.jinja`); the programs lie beside it, by format and
language, and share what is done to a photograph before and after.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toonify.distributions import own_version
from toonify.errors import exists_already
from toonify.exporting.base import Export, need_own
from toonify.exporting.result import Exported
from toonify.inference.padding import padded_side
from toonify.plugins import plain_name
from toonify.storage import StyleManifest, write_bytes
from toonify.text import visible

if TYPE_CHECKING:
    from jinja2 import Environment

FIRST_LINE = "<!-- Written by `toonify export`. -->"
LANGUAGES = {".py": "python", ".js": "javascript", ".kt": "kotlin", ".swift": "swift", ".sh": "sh"}
RUNS_IN = {"lines": "toonify", "web": "browsers"}
"""What a format is for, where that is not what it was verified in."""

TEMPLATE, BESIDE = "card.md.jinja", Path(__file__).with_name("card_templates")


def card_path(path: Path) -> Path:
    """Of the card of an exported file or folder, beside it."""
    return path.with_name(f"{path.name}.md")


def check_card(export: Export) -> None:
    """Raise a `ToonifyError` if something lies in the card's place that must stay."""
    path = card_path(export.path)
    if path.exists() and not export.overwrite:
        raise exists_already(path)
    ours = path.is_file() and path.read_bytes().startswith(FIRST_LINE.encode())
    need_own(path, "card of an export", ours)


def write_card(export: Export, exported: Exported) -> None:
    """Write the card of what was exported.

    Raises:
        ToonifyError: if it cannot be written.
    """
    text = _environment().get_template(TEMPLATE).render(_facts(export, exported))
    write_bytes(card_path(export.path), text.encode())


def _facts(export: Export, exported: Exported) -> dict[str, Any]:
    card, *others = _described(export)
    facts = {
        "first_line": FIRST_LINE,
        "version": own_version(),
        "format": export.format,
        "exporter": export.exporter,
        "exported": exported,
        "runs_in": RUNS_IN.get(plain_name(export.format)) or ", ".join(exported.likeness),
        "file": export.path.name,
        "card": card,
        "styles": [card, *others],
        "smallest": padded_side(1, card.multiple),
    }
    return {**facts, "programs": _programs(plain_name(export.format), facts)}


def _described(export: Export) -> list[StyleManifest]:
    """The cards of the styles in an export; lines are a style of their own."""
    if plain_name(export.format) == "lines":
        return [StyleManifest.read(export.path)]
    return [style.manifest for style in (export.style, *export.others)]


def _programs(format_: str, facts: dict[str, Any]) -> dict[str, str]:
    """By language, such as `python`; a stranger's format has none."""
    name = re.sub("-(float16|int8)$", "", format_)
    return {
        language: _environment().get_template(f"{name}{suffix}.jinja").render(facts).strip()
        for suffix, language in LANGUAGES.items()
        if (BESIDE / f"{name}{suffix}.jinja").is_file()
    }


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(BESIDE),
        autoescape=False,  # Markdown, and programs: `text` is the way for what strangers wrote
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"text": _text, "plain": _plain}
    return environment


def _text(words: object) -> str:
    """Untrusted text, escaped for a line or cell of Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&!])", r"\\\1", visible(str(words)))


def _plain(words: object) -> str:
    """A name within quotes of a program."""
    return re.sub(r"[^\w .+-]", "", visible(str(words)))
