"""`toonify plugins`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toonify.cli import console
from toonify.cli.console import Json

if TYPE_CHECKING:
    from toonify.plugins import Plugin


def plugins(
    group: Annotated[
        str | None,
        typer.Argument(
            help="backbones, losses, terms, datasets, generators, exporters, painters or styles; "
            "all if left out."
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Argument(
            help="A plugin to show: its description, options, and where its code is.",
            show_default="list the whole group",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Load each with its defaults, and report what is wrong."),
    ] = False,
    json: Json = False,
) -> None:
    """List installed plugins and the packages that bring them, or show one.

    Example:  toonify plugins losses lsgan
    """
    from toonify.backend_import import no_standard_error
    from toonify.plugins import find_plugin, find_plugins

    found = find_plugins(group) if group is None or name is None else [find_plugin(group, name)]
    with no_standard_error():  # TensorFlow greets whoever imports it
        complaints = [plugin.check() if check else "" for plugin in found]
        facts = _facts(found[0]) if name else {}
    rows = [
        {
            "name": plugin.name,
            "group": plugin.group,
            "distribution": plugin.distribution,
            "version": plugin.version,
            **({"problem": complaint} if check else {}),
            **facts,
        }
        for plugin, complaint in zip(found, complaints, strict=True)
    ]
    if json:
        console.print_json({"plugins": rows})
    elif name:
        _show(rows[0])
    else:
        columns = ("name", "group", "distribution", "version", *(("check",) if check else ()))
        cells = [tuple(row.get(column, row.get("problem") or "ok") for column in columns) for row in rows]
        console.print_table(columns, cells)
    raise typer.Exit(1 if any(complaints) else 0)


def _facts(plugin: Plugin) -> dict[str, Any]:
    """What a plugin says of itself; of a style, where it lies."""
    from toonify.plugins import describe

    if plugin.group == "styles":
        return {"text": "", "options": [], "source": str(plugin.folder())}
    return dataclasses.asdict(describe(plugin.load()))


def _show(row: dict[str, Any]) -> None:
    """One plugin on a page of its own."""
    facts = {
        "group": row["group"],
        "from": f"{row['distribution']} {row['version']}".strip(),
        "source": row["source"],
        "check": row["problem"] or "ok" if "problem" in row else "",
    }
    console.say(row["name"])
    for key, value in facts.items():
        if value:
            console.say(f"{key:7} {value}")  # no table: a path that is folded cannot be copied
    if row["text"]:
        console.say(f"\n{row['text']}")
    if row["group"] == "styles":
        console.say(f"\ntoonify styles {row['name']} shows its card and its controls.")
    elif not row["options"]:
        console.say("\nIt has no options.")
    else:
        console.say("")
        cells = [
            (
                option["name"],
                option["type"],
                "must be given" if option["default"] is None else option["default"],
                option["description"],
            )
            for option in row["options"]
        ]
        console.print_table(("option", "type", "default", "what it is"), cells)
