"""`toonify new-plugin`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json
from toonify.text import for_shell


def new_plugin(
    name: Annotated[
        str, typer.Argument(help="The plugin's name, as people will type it, such as soft-edges.")
    ],
    group: Annotated[
        str,
        typer.Option(
            "--group",
            help="Kind of plugin: losses, terms, backbones, generators, datasets, exporters or painters.",
        ),
    ] = "losses",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to create the package in.")] = Path(),
    json: Json = False,
) -> None:
    """Create a package with a working plugin and its test, to build your own on.

    Example:  toonify new-plugin soft-edges --group losses
    """
    from toonify.plugins.new_package import new_package

    folder = new_package(name, group, output)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if json:
        console.print_json({"folder": str(folder), "files": files})
        return
    # What has no slash pip would look for in its index.
    shown = for_shell(str(folder) if folder.is_absolute() else f"./{folder}")
    console.say(f"{folder} holds {', '.join(files)}. To use it:\n")
    console.say(f"pip install -e {shown}\ntoonify plugins {group} {name}\npython -m pytest {shown}")
