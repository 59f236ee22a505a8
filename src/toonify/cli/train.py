"""`toonify train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.options import Json, Seed


def train(
    dataset: Annotated[Path, typer.Argument(help="What `toonify prepare` wrote.")] = Path("dataset"),
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The run's folder.", show_default="runs/<preset>-<n>"),
    ] = None,
    preset: Annotated[
        str, typer.Option("--preset", help="Where everything not given comes from: a name, or a .toml file.")
    ] = "cartoongan",
    generator: Annotated[str | None, typer.Option("--generator", help="The network to train.")] = None,
    generator_option: Annotated[
        list[str] | None,
        typer.Option("--generator-option", metavar="K=V", help="An option of the generator."),
    ] = None,
    backbone: Annotated[
        str | None, typer.Option("--backbone", help="The network whose features the content loss compares.")
    ] = None,
    backbone_weights: Annotated[
        str | None, typer.Option("--backbone-weights", metavar="imagenet|FILE|none", help="Its weights.")
    ] = None,
    content_layer: Annotated[
        str | None, typer.Option("--content-layer", metavar="NAME", help="The backbone's layer to compare.")
    ] = None,
    loss: Annotated[str | None, typer.Option("--loss", help="The adversarial loss.")] = None,
    loss_option: Annotated[
        list[str] | None, typer.Option("--loss-option", metavar="K=V", help="An option of the loss.")
    ] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", min=0, help="Of the last phase.")] = None,
    init_epochs: Annotated[
        int | None, typer.Option("--init-epochs", min=0, help="Of the initialisation phase.")
    ] = None,
    steps_per_epoch: Annotated[
        int | None, typer.Option("--steps-per-epoch", min=1, help="Instead of once through the pictures.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option("--batch-size", min=1, help="Pictures in a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option("--learning-rate", help="Of every phase.")] = None,
    seed: Seed = 0,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Go on with a run; needs nothing else.")
    ] = None,
    json: Json = False,
) -> None:
    """Train a style on a dataset; what is not given comes from the preset.

    Example:  toonify train dataset --backbone resnet101 --loss lsgan
    """
    from toonify.plugins import parse_options
    from toonify.training import TrainRequest
    from toonify.training import train as train_style

    request = TrainRequest(
        dataset=dataset,
        output=output,
        preset=preset,
        seed=seed,
        generator=generator,
        generator_options=parse_options(generator_option or [], "--generator-option"),
        backbone=backbone,
        backbone_weights=backbone_weights,
        content_layer=content_layer,
        loss=loss,
        loss_options=parse_options(loss_option or [], "--loss-option"),
        epochs=epochs,
        init_epochs=init_epochs,
        steps_per_epoch=steps_per_epoch,
        batch_size=batch_size,
        learning_rate=learning_rate,
        resume=resume,
    )
    report = train_style(request, console.ConsoleProgress(quiet=json))
    console.finish(report, as_json=json)
