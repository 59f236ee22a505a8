"""`toonify styles`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from toonify.cli import console
from toonify.cli.console import Json
from toonify.errors import FAILURE, ToonifyError


def styles(
    style: Annotated[
        list[str] | None,
        typer.Argument(
            help="Styles to look at: names, folders, files or runs.",
            show_default="all that packages bring",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List the styles that come with toonify and with other packages, or those that are given.

    Example:  toonify styles downloads/inked.toonify
    """
    from toonify.plugins import find_plugins

    origins = {plugin.name: plugin.distribution for plugin in find_plugins("styles")}
    rows: list[dict[str, Any]] = []
    problems: list[ToonifyError] = []
    for name in style or origins:
        try:
            rows.append(_row(name, origins.get(name)))
        except ToonifyError as problem:
            problems.append(problem)
    if json:
        console.print_json({"styles": rows})
    else:
        _print(rows)
    for complaint in problems:
        console.print_error(complaint)
    raise typer.Exit(FAILURE if problems else 0)


def _row(name: str, distribution: str | None) -> dict[str, Any]:
    """What there is to say of a style. `distribution` is `None` for one that no package brings."""
    from toonify.styles import load_style

    style = load_style(name)
    return {
        "name": name if distribution else style.manifest.name,
        "distribution": distribution,
        "path": str(style.path),
        "licence": style.manifest.licence,
        "size": style.size,
        "description": style.manifest.description,
    }


def _print(rows: Sequence[dict[str, Any]]) -> None:
    cells = [
        (
            row["name"],
            row["distribution"] or row["path"],
            row["licence"],
            f"{row['size'] / 1e6:.1f} MB",
            row["description"],
        )
        for row in rows
    ]
    console.print_table(("name", "from", "licence", "size", "description"), cells)
