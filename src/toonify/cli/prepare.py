"""`toonify prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Overwrite, Seed, Workers
from toonify.text import between_commas


def prepare(
    photos: Annotated[
        Path, typer.Argument(metavar="PHOTOS", help="Folder of photographs.", show_default=False)
    ],
    cartoons: Annotated[
        Path | None,
        typer.Argument(
            metavar="CARTOONS",
            help="Folder of cartoons; not needed if the source makes or brings its own.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write the dataset into.")] = Path(
        "dataset"
    ),
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            help="Where pictures come from; `toonify plugins datasets` lists the choices.",
            show_default="folder",
        ),
    ] = None,
    source_options: Annotated[
        list[str] | None, typer.Option("--source-option", metavar="K=V", help="An option of the source.")
    ] = None,
    size: Annotated[
        int, typer.Option("--size", help="Width and height of the dataset's pictures, in pixels.")
    ] = 256,
    crop: Annotated[
        str,
        typer.Option("--crop", metavar="random|center|face", help="Which square to cut out of a picture."),
    ] = "random",
    tone: Annotated[
        str,
        typer.Option("--tone", metavar="none|auto", help="auto lifts deep shadows off faces in photographs."),
    ] = "none",
    superpixels: Annotated[
        bool,
        typer.Option(
            "--superpixels", help="Also cut photographs into pieces of one colour, for the preset whitebox."
        ),
    ] = False,
    count: Annotated[
        int | None,
        typer.Option(
            "--count",
            metavar="N",
            help="How many pictures of each kind to make.",
            show_default="one from each file",
        ),
    ] = None,
    val_fraction: Annotated[
        float, typer.Option("--val-fraction", help="Share of the files kept for validation.")
    ] = 0.05,
    reject: Annotated[
        str,
        typer.Option(
            "--reject",
            metavar="KINDS",
            help="Flags to leave out: flat, blurred, tiny, grey, near, both, faceless; or none.",
        ),
    ] = "flat",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Report what would be made, without writing anything.")
    ] = False,
    workers: Workers = 0,
    seed: Seed = 0,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Make a dataset from photographs and cartoons.

    Example:  toonify prepare photos/ cartoons/
    """
    from toonify.cli.progress import ConsoleProgress
    from toonify.plugins import parse_options
    from toonify.preparing import PrepareRequest
    from toonify.preparing import prepare as prepare_dataset
    from toonify.preparing.request import default_source

    request = PrepareRequest(
        photos=photos,
        cartoons=cartoons,
        output=output,
        source=default_source() if source is None else source,
        source_options=parse_options(source_options or [], "--source-option"),
        size=size,
        crop=crop,
        tone=tone,
        superpixels=superpixels,
        count=count,
        val_fraction=val_fraction,
        reject=between_commas(reject) or reject,
        dry_run=dry_run,
        workers=workers,
        seed=seed,
        overwrite=overwrite,
    )
    result = prepare_dataset(request, ConsoleProgress(quiet=json))
    if not json:
        console.print_table(*result.table)
    console.finish(result, as_json=json, fields=("reject",))
