"""`toonify preview`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite
from toonify.text import between_commas


def preview(
    photos: Annotated[
        list[Path], typer.Argument(help="One photograph, or a few, to draw.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML page to write.")] = Path(
        "preview.html"
    ),
    styles: Annotated[
        str,
        typer.Option(
            "--style",
            metavar="NAME,...",
            help="Styles to show, separated by commas: names, folders, files or runs.",
            show_default="all that are installed",
        ),
    ] = "",
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Draw photographs in every style, with every control, on one page to choose from.

    Example:  toonify preview photo.jpg
    """
    from toonify.cli.progress import ConsoleProgress
    from toonify.converting.preview import PreviewRequest
    from toonify.converting.preview import preview as draw_preview

    request = PreviewRequest(photos, output, styles=between_commas(styles), overwrite=overwrite)
    result = draw_preview(request, ConsoleProgress(quiet=json))
    console.finish(result, as_json=json)
