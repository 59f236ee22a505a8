"""`toonify export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.options import Json, Overwrite


def export(
    style: Annotated[
        str, typer.Argument(help="A bundled style, a style folder or a run folder.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into.")] = Path(
        "export"
    ),
    to: Annotated[
        str, typer.Option("--to", metavar="FORMAT,...", help="onnx, saved-model, or both with a comma.")
    ] = "onnx",
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Write a style for other programs: ONNX, TensorFlow and TensorFlow Hub.

    Example:  toonify export runs/comic-1 --to onnx,saved-model
    """
    from toonify.exporting import ExportRequest, export_style

    formats = tuple(name for part in to.split(",") if (name := part.strip()))
    request = ExportRequest(style=style, output=output, formats=formats, overwrite=overwrite)
    report = export_style(request, console.ConsoleProgress(quiet=json))
    console.finish(report, as_json=json)
