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
            help="onnx, litert, coreml, keras, saved-model, web, style, lines, or a plugin's; several with "
            "commas. For weights of half the size: onnx-float16, litert-float16. In 8 bits: onnx-int8, "
            "litert-int8.",
        ),
    ] = "onnx",
    step: Annotated[
        int | None,
        typer.Option("--step", metavar="N", min=0, help="Of a run: a style of that checkpoint."),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WIDTHxHEIGHT",
            help="Of litert and coreml: take pictures of that size alone, in pixels.",
        ),
    ] = None,
    calibrate: Annotated[
        Path | None,
        typer.Option(
            "--calibrate",
            metavar="FOLDER",
            help="Of formats in 8 bits: pictures like those to be drawn.",
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Write a style for programs (ONNX, LiteRT, Core ML, Keras, TensorFlow), for people, or as a web page.

    Example:  toonify export runs/comic-1 --to onnx,saved-model
    """
    from toonify.exporting import ExportRequest, export_style

    names = tuple(name for part in formats.split(",") if (name := part.strip()))
    first, *others = style
    request = ExportRequest(
        first,
        output=output,
        formats=names,
        overwrite=overwrite,
        step=step,
        others=tuple(others),
        size=size,
        calibrate=calibrate,
    )
    result = export_style(request, console.ConsoleProgress(quiet=json))
    console.finish(result, as_json=json)
