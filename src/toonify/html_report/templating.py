"""The templates, and how what is put into them is made harmless."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from toonify.text import for_html


def render(name: str, **values: Any) -> Markup:
    """The template `templates/<name>.html`; what is not `Markup` comes out escaped."""
    return Markup(_environment().get_template(f"{name}.html").render(values))


@cache
def text_of(name: str) -> str:
    """A file among the templates as it is."""
    environment = _environment()
    assert environment.loader
    return environment.loader.get_source(environment, name)[0]


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
    """What stands for a value: numbers short, text harmless."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else for_html(str(value))
