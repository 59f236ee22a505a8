"""`toonify train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Seed
from toonify.cli.train_options import Card, Length, Losses, Machines, Networks, Watching

FIELDS = ("learning_rate", "loss")
"""Fields of the request that a training's warnings may name; the options are called alike."""


def train(
    dataset: Annotated[Path, typer.Argument(help="The dataset's folder, from `toonify prepare`.")] = Path(
        "dataset"
    ),
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder to write the run into.", show_default="runs/<preset>-<n>"
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            "--preset", help="Preset that sets everything you do not give: a name, or a .toml file."
        ),
    ] = "cartoongan",
    networks: Networks,
    losses: Losses,
    length: Length,
    machines: Machines,
    watching: Watching,
    card: Card,
    seed: Seed = 0,
    start_from: Annotated[
        str | None,
        typer.Option("--from", metavar="STYLE|RUN", help="Start from the weights of a style or a run."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="RUN", help="Continue a run; no other argument is needed."),
    ] = None,
    json: Json = False,
) -> None:
    """Train a style on a dataset. A preset sets everything that you do not give.

    Example:  toonify train dataset --backbone resnet101 --loss lsgan
    """
    from toonify.cli.progress import ConsoleProgress
    from toonify.training import TrainRequest
    from toonify.training import train as train_style

    request = TrainRequest(
        dataset=dataset,
        output=output,
        preset=preset,
        seed=seed,
        start_from=start_from,
        resume=resume,
        **networks.values(),
        **losses.values(),
        **length.values(),
        **machines.values(),
        **watching.values(),
        **card.values(),
    )
    report = train_style(request, ConsoleProgress(quiet=json, fields=FIELDS))
    console.finish(report, as_json=json)
