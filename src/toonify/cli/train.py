"""`toonify train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from toonify.cli import console
from toonify.cli.console import Json, Seed


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
    generator_options: Annotated[
        list[str] | None,
        typer.Option("--generator-option", metavar="K=V", help="An option of the generator."),
    ] = None,
    backbone: Annotated[
        str | None, typer.Option("--backbone", help="The network whose features the content loss compares.")
    ] = None,
    backbone_options: Annotated[
        list[str] | None, typer.Option("--backbone-option", metavar="K=V", help="An option of the backbone.")
    ] = None,
    backbone_weights: Annotated[
        str | None, typer.Option("--backbone-weights", metavar="imagenet|FILE|none", help="Its weights.")
    ] = None,
    content_layer: Annotated[
        str | None, typer.Option("--content-layer", metavar="NAME", help="The backbone's layer to compare.")
    ] = None,
    loss: Annotated[str | None, typer.Option("--loss", help="The adversarial loss.")] = None,
    loss_options: Annotated[
        list[str] | None, typer.Option("--loss-option", metavar="K=V", help="An option of the loss.")
    ] = None,
    term_weights: Annotated[
        list[str] | None,
        typer.Option("--weight", metavar="TERM=X", help="Of a term of the loss, as the preset names it."),
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
    precision: Annotated[
        str | None,
        typer.Option(
            "--precision", metavar="float32|mixed_bfloat16|mixed_float16", help="What layers compute in."
        ),
    ] = None,
    ema: Annotated[
        float | None,
        typer.Option(
            "--ema",
            metavar="DECAY",
            help="Draw with a running average of the weights, such as 0.999; 0: none.",
        ),
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="Checkpoints that stay, beside the best.")
    ] = None,
    sample_every: Annotated[
        int | None,
        typer.Option(
            "--sample-every",
            metavar="STEPS",
            min=0,
            help="Draw samples; 0: some thirty in all.",
            show_default="0",
        ),
    ] = None,
    measure_every: Annotated[
        int | None,
        typer.Option("--measure-every", metavar="EPOCHS", min=0, help="Measure on the validation pictures."),
    ] = None,
    best: Annotated[
        str | None,
        typer.Option("--best", metavar="FIGURE", help="Make the style of the checkpoint that is best by it."),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", metavar="tensorflow|jax", help="What computes.", show_default="tensorflow"),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            "--strategy",
            metavar="none|mirrored|multiworker",
            help="One device, all of this machine's, or those of all machines in TF_CONFIG.",
            show_default="none",
        ),
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write the run for TensorBoard.")
    ] = False,
    name: Annotated[
        str | None, typer.Option("--name", help="Of the style.", show_default="the run's folder")
    ] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", help="Of the style, for its card, such as CC-BY-4.0.")
    ] = None,
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="NAME;LICENCE;URL", help="Where training pictures come from."),
    ] = None,
    seed: Seed = 0,
    start_from: Annotated[
        str | None,
        typer.Option("--from", metavar="STYLE|RUN", help="Begin with the weights of a style, or a run's."),
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Go on with a run; needs nothing else.")
    ] = None,
    json: Json = False,
) -> None:
    """Train a style on a dataset; what is not given comes from the preset.

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
