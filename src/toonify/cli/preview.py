"""`toonify preview`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite


def preview(
    photos: Annotated[
        list[Path], typer.Argument(help="A photograph, or a few to compare styles on.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write.")] = Path("preview.html"),
    styles: Annotated[
        str,
        typer.Option(
            "--style",
            metavar="NAME,...",
            help="Names, folders, files or runs; several with commas.",
            show_default="all that are installed",
        ),
    ] = "",
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Draw photographs in every style, and with each control at three values, on one page to choose from.

    Example:  toonify preview photo.jpg
    """
    from toonify.converting.preview import PreviewRequest
    from toonify.converting.preview import preview as draw_preview

    names = [name for part in styles.split(",") if (name := part.strip())]
    request = PreviewRequest(photos=photos, output=output, styles=names, overwrite=overwrite)
    result = draw_preview(request, console.ConsoleProgress(quiet=json))
    console.finish(result, as_json=json)
