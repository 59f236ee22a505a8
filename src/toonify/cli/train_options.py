"""The options of `toonify train` that have a heading of their own; what is not given is the preset's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from typer import Option

from toonify.cli.option_groups import OptionGroup


@dataclass(frozen=True)
class Networks(OptionGroup):
    """The generator, and the backbone of the content loss."""

    heading = "Networks"

    generator: Annotated[
        str | None,
        Option("--generator", help="The network to train; `toonify plugins generators` lists the choices."),
    ] = None
    generator_options: Annotated[
        list[str] | None, Option("--generator-option", metavar="K=V", help="An option of the generator.")
    ] = None
    backbone: Annotated[
        str | None,
        Option("--backbone", help="Pretrained network whose features the content loss compares."),
    ] = None
    backbone_options: Annotated[
        list[str] | None, Option("--backbone-option", metavar="K=V", help="An option of the backbone.")
    ] = None
    backbone_weights: Annotated[
        str | None,
        Option("--backbone-weights", metavar="imagenet|FILE|none", help="Weights of the backbone."),
    ] = None
    content_layer: Annotated[
        str | None, Option("--content-layer", metavar="NAME", help="Layer of the backbone to compare.")
    ] = None

    def values(self) -> dict[str, Any]:
        from toonify.plugins import parse_options

        return vars(self) | {
            "generator_options": parse_options(self.generator_options or [], "--generator-option"),
            "backbone_options": parse_options(self.backbone_options or [], "--backbone-option"),
        }


@dataclass(frozen=True)
class Losses(OptionGroup):
    """What training minimises."""

    heading = "Losses"

    loss: Annotated[
        str | None,
        Option("--loss", help="The adversarial loss; `toonify plugins losses` lists the choices."),
    ] = None
    loss_options: Annotated[
        list[str] | None, Option("--loss-option", metavar="K=V", help="An option of the loss.")
    ] = None
    term_weights: Annotated[
        list[str] | None,
        Option("--weight", metavar="TERM=X", help="Weight of a term of the loss, by its name in the preset."),
    ] = None

    def values(self) -> dict[str, Any]:
        from toonify.plugins import parse_numbers, parse_options

        return vars(self) | {
            "loss_options": parse_options(self.loss_options or [], "--loss-option"),
            "term_weights": parse_numbers(self.term_weights or [], "--weight"),
        }


@dataclass(frozen=True)
class Length(OptionGroup):
    """How long, in which steps, and how fast."""

    heading = "Length and rate"

    epochs: Annotated[int | None, Option("--epochs", min=0, help="Epochs of the last phase.")] = None
    paired_epochs: Annotated[
        int | None, Option("--paired-epochs", min=0, help="Epochs of the paired phase; 0 leaves it out.")
    ] = None
    init_epochs: Annotated[
        int | None,
        Option("--init-epochs", min=0, help="Epochs of the initialisation phase; 0 leaves it out."),
    ] = None
    steps_per_epoch: Annotated[
        int | None,
        Option("--steps-per-epoch", min=1, help="Length of an epoch, instead of once through the pictures."),
    ] = None
    batch_size: Annotated[int | None, Option("--batch-size", min=1, help="Pictures per step.")] = None
    learning_rate: Annotated[
        float | None, Option("--learning-rate", help="Learning rate of every phase.")
    ] = None
    ema: Annotated[
        float | None,
        Option(
            "--ema",
            metavar="DECAY",
            help="Draw with a running average of the weights, such as 0.999; 0 turns it off.",
        ),
    ] = None


@dataclass(frozen=True)
class Machines(OptionGroup):
    """What computes."""

    heading = "Machines"

    precision: Annotated[
        str | None,
        Option(
            "--precision",
            metavar="float32|mixed_bfloat16|mixed_float16",
            help="Number format in which layers compute.",
        ),
    ] = None
    engine: Annotated[
        str | None,
        Option(
            "--engine",
            metavar="tensorflow|jax",
            help="Library that computes.",
            show_default="tensorflow",
        ),
    ] = None
    strategy: Annotated[
        str | None,
        Option(
            "--strategy",
            metavar="none|mirrored|multiworker",
            help="Devices to use: one, all of this machine, or those of all machines in TF_CONFIG.",
            show_default="none",
        ),
    ] = None


@dataclass(frozen=True)
class Watching(OptionGroup):
    """What is kept and measured on the way."""

    heading = "Samples, figures and checkpoints"

    keep: Annotated[int | None, Option("--keep", min=1, help="Checkpoints to keep, besides the best.")] = None
    sample_every: Annotated[
        int | None,
        Option(
            "--sample-every",
            metavar="STEPS",
            min=0,
            help="Steps between samples; 0 draws about thirty in all.",
            show_default="0",
        ),
    ] = None
    measure_every: Annotated[
        int | None,
        Option(
            "--measure-every",
            metavar="EPOCHS",
            min=0,
            help="Epochs between measurements on the validation pictures.",
        ),
    ] = None
    best: Annotated[
        str | None,
        Option(
            "--best",
            metavar="FIGURE",
            help="Make the style from the checkpoint that is best by this figure, such as kid.",
        ),
    ] = None
    tensorboard: Annotated[bool, Option("--tensorboard", help="Also write logs for TensorBoard.")] = False


@dataclass(frozen=True)
class Card(OptionGroup):
    """What the style's card says."""

    heading = "The style's card"

    name: Annotated[
        str | None, Option("--name", help="Name of the style.", show_default="the run's folder")
    ] = None
    licence: Annotated[str | None, Option("--licence", help="Licence of the style, such as CC-BY-4.0.")] = (
        None
    )
    sources: Annotated[
        list[str] | None,
        Option(
            "--source",
            metavar="NAME;LICENCE;URL",
            help="Where the training pictures come from, for the style's card.",
        ),
    ] = None

    def values(self) -> dict[str, Any]:
        return vars(self) | {"sources": tuple(self.sources or ())}
