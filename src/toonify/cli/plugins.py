"""`toonify plugins`."""

from __future__ import annotations

from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json


def plugins(
    group: Annotated[
        str | None,
        typer.Argument(
            help="backbones, losses, terms, datasets, generators, exporters, painters or styles; "
            "all when left out."
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Load each and show what is wrong with it.")] = False,
    json: Json = False,
) -> None:
    """List backbones, losses, terms, datasets, generators, exporters, painters, styles, and who brings them.

    Example:  toonify plugins backbones --check
    """
    from toonify.backend_import import no_standard_error
    from toonify.plugins import find_plugins

    found = find_plugins(group)
    with no_standard_error():  # TensorFlow greets whoever imports it
        complaints = [plugin.check() if check else "" for plugin in found]
    rows = [
        {
            "name": plugin.name,
            "group": plugin.group,
            "distribution": plugin.distribution,
            "version": plugin.version,
            **({"problem": complaint} if check else {}),
        }
        for plugin, complaint in zip(found, complaints, strict=True)
    ]
    if json:
        console.print_json({"plugins": rows})
    else:
        columns = ("name", "group", "distribution", "version", *(("check",) if check else ()))
        cells = [tuple(row.get(column, row.get("problem") or "ok") for column in columns) for row in rows]
        console.print_table(columns, cells)
    raise typer.Exit(1 if any(complaints) else 0)
