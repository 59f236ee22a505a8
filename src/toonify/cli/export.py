"""`toonify export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite


def export(
    style: Annotated[
        list[str],
        typer.Argument(
            help="A style's name, its folder or file, or a run folder; several for the format web.",
            show_default=False,
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write into.")] = Path(
        "export"
    ),
    formats: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMAT,...",
            help="onnx, onnx-float16, saved-model, web, style, lines, or a plugin's; several with commas.",
        ),
    ] = "onnx",
    step: Annotated[
        int | None,
        typer.Option("--step", metavar="N", min=0, help="Of a run: a style of that checkpoint."),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Write a style for other programs (ONNX, TensorFlow), for people, as a web page, or its lines alone.

    Example:  toonify export runs/comic-1 --to onnx,saved-model
    """
    from toonify.exporting import ExportRequest, export_style

    names = tuple(name for part in formats.split(",") if (name := part.strip()))
    first, *others = style
    request = ExportRequest(
        first, output=output, formats=names, overwrite=overwrite, step=step, others=tuple(others)
    )
    result = export_style(request, console.ConsoleProgress(quiet=json))
    console.finish(result, as_json=json)
