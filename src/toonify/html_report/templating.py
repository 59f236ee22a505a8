"""The templates, and how what is put into them is made harmless."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def render(name: str, **values: Any) -> Markup:
    """The template `templates/<name>.html`; what is not `Markup` comes out escaped."""
    return Markup(_environment().get_template(f"{name}.html").render(values))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("toonify.html_report"),
        autoescape=True,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )


def _shown(value: Any) -> str:
    """What stands for a value: numbers short, text without what cannot be seen."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else visible(str(value))


def visible(text: str) -> str:
    """Without what cannot be seen: control characters, marks of direction, bytes that are no text."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
