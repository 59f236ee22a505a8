"""`toonify train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Seed

NETWORKS, LOSSES, LENGTH = "Networks", "Losses", "Length and rate"
WATCHING, MACHINES, CARD = "Samples, figures and checkpoints", "Machines", "The style's card"
"""Headings of `--help`."""


def train(
    dataset: Annotated[Path, typer.Argument(help="The dataset's folder, from `toonify prepare`.")] = Path(
        "dataset"
    ),
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
    generator: Annotated[
        str | None,
        typer.Option(
            "--generator",
            help="The network to train.",
            rich_help_panel=NETWORKS,
        ),
    ] = None,
    generator_options: Annotated[
        list[str] | None,
        typer.Option(
            "--generator-option",
            metavar="K=V",
            help="An option of the generator.",
            rich_help_panel=NETWORKS,
        ),
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            "--backbone",
            help="Pretrained network whose features the content loss compares.",
            rich_help_panel=NETWORKS,
        ),
    ] = None,
    backbone_options: Annotated[
        list[str] | None,
        typer.Option(
            "--backbone-option",
            metavar="K=V",
            help="An option of the backbone.",
            rich_help_panel=NETWORKS,
        ),
    ] = None,
    backbone_weights: Annotated[
        str | None,
        typer.Option(
            "--backbone-weights",
            metavar="imagenet|FILE|none",
            help="Weights of the backbone.",
            rich_help_panel=NETWORKS,
        ),
    ] = None,
    content_layer: Annotated[
        str | None,
        typer.Option(
            "--content-layer",
            metavar="NAME",
            help="Layer of the backbone to compare.",
            rich_help_panel=NETWORKS,
        ),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            "--loss",
            help="The adversarial loss; `toonify plugins losses` lists the choices.",
            rich_help_panel=LOSSES,
        ),
    ] = None,
    loss_options: Annotated[
        list[str] | None,
        typer.Option(
            "--loss-option",
            metavar="K=V",
            help="An option of the loss.",
            rich_help_panel=LOSSES,
        ),
    ] = None,
    term_weights: Annotated[
        list[str] | None,
        typer.Option(
            "--weight",
            metavar="TERM=X",
            help="Weight of a term of the loss, by its name in the preset.",
            rich_help_panel=LOSSES,
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            "--epochs",
            min=0,
            help="Epochs of the last phase.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    init_epochs: Annotated[
        int | None,
        typer.Option(
            "--init-epochs",
            min=0,
            help="Epochs of the initialisation phase.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    steps_per_epoch: Annotated[
        int | None,
        typer.Option(
            "--steps-per-epoch",
            min=1,
            help="Length of an epoch, instead of once through the pictures.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(
            "--batch-size",
            min=1,
            help="Pictures per step.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning-rate",
            help="Learning rate of every phase.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision",
            metavar="float32|mixed_bfloat16|mixed_float16",
            help="Number format in which layers compute.",
            rich_help_panel=MACHINES,
        ),
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(
            "--ema",
            metavar="DECAY",
            help="Draw with a running average of the weights, such as 0.999; 0 turns it off.",
            rich_help_panel=LENGTH,
        ),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep",
            min=1,
            help="Checkpoints to keep, besides the best.",
            rich_help_panel=WATCHING,
        ),
    ] = None,
    sample_every: Annotated[
        int | None,
        typer.Option(
            "--sample-every",
            metavar="STEPS",
            min=0,
            help="Steps between samples; 0 draws about thirty in all.",
            show_default="0",
            rich_help_panel=WATCHING,
        ),
    ] = None,
    measure_every: Annotated[
        int | None,
        typer.Option(
            "--measure-every",
            metavar="EPOCHS",
            min=0,
            help="Epochs between measurements on the validation pictures.",
            rich_help_panel=WATCHING,
        ),
    ] = None,
    best: Annotated[
        str | None,
        typer.Option(
            "--best",
            metavar="FIGURE",
            help="Make the style from the checkpoint that is best by this figure.",
            rich_help_panel=WATCHING,
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            "--engine",
            metavar="tensorflow|jax",
            help="Library that computes.",
            show_default="tensorflow",
            rich_help_panel=MACHINES,
        ),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            "--strategy",
            metavar="none|mirrored|multiworker",
            help="Devices to use: one, all of this machine, or those of all machines in TF_CONFIG.",
            show_default="none",
            rich_help_panel=MACHINES,
        ),
    ] = None,
    tensorboard: Annotated[
        bool,
        typer.Option(
            "--tensorboard",
            help="Also write logs for TensorBoard.",
            rich_help_panel=WATCHING,
        ),
    ] = False,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="Name of the style.",
            show_default="the run's folder",
            rich_help_panel=CARD,
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            "--licence",
            help="Licence of the style, such as CC-BY-4.0.",
            rich_help_panel=CARD,
        ),
    ] = None,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="NAME;LICENCE;URL",
            help="Where the training pictures come from, for the style's card.",
            rich_help_panel=CARD,
        ),
    ] = None,
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
    from toonify.plugins import parse_numbers, parse_options
    from toonify.training import TrainRequest
    from toonify.training import train as train_style

    request = TrainRequest(
        dataset=dataset,
        output=output,
        preset=preset,
        seed=seed,
        generator=generator,
        generator_options=parse_options(generator_options or [], "--generator-option"),
        backbone=backbone,
        backbone_options=parse_options(backbone_options or [], "--backbone-option"),
        backbone_weights=backbone_weights,
        content_layer=content_layer,
        loss=loss,
        loss_options=parse_options(loss_options or [], "--loss-option"),
        term_weights=parse_numbers(term_weights or [], "--weight"),
        epochs=epochs,
        init_epochs=init_epochs,
        steps_per_epoch=steps_per_epoch,
        batch_size=batch_size,
        learning_rate=learning_rate,
        precision=precision,
        ema=ema,
        keep=keep,
        sample_every=sample_every,
        measure_every=measure_every,
        best=best,
        engine=engine,
        strategy=strategy,
        tensorboard=tensorboard,
        name=name,
        licence=licence,
        sources=tuple(sources or ()),
        start_from=start_from,
        resume=resume,
    )
    report = train_style(request, console.ConsoleProgress(quiet=json))
    console.finish(report, as_json=json)
