"""Everything that a training run needs, as data: what a preset's file and `run.json` hold, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from toonify.decoding import CloseUp, Count, Decodable, Detail, Enlargement, Natural, Rate, Share, Weight
from toonify.plugins import own_name

ScheduleName = Literal["constant", "cosine"]
StoredAs = Literal["float32", "float16"]
Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]

PHASES = ("paired", "initialisation", "adversarial")  # in the order of a run


@dataclass(frozen=True)
class GeneratorSettings(Decodable):
    """Which generator, and its constructor's arguments."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DataSettings(Decodable):
    """How pictures of the dataset become a batch.

    Attributes:
        crop: Side of the random crops, in pixels; 0, or more than the dataset's pictures have,
            for whole pictures. Rounded down to what the generator needs.
        flip: Mirror half of the pictures, left to right.
        tint: Multiply each colour channel by a random factor in [1 - tint, 1 + tint], the same for a
            photo and whatever gives its colours to a head; 0 for none.
    """

    crop: Natural = 0
    flip: bool = True
    tint: Share = 0.0


@dataclass(frozen=True)
class OptimizerSettings(Decodable):
    """Of Adam (Kingma and Ba, 2015), one for each network."""

    beta_1: Share = 0.9
    beta_2: Share = 0.999


@dataclass(frozen=True)
class DiscriminatorSettings(Decodable):
    """The discriminators' network.

    Attributes:
        width: Channels of the first convolution.
        norm: Whether features are normalised, picture by picture.
        spectral: Whether convolutions are divided by their largest singular value.
    """

    width: Count = 32
    norm: bool = True
    spectral: bool = False


@dataclass(frozen=True)
class BackboneSettings(Decodable):
    """The network whose features the terms compare.

    Attributes:
        name: The plugin.
        options: Its constructor's arguments.
        weights: `imagenet`, the path of a file, or `none`.
        layer: Whose output; empty for the backbone's default.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    weights: str = "imagenet"
    layer: str = ""


@dataclass(frozen=True)
class TermSettings(Decodable):
    """A part of the generator's loss.

    Attributes:
        weight: By which it is multiplied.
        term: The plugin; empty when it is what the table is called.
        options: Its constructor's arguments.
    """

    weight: Weight
    term: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PhaseSettings(Decodable):
    """A stretch of a run.

    Attributes:
        epochs: How often it sees as many pictures as the dataset has.
        learning_rate: The generator's, after warming up.
        terms: What the generator minimises, by the names that `metrics.csv` shall have.
        schedule: `constant`, or `cosine`: falling to 0 at the phase's end along half a cosine.
        warmup_steps: Steps over which the rate rises linearly.
    """

    epochs: Natural
    learning_rate: Rate
    terms: dict[str, TermSettings]
    schedule: ScheduleName = "constant"
    warmup_steps: Natural = 0

    def __post_init__(self) -> None:
        if not self.terms:
            raise ValueError("terms should name what the generator minimises")


@dataclass(frozen=True)
class AdversarialSettings(PhaseSettings):
    """Generator against discriminators: one for each adversarial term.

    Attributes:
        loss: The plugin that has both sides' losses.
        options: Its constructor's arguments.
        discriminator_learning_rate: The discriminators'.
    """

    loss: str = field(default_factory=lambda: own_name("losses", "gan"))
    options: dict[str, Any] = field(default_factory=dict)
    discriminator_learning_rate: Rate = 2e-4


@dataclass(frozen=True)
class MeasuringSettings(Decodable):
    """Figures on the validation split.

    Attributes:
        every: Epochs between measurements; 0 for the end of each phase alone.
        pictures: At most so many of each kind.
        best: The figure by which the best checkpoint is chosen; empty for the first that the run has.
    """

    every: Natural = 5
    pictures: Count = 100
    best: str = ""


@dataclass(frozen=True)
class Settings(Decodable):
    """Everything that a training run needs; the phases that are there run in this order:
    paired, initialisation, adversarial.

    Attributes:
        description: A sentence.
        source: The paper or repository that the values come from.
        batch_size: Pictures in a step.
        steps_per_epoch: 0 for as many as the dataset has whole batches.
        checkpoint_every: Steps between checkpoints.
        keep: Checkpoints that stay, the newest; the best stays besides.
        sample_every: Steps between sample grids; 0 for some thirty, spread over the run.
        precision: What layers compute in; weights, losses and the style are float32 in any case.
        ema: Decay of the running average of the generator's weights (Karras et al., 2018, section
            4.1 and appendix A) that draws the samples and becomes the style; 0 for none.
        detail: Of the style: side in pixels of the square at whose size larger pictures are drawn
            best, for a network that learnt from pictures made smaller; 0 for every size. For a dataset
            of 256² pictures: with those of another it goes up and down (`fitting_detail`).
        enlarge: Of the style: how many times smaller pictures are enlarged at most, to be drawn at that size,
            too; 1 for never.
        close_up: Of the style: pixels of width at which small faces are drawn once more; 0 for never.
        keeps_grey: Of the style: whether the control `colour` is 0 on photographs without colours, where
            networks would add spots of colour.
        style_weights: What the style's weights are rounded to and stored in. float16 halves its files; its
            pictures are the same to the eye.
        name: Of the style; empty for what the run's folder is called.
        licence: Of the style: an SPDX identifier, or words.
        sources: Where the training pictures come from: `name`, and perhaps `licence` and `url` of each.
    """

    description: str
    generator: GeneratorSettings
    source: str = ""
    batch_size: Count = 8
    steps_per_epoch: Natural = 0
    checkpoint_every: Count = 250
    keep: Count = 2
    sample_every: Natural = 0
    precision: Precision = "float32"
    ema: Share = 0.0
    detail: Detail = 0
    enlarge: Enlargement = 1.0
    close_up: CloseUp = 0
    keeps_grey: bool = False
    style_weights: StoredAs = "float32"
    name: str = ""
    licence: str = ""
    sources: list[dict[str, str]] = field(default_factory=list)
    data: DataSettings = field(default_factory=DataSettings)
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    measuring: MeasuringSettings = field(default_factory=MeasuringSettings)
    discriminator: DiscriminatorSettings = field(default_factory=DiscriminatorSettings)
    backbone: BackboneSettings | None = None
    paired: PhaseSettings | None = None
    initialisation: PhaseSettings | None = None
    adversarial: AdversarialSettings | None = None

    def __post_init__(self) -> None:
        if not self.phases:
            raise ValueError("there is no phase to train: neither paired, initialisation nor adversarial")
        for name in ("name", "licence"):
            if not getattr(self, name).isprintable():
                raise ValueError(f"{name} should hold no control characters")
        if any(not {"name"} <= source.keys() <= {"name", "licence", "url"} for source in self.sources):
            raise ValueError("sources should have a name each, and perhaps a licence and a url")

    @property
    def phases(self) -> dict[str, PhaseSettings]:
        """Those that there are, in the order of the run."""
        return {name: phase for name in PHASES if (phase := getattr(self, name)) is not None}
