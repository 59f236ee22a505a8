"""`toonify presets`."""

from __future__ import annotations

from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.options import Json


def presets(
    name: Annotated[
        str | None, typer.Argument(help="Print this one's file, to be copied and changed.", show_default="all")
    ] = None,
    json: Json = False,
) -> None:
    """List the presets of `toonify train`, or print one as a file of your own to begin with.

    Example:  toonify presets cartoongan > mine.toml
    """
    from toonify.training import load_preset, preset_names, preset_text

    if name is not None:
        text = preset_text(name)
        console.print_json({"name": name, "text": text}) if json else typer.echo(text, nl=False)
        return
    rows = [{"name": name, **load_preset(name).card} for name in preset_names()]
    if json:
        console.print_json({"presets": rows})
    else:
        columns = ("name", "description", "source")
        console.print_table(columns, [tuple(row[column] for column in columns) for row in rows])
