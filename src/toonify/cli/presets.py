"""`toonify presets`."""

from __future__ import annotations

from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json


def presets(
    name: Annotated[
        str | None, typer.Argument(help="The preset to print.", show_default="list them all")
    ] = None,
    json: Json = False,
) -> None:
    """List the presets of `train`, or print one as a file to copy and change.

    Example:  toonify presets cartoongan > mine.toml
    """
    from toonify.training.presets import preset_text

    if name is None:
        _list(json)
    elif json:
        console.print_json({"name": name, "text": preset_text(name)})
    else:
        print(preset_text(name), end="")


def _list(json: bool) -> None:
    from toonify.training.presets import load_preset, preset_names

    found = {name: load_preset(name) for name in preset_names()}
    rows = [(name, preset.description, preset.source) for name, preset in found.items()]
    columns = ("name", "description", "source")
    if json:
        console.print_json({"presets": [dict(zip(columns, row, strict=True)) for row in rows]})
    else:
        console.print_table(columns, rows)
