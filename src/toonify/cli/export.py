"""`toonify export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite
from toonify.text import between_commas


def export(
    style: Annotated[
        list[str],
        typer.Argument(
            help="A style's name, folder or file, or a run's folder. Several for the format web.",
            show_default=False,
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write into.")] = Path("export"),
    formats: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT,...",
            help="Formats to write, separated by commas: onnx, litert, coreml, keras, saved-model, web, "
            "style, lines, or a plugin's. Half the size: onnx-float16, litert-float16. 8 bits: onnx-int8, "
            "litert-int8.",
            show_default="onnx",
        ),
    ] = None,
    step: Annotated[
        int | None,
        typer.Option("--step", metavar="N", min=0, help="Export this checkpoint of a run, by its step."),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            "--size",
            metavar="WIDTHxHEIGHT",
            help="For litert and coreml: accept pictures of this size only, in pixels.",
        ),
    ] = None,
    calibrate: Annotated[
        Path | None,
        typer.Option(
            "--calibrate",
            metavar="FOLDER",
            help="For 8-bit formats: photographs like those that will be drawn.",
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Export a style to ONNX, LiteRT, Core ML, Keras or TensorFlow, to one file, or as a web page.

    Example:  toonify export runs/comic-1 --to onnx,saved-model
    """
    from toonify.cli.progress import ConsoleProgress
    from toonify.exporting import ExportRequest, export_style
    from toonify.exporting.request import default_format

    first, *others = style
    request = ExportRequest(
        first,
        output=output,
        formats=between_commas(default_format() if formats is None else formats),
        overwrite=overwrite,
        step=step,
        others=tuple(others),
        size=size,
        calibrate=calibrate,
    )
    result = export_style(request, ConsoleProgress(quiet=json))
    console.finish(result, as_json=json)
