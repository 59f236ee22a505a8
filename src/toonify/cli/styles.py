"""`toonify styles`."""

from __future__ import annotations

from typing import Any

import typer

from toonify.cli import console
from toonify.cli.options import Json
from toonify.errors import FAILURE, ToonifyError


def styles(json: Json = False) -> None:
    """List the styles that come with toonify and with other packages.

    Example:  toonify styles
    """
    from toonify.plugins import find_plugins
    from toonify.styles import load_style

    rows: list[dict[str, Any]] = []
    problems: dict[str, ToonifyError] = {}
    for plugin in find_plugins("styles"):
        try:
            style = load_style(plugin.name)
        except ToonifyError as problem:
            problems[plugin.name] = problem
            continue
        rows.append(
            {
                "name": plugin.name,
                "distribution": plugin.distribution,
                "licence": style.manifest.licence,
                "size": style.size,
                "description": style.manifest.description,
            }
        )
    if json:
        console.print_json({"styles": rows})
    else:
        cells = [tuple((row | {"size": f"{row['size'] / 1e6:.1f} MB"}).values()) for row in rows]
        console.print_table(("name", "distribution", "licence", "size", "description"), cells)
    for complaint in problems.values():
        console.print_error(complaint)
    raise typer.Exit(FAILURE if problems else 0)
