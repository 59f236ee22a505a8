"""`toonify convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite, Workers


def convert(
    inputs: Annotated[
        list[Path], typer.Argument(help="Pictures and folders of pictures.", show_default=False)
    ],
    output: Annotated[
        Path,
        typer.Argument(help="A folder; or a file name, when there is one picture.", show_default=False),
    ],
    style: Annotated[
        str, typer.Option("--style", metavar="NAME|RUN|FOLDER|FILE", help="The style; see `toonify styles`.")
    ] = "comic",
    strength: Annotated[
        float, typer.Option("--strength", help="From 0, the photograph, to 1, the cartoon.")
    ] = 1.0,
    detail: Annotated[
        int | None,
        typer.Option(
            "--detail",
            metavar="PIXELS",
            min=0,
            help="Draw as if the picture had PIXELS x PIXELS, then enlarge: fewer, broader strokes. "
            "0 draws every pixel.",
            show_default="the style's own",
        ),
    ] = None,
    controls: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="CONTROL=X",
            help="A number that the style lets you choose; see `toonify styles NAME`.",
        ),
    ] = None,
    painter: Annotated[
        bool,
        typer.Option(
            "--painter/--no-painter", help="Let the style's painter, if it has one, paint faces anew."
        ),
    ] = True,
    format: Annotated[
        str, typer.Option("--format", metavar="keep|jpeg|png|webp", help="What to write.")
    ] = "keep",
    compare: Annotated[
        bool, typer.Option("--compare", help="Also write NAME.compare, before and after side by side.")
    ] = False,
    recursive: Annotated[
        bool, typer.Option("--recursive/--no-recursive", help="Look in sub-folders too.")
    ] = True,
    workers: Workers = 0,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Turn photographs into cartoons.

    Example:  toonify convert photos/ cartoons/
    """
    from toonify.converting import ConvertRequest, convert_all
    from toonify.plugins import parse_numbers

    request = ConvertRequest(
        inputs=inputs,
        output=output,
        style=style,
        strength=strength,
        detail=detail,
        controls=parse_numbers(controls or [], "--set"),
        painter=painter,
        format=format,
        compare=compare,
        recursive=recursive,
        workers=workers,
        overwrite=overwrite,
    )
    result = convert_all(request, console.ConsoleProgress(quiet=json))
    console.finish(result, as_json=json, fields=("detail", "format", "overwrite"))
