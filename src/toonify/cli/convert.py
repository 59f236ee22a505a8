"""`toonify convert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite, Workers
from toonify.errors import usage_error


def convert(
    photos: Annotated[
        list[Path] | None,
        typer.Argument(help="Pictures and folders of pictures: one at least.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Argument(
            help="A folder; or a file name, when there is one picture. "
            "What stands alone is a photograph, or a folder of them.",
            show_default="photo.cartoon.jpg for photo.jpg, photos-cartoons for photos/",
        ),
    ] = None,
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
    format: Annotated[
        str, typer.Option("--format", metavar="keep|jpeg|png|webp", help="What to write.")
    ] = "keep",
    compare: Annotated[
        bool, typer.Option("--compare", help="Also write NAME.compare, before and after side by side.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="PAGE", help="Also write a page with before and after of each."),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("--recursive/--no-recursive", help="Look in sub-folders too.")
    ] = True,
    workers: Workers = 0,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Turn photographs into cartoons.

    Example:  toonify convert photo.jpg
    """
    from toonify.converting import ConvertRequest, convert_all
    from toonify.plugins import parse_numbers

    if not photos:  # the last one counts as OUTPUT, though it is the only one
        photos, output = [output] if output else [], None
    if not photos:
        raise usage_error("the argument PHOTOS is missing", "For example: toonify convert photo.jpg")
    request = ConvertRequest(
        inputs=photos,
        output=output,
        style=style,
        strength=strength,
        detail=detail,
        controls=parse_numbers(controls or [], "--set"),
        format=format,
        compare=compare,
        report=report,
        recursive=recursive,
        workers=workers,
        overwrite=overwrite,
    )
    result = convert_all(request, console.ConsoleProgress(quiet=json))
    console.finish(result, as_json=json, fields=("detail", "format", "overwrite"))
