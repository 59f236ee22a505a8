"""`toonify prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite, Seed, Workers


def prepare(
    photos: Annotated[
        Path, typer.Argument(metavar="PHOTOS", help="Folder of photographs.", show_default=False)
    ],
    cartoons: Annotated[
        Path | None,
        typer.Argument(
            metavar="CARTOONS",
            help="Folder of cartoons, unless the source has its own.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The dataset's folder.")] = Path("dataset"),
    source: Annotated[str, typer.Option("--source", help="How the pictures are found.")] = "folder",
    source_options: Annotated[
        list[str] | None, typer.Option("--source-option", metavar="K=V", help="An option of the source.")
    ] = None,
    size: Annotated[int, typer.Option("--size", help="Side of the square pictures, in pixels.")] = 256,
    crop: Annotated[
        str,
        typer.Option("--crop", metavar="random|center|face", help="Which square of a picture."),
    ] = "random",
    tone: Annotated[
        str, typer.Option("--tone", metavar="none|auto", help="auto: lift deep shadows off faces in photos.")
    ] = "none",
    superpixels: Annotated[
        bool,
        typer.Option("--superpixels", help="Cut photos into pieces of one colour, for whitebox."),
    ] = False,
    count: Annotated[
        int | None,
        typer.Option("--count", metavar="N", help="Pictures of each kind.", show_default="one of each file"),
    ] = None,
    val_fraction: Annotated[float, typer.Option("--val-fraction", help="Part kept for validation.")] = 0.05,
    reject: Annotated[
        str,
        typer.Option(
            "--reject",
            metavar="KINDS",
            help="Leave out: flat, blurred, tiny, grey, near, both, faceless; or none.",
        ),
    ] = "flat",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look and report, without writing anything.")
    ] = False,
    workers: Workers = 0,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Make a dataset from photographs and cartoons.

    Example:  toonify prepare photos/ cartoons/
    """
    from toonify.plugins import parse_options
    from toonify.preparing import PrepareRequest
    from toonify.preparing import prepare as prepare_dataset

    request = PrepareRequest(
        photos=photos,
        cartoons=cartoons,
        output=output,
        source=source,
        source_options=parse_options(source_options or [], "--source-option"),
        size=size,
        crop=crop,
        tone=tone,
        superpixels=superpixels,
        count=count,
        val_fraction=val_fraction,
        reject=tuple(kind.strip() for kind in reject.split(",") if reject != "none"),
        dry_run=dry_run,
        workers=workers,
        seed=seed,
        overwrite=overwrite,
    )
    result = prepare_dataset(request, console.ConsoleProgress(quiet=json))
    if not json:
        console.print_table(*result.table)
    console.finish(result, as_json=json, fields=("reject",))
